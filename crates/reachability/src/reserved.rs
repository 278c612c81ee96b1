//! Addresses that are special.

use std::net::IpAddr;

use ipnet::IpNet;
use plumbline_snapshot::ec2::Vpc;

use crate::cube::Dimension;
use crate::graph::blocks_of;
use crate::packets::Packets;

/// Private and shared IPv4 addresses (RFC 1918, RFC 6598), unique local IPv6 ones (RFC 4193).
const PRIVATE: [&str; 5] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];
const MULTICAST: [&str; 2] = ["224.0.0.0/4", "ff00::/8"];
/// Of the instance metadata service, the clock and the resolver ("Subnet CIDR blocks", Amazon VPC User Guide).
const LINK_LOCAL: [&str; 3] = ["169.254.0.0/16", "fe80::/10", "fd00:ec2::/32"];

/// Packets by whether an end of theirs is special.
pub(crate) struct Special {
    /// From what the internet may have.
    pub(crate) from_public: Packets,
    /// From what the internet knows nothing of.
    pub(crate) from_private: Packets,
    /// To what the internet knows nothing of.
    pub(crate) to_private: Packets,
    /// To what internet gateways say nothing of: private addresses and groups of hosts.
    pub(crate) to_nowhere: Packets,
    /// To what the internet may have.
    pub(crate) to_internet: Packets,
    /// To AWS's own services.
    pub(crate) to_link_local: Packets,
    /// From unique local IPv6 addresses.
    pub(crate) from_unique_local: Packets,
}

impl Special {
    pub(crate) fn new() -> Self {
        let to = |blocks: &[&str]| all_of(blocks, Dimension::Destination);
        let from_private = all_of(&PRIVATE, Dimension::Source);
        let nowhere = [&PRIVATE[..], &MULTICAST[..]].concat();
        let others = [&nowhere[..], &LINK_LOCAL[..]].concat();
        Special {
            from_public: Packets::all().minus(&from_private).unwrap_or_default(),
            from_private,
            to_private: to(&PRIVATE),
            to_nowhere: to(&nowhere),
            to_internet: Packets::all().minus(&to(&others)).unwrap_or_default(),
            to_link_local: to(&LINK_LOCAL),
            from_unique_local: all_of(&["fc00::/7"], Dimension::Source),
        }
    }
}

/// Packets of these blocks.
fn all_of(blocks: &[&str], dimension: Dimension) -> Packets {
    Packets::of_blocks(blocks.iter().filter_map(|block| block.parse().ok()), dimension)
}

/// To AWS's own services at link-local addresses, and to the resolver of a VPC at the base of each IPv4 block plus two.
pub(crate) fn to_reserved(vpc: &Vpc) -> Packets {
    let resolvers = blocks_of(vpc).filter_map(|block| match block {
        IpNet::V4(block) => {
            let resolver = u32::from(block.network()).saturating_add(2);
            Some(IpNet::from(IpAddr::V4(resolver.into())))
        }
        IpNet::V6(_) => None,
    });
    let link_local = LINK_LOCAL.iter().filter_map(|block| block.parse().ok());
    Packets::of_blocks(link_local.chain(resolvers), Dimension::Destination)
}
