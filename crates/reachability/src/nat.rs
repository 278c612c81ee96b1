//! NAT gateways ("NAT gateways", "NAT gateway basics") and instances that forward ("NAT instances", Amazon VPC User Guide).

use std::net::IpAddr;

use plumbline_snapshot::ec2::{NatGateway, NetworkInterface};

use crate::branch::{Branch, Forwarding};
use crate::firewall::Way;
use crate::graph::Between;
use crate::packets::Packets;
use crate::rule::Rule;
use crate::view::{NAT_PORTS, Term};
use crate::walk::{Done, Next, Walk};

impl<'a> Branch<'a> {
    /// With another source; of protocols that have ports from whichever port the device takes. INVARIANT: a branch has packets
    /// with ports or without, not both: see [`Walk::by_ports`].
    fn translate(&mut self, device: &'a str, source: IpAddr, ports: bool) {
        let before = self.view;
        self.view = self.view.with_source(source);
        if ports {
            self.view.source_port = Term::Taken;
            self.taken = NAT_PORTS;
        }
        self.translated.push((device, before, self.view));
    }
}

impl<'a> Walk<'_, 'a> {
    /// Those whose protocol has ports, and the others.
    fn by_ports(branch: Branch<'a>) -> Result<[(bool, Vec<Branch<'a>>); 2], crate::packets::TooMany> {
        let with = Packets::protocol(6).or(&Packets::protocol(17))?;
        let (with, without) = branch.split(&with)?;
        Ok([(true, with), (false, without)])
    }

    /// A packet that a route hands to a NAT gateway goes on from the gateway's subnet, by that subnet's table.
    pub(crate) fn enter_nat(&mut self, branch: Branch<'a>, id: &'a str, vpc: &str, from: Option<&'a str>) -> Done {
        let Ok(Some(gateway)) = self.graph.ec2.nat_gateways.get(id) else {
            return self.opened(branch, id, Rule::NotRead);
        };
        if gateway.state != "available" {
            return self.dropped(branch, id, Rule::NatNotAvailable);
        }
        let Some(interfaces) = &gateway.interfaces else { return self.opened(branch, id, Rule::NotRead) };
        let regional = gateway.availability_mode.as_deref() == Some("regional");
        let (Some(place), [interface]) = (&gateway.subnet_id, interfaces.as_slice()) else {
            return self.opened(branch, id, Rule::NatUnknown);
        };
        if regional || gateway.vpc_id != vpc {
            return self.opened(branch, id, Rule::NatUnknown);
        }
        let Some(ip) = interface.ip.as_ref().and_then(|ip| ip.parse::<IpAddr>().ok()) else {
            return self.opened(branch, id, Rule::NatUnknown);
        };
        let (v6, v4) = branch.split(&Packets::all_v6())?;
        self.open_all(v6, id, Rule::NatUnknown);
        let carried = Packets::protocol(6).or(&Packets::protocol(17))?.or(&Packets::protocol(1))?;
        for branch in v4 {
            let (carried, others) = branch.split(&carried)?;
            self.drop_all(others, id, Rule::NatProtocol);
            for branch in carried {
                self.translate_at_nat(branch, gateway, place, from, ip)?;
            }
        }
        Ok(())
    }

    fn translate_at_nat(
        &mut self,
        branch: Branch<'a>,
        gateway: &'a NatGateway,
        place: &'a str,
        from: Option<&'a str>,
        ip: IpAddr,
    ) -> Done {
        let id = gateway.id.as_str();
        let entered = if from == Some(place) { vec![branch] } else { self.pass_acl(branch, place, Way::In)? };
        for branch in entered {
            let Some(branch) = self.visit(branch, id) else { continue };
            let known = gateway.interfaces.iter().flatten().all(|own| self.graph.interface(&own.id).is_ok());
            let subnet = self.graph.subnet(place).ok().filter(|_| known);
            let Some(subnet) = subnet else {
                self.open(branch, id, Rule::NotRead);
                continue;
            };
            for (ports, branches) in Self::by_ports(branch)? {
                for mut branch in branches {
                    branch.translate(id, ip, ports);
                    branch.hop(id, Rule::NatTranslate);
                    branch.between = Between::Other;
                    self.go(branch, Next::Leave(subnet));
                }
            }
        }
        Ok(())
    }

    /// A packet to the address of a NAT gateway: the answer to one it translated, or nothing it takes.
    pub(crate) fn answer_at_nat(
        &mut self,
        branch: Branch<'a>,
        gateway: Option<&'a NatGateway>,
        interface: &'a NetworkInterface,
    ) -> Done {
        let id = gateway.map_or(interface.id.as_str(), |gateway| gateway.id.as_str());
        let (back, others) = self.back(branch, id)?;
        self.drop_all(others, id, Rule::NatUnsolicited);
        for branch in back {
            let Some(mut branch) = self.visit(branch, id) else { continue };
            branch.hop(id, Rule::NatReply);
            branch.between = Between::Other;
            match self.graph.subnet(&interface.subnet_id) {
                Ok(subnet) => self.go(branch, Next::Leave(subnet)),
                Err(rule) => self.open(branch, &interface.subnet_id, rule),
            }
        }
        Ok(())
    }

    /// An instance without the source/destination check passes the packet on, as it is or with its own address. That it forwards
    /// at all is assumed; through which of several interfaces is not known.
    pub(crate) fn forward(&mut self, mut branch: Branch<'a>, interface: &'a NetworkInterface) -> Done {
        let id = interface.id.as_str();
        let Some(instance) = interface.instance_id.as_deref() else {
            return self.opened(branch, id, Rule::InstanceUnknown);
        };
        let ec2 = self.graph.ec2;
        let of = ec2.network_interfaces.seen().filter(|it| it.instance_id.as_deref() == Some(instance)).count();
        if of > 1 || !self.graph.knows_interfaces() {
            return self.opened(branch, id, Rule::InstanceUnknown);
        }
        branch.assume(id);
        let chosen = branch.forwarding;
        if chosen != Some(Forwarding::Translated) {
            let mut branch = branch.clone();
            if !self.is_answer() {
                branch.forwarding = Some(Forwarding::Unchanged);
            }
            branch.hop(id, Rule::InstanceUnchanged);
            self.go(branch, Next::Send(interface));
        }
        // How an instance that translates treats an answer to what it had not sent is its own affair.
        if chosen == Some(Forwarding::Translated) && self.is_answer() {
            return self.opened(branch, id, Rule::InstanceUnknown);
        }
        if chosen == Some(Forwarding::Unchanged) || self.is_answer() {
            return Ok(());
        }
        branch.forwarding = Some(Forwarding::Translated);
        let (v4, v6) = branch.split(&Packets::all_v4())?;
        for (branches, six) in [(v4, false), (v6, true)] {
            let own: Vec<IpAddr> = interface
                .addresses
                .iter()
                .flatten()
                .filter_map(|own| own.ip.parse().ok())
                .filter(|ip: &IpAddr| ip.is_ipv6() == six)
                .collect();
            let [own] = own.as_slice() else {
                self.open_all(branches, id, Rule::InstanceUnknown);
                continue;
            };
            for branch in branches {
                for (ports, branches) in Self::by_ports(branch)? {
                    for mut branch in branches {
                        branch.translate(id, *own, ports);
                        branch.hop(id, Rule::InstanceTranslate);
                        self.go(branch, Next::Send(interface));
                    }
                }
            }
        }
        Ok(())
    }
}
