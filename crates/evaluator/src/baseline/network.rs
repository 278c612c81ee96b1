//! The private network: what may be attached to it, and what may pass.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use ipnet::IpNet;
use plumbline_names::AccountId;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::schema::{AccountText, CidrText};
use super::text::cidrs;

/// The other side of a peering connection that may exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its account.
    #[schemars(with = "AccountText")]
    pub account: AccountId,
    /// Its VPC id.
    pub vpc: String,
}

/// A route target beyond the VPC and its gateway endpoints that may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteTarget {
    /// The target's id, such as `pcx-0a1b`.
    pub target: String,
    /// Destinations that may go there: each route's must lie inside one of these.
    #[serde(with = "cidrs")]
    #[schemars(with = "Vec<CidrText>")]
    pub cidrs: Vec<IpNet>,
}

/// Traffic that a rule may let through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrafficRule {
    /// The far end: the source of ingress, the destination of egress.
    pub peer: TrafficPeer,
    /// The protocol.
    pub protocol: Protocol,
    /// Ports of TCP and UDP; empty for protocols that have none, and for all protocols.
    pub ports: BTreeSet<PortRange>,
}

/// The far end of allowed traffic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrafficPeer {
    /// A network, IPv4 or IPv6.
    Cidr(IpNet),
    /// A prefix list id, `pl-…`.
    PrefixList(String),
    /// A security group id, `sg-…`.
    Group(String),
}

/// A protocol, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP for IPv4.
    Icmp,
    /// ICMP for IPv6.
    Icmpv6,
    /// Every protocol, `-1` in EC2's words.
    All,
}

/// Ports from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortRange {
    /// The first port.
    pub first: u16,
    /// The last port.
    pub last: u16,
}

/// How strictly network ACLs are judged (NET-17).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NaclMode {
    /// Not at all.
    Off,
    /// No administration port is open to the world.
    #[default]
    AdminPorts,
    /// Nothing beyond the VPC and the allowed ingress is let in.
    Strict,
}

impl TrafficRule {
    /// Whether `port` of `protocol` is among what is allowed.
    #[must_use]
    pub fn allows(&self, protocol: Protocol, port: u16) -> bool {
        self.protocol == Protocol::All
            || (self.protocol == protocol
                && (self.ports.is_empty() || self.ports.iter().any(|range| range.contains(port))))
    }
}

impl PortRange {
    /// Whether the port lies inside.
    #[must_use]
    pub fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { write!(f, "{}", self.first) } else { write!(f, "{}-{}", self.first, self.last) }
    }
}

impl fmt::Display for TrafficPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(network) => network.fmt(f),
            Self::PrefixList(id) | Self::Group(id) => f.write_str(id),
        }
    }
}

impl Protocol {
    /// The word of the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Icmpv6 => "icmpv6",
            Self::All => "all",
        }
    }
}

impl fmt::Display for TrafficRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.peer, self.protocol.as_str())?;
        self.ports.iter().enumerate().try_for_each(|(index, range)| {
            f.write_str(if index == 0 { " " } else { ", " })?;
            range.fmt(f)
        })
    }
}

impl FromStr for TrafficPeer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("pl-") {
            Ok(Self::PrefixList(text.to_owned()))
        } else if text.starts_with("sg-") {
            Ok(Self::Group(text.to_owned()))
        } else {
            text.parse().map(Self::Cidr).map_err(|_| {
                format!(
                    "expected a network such as `10.9.0.0/16`, a prefix list `pl-…` or a group `sg-…`, found `{text}`"
                )
            })
        }
    }
}

impl<'de> Deserialize<'de> for TrafficPeer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for TrafficPeer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for TrafficPeer {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TrafficPeer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A network such as `10.9.0.0/16`, a prefix list `pl-…` or a security group `sg-…`."
        })
    }
}

impl<'de> Deserialize<'de> for PortRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ports;

        impl de::Visitor<'_> for Ports {
            type Value = PortRange;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a port (0 to 65535) or a range such as `1024-65535`")
            }

            fn visit_u64<E: de::Error>(self, port: u64) -> Result<PortRange, E> {
                u16::try_from(port)
                    .map(|port| PortRange { first: port, last: port })
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(port), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<PortRange, E> {
                let bounds = text.split_once('-').unwrap_or((text, text));
                match (bounds.0.trim().parse(), bounds.1.trim().parse()) {
                    (Ok(first), Ok(last)) if first <= last => Ok(PortRange { first, last }),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(Ports)
    }
}

impl Serialize for PortRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.first == self.last { serializer.serialize_u16(self.first) } else { serializer.collect_str(self) }
    }
}

impl JsonSchema for PortRange {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PortRange".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A port, or a range such as `1024-65535`.",
            "oneOf": [
                { "type": "integer", "minimum": 0, "maximum": 65535 },
                { "type": "string", "pattern": "^[0-9]+(-[0-9]+)?$" }
            ]
        })
    }
}

/// An allowed ingress rule as it stands in the file.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IngressRule {
    /// Where the traffic comes from.
    source: TrafficPeer,
    /// The protocol.
    protocol: Protocol,
    /// Ports, required for `tcp` and `udp`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    ports: BTreeSet<PortRange>,
}

/// An allowed egress rule as it stands in the file.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EgressRule {
    /// Where the traffic goes to.
    destination: TrafficPeer,
    /// The protocol.
    protocol: Protocol,
    /// Ports, required for `tcp` and `udp`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    ports: BTreeSet<PortRange>,
}

impl From<IngressRule> for TrafficRule {
    fn from(IngressRule { source, protocol, ports }: IngressRule) -> Self {
        Self { peer: source, protocol, ports }
    }
}

impl From<EgressRule> for TrafficRule {
    fn from(EgressRule { destination, protocol, ports }: EgressRule) -> Self {
        Self { peer: destination, protocol, ports }
    }
}

/// Allowed ingress in the file's words.
pub(super) mod ingress {
    use super::{Deserialize, Deserializer, IngressRule, Serializer, TrafficRule};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<TrafficRule>, D::Error> {
        Ok(Vec::<IngressRule>::deserialize(from)?.into_iter().map(TrafficRule::from).collect())
    }

    pub(in super::super) fn serialize<S: Serializer>(rules: &[TrafficRule], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(rules.iter().cloned().map(|TrafficRule { peer, protocol, ports }| IngressRule {
            source: peer,
            protocol,
            ports,
        }))
    }
}

/// Allowed egress in the file's words.
pub(super) mod egress {
    use super::{Deserialize, Deserializer, EgressRule, Serializer, TrafficRule};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<TrafficRule>, D::Error> {
        Ok(Vec::<EgressRule>::deserialize(from)?.into_iter().map(TrafficRule::from).collect())
    }

    pub(in super::super) fn serialize<S: Serializer>(rules: &[TrafficRule], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(rules.iter().cloned().map(|TrafficRule { peer, protocol, ports }| EgressRule {
            destination: peer,
            protocol,
            ports,
        }))
    }
}

/// The defaults of this area.
pub(super) mod default {
    /// Zones that the subnets must span.
    pub(in super::super) fn min_azs() -> u32 {
        2
    }

    /// Fields without which a flow log does not say who talked to whom.
    pub(in super::super) const FLOW_LOG_FIELDS: [&str; 6] =
        ["srcaddr", "dstaddr", "srcport", "dstport", "protocol", "action"];

    pub(in super::super) fn flow_log_required_fields() -> Vec<String> {
        FLOW_LOG_FIELDS.map(str::to_owned).to_vec()
    }
}
