//! NET-17: the network ACL of each environment subnet does not admit the internet.

use std::collections::BTreeMap;

use ipnet::IpNet;
use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Reason, Severity};
use plumbline_reachability::{Bounds, Entry, Packet, Packets, TooMany, ingress};
use plumbline_snapshot::ec2::{self, AclEntry, NetworkAcl, Subnet};

use crate::Control;
use crate::baseline::NaclMode;
use crate::judge::{self, Known, Say, Unknown, few, field};
use crate::place::Place;
use crate::world::World;
use crate::world::acls::Welcome;
use crate::world::network::subnet_ref;
use crate::world::rules::traffic;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &ec2::VPCS,
        &ec2::SUBNETS,
        &ec2::NETWORK_ACLS,
        // What `strict` lets in.
        &ec2::MANAGED_PREFIX_LISTS,
        &ec2::PREFIX_LIST_ENTRIES,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "NET-17",
    name: "network-acl-closed",
    title: "The network ACL of each environment subnet does not admit the internet.",
    area: Area::Network,
    severity: Severity::Low,
    origin: Origin::Beyond,
    scope: "subnet",
    rationale: "A network ACL still holds when a security group is opened by mistake, but only if it does not admit everyone itself.",
    decided: "The ingress entries of the subnet's ACL are asked in their order. With `nacl_mode` admin_ports, those that really admit something on tcp 22 or 3389 must not come, together, from all of IPv4 or IPv6. With strict, what an entry really admits must come from a block of the VPC, be listed in `allowed_ingress`, or come from the prefix list of S3 on tcp 1024-65535. The ACL that AWS makes with a VPC admits everything.",
    remediation: "Narrow the entry to the blocks of the VPC, or let a deny of the port come before it.",
    maps: Maps { securityhub: &["EC2.21"], cis: &["5.1"], nist: &["SC-7"] },
};

/// The ports of remote administration.
const ADMIN_PORTS: [u16; 2] = [22, 3389];

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let mode = place.environments.iter().map(|environment| environment.nacl_mode).max().unwrap_or_default();
    if mode == NaclMode::Off {
        let subject = place.subject(place.resource(), None);
        return vec![judge::nothing(&INFO, subject, Reason::NotRequiredByBaseline)];
    }
    let welcome = (mode == NaclMode::Strict).then(|| world.welcome(place));
    judge::each(
        &INFO,
        place,
        world.subnets(place),
        |subnet| (subnet_ref(subnet), None),
        |say, subnet| {
            let acl = world.acl_of(place, subnet)?;
            let entries = ingress(acl)?;
            match &welcome {
                None => look_at_ports(subnet, acl, &entries, say),
                Some(welcome) => look_at_all(subnet, acl, &entries, welcome.as_ref().map_err(Clone::clone)?, say),
            }
        },
    )
}

fn look_at_ports<'a>(subnet: &Subnet, acl: &NetworkAcl, entries: &[Entry<'_>], say: &mut Say<'a>) -> Known<'a, ()> {
    // By the numbers of the entries that open them together.
    let mut open: BTreeMap<Vec<i32>, (Vec<&Entry<'_>>, Vec<u16>)> = BTreeMap::new();
    for (everyone, all) in [(Packets::all_v4(), "0.0.0.0/0"), (Packets::all_v6(), "::/0")] {
        for port in ADMIN_PORTS {
            let wanted = everyone.and(&Packets::protocol(6))?.and(&Packets::ports(port, port))?;
            if let Some(opening) = covering(entries, &wanted, Bounds::surely)? {
                let numbers = opening.iter().map(|entry| entry.entry.number).collect();
                open.entry(numbers).or_insert_with(|| (opening, Vec::new())).1.push(port);
            } else if covering(entries, &wanted, Bounds::possibly)?.is_some() {
                say.unknown(doubt(acl, entries, &format!("whether it admits tcp {port} from {all}")));
            }
        }
    }
    for (numbers, (opening, ports)) in open {
        let ports = few(" and ", ports);
        let sources = few(", ", opening.iter().map(|entry| source(entry.entry)));
        let message =
            format!("`{}` of `{}` admits tcp {ports} from {sources} ({})", acl.id, subnet.id, rules(&numbers));
        let wanted = "tcp 22 and 3389 from less than everyone";
        say.broken(message, opening.iter().map(|entry| evidence(acl, entry.entry, wanted)));
    }
    Ok(())
}

/// The entries that let in some of `wanted`, if what they match holds all of it: those that are needed for that.
fn covering<'e, 'p>(
    entries: &'e [Entry<'p>],
    wanted: &Packets,
    bound: fn(&Bounds) -> &Packets,
) -> Result<Option<Vec<&'e Entry<'p>>>, TooMany> {
    let mut counting = Vec::new();
    for entry in entries {
        if !bound(&entry.admits).and(wanted)?.is_empty() {
            counting.push((entry, bound(&entry.matches).and(wanted)?));
        }
    }
    // The widest first: what narrower ones match they hold.
    counting.sort_by_key(|(entry, _)| width(entry.entry));
    let (mut left, mut needed) = (wanted.clone(), Vec::new());
    for (entry, matched) in counting {
        if !left.and(&matched)?.is_empty() {
            left = left.minus(&matched)?;
            needed.push(entry);
        }
    }
    needed.sort_by_key(|entry| entry.entry.number);
    Ok(left.is_empty().then_some(needed))
}

fn width(entry: &AclEntry) -> u8 {
    let blocks = entry.ipv4.iter().chain(&entry.ipv6).filter_map(|block| block.parse::<IpNet>().ok());
    blocks.map(|block| block.prefix_len()).min().unwrap_or(0)
}

fn look_at_all<'a>(
    subnet: &Subnet,
    acl: &NetworkAcl,
    entries: &[Entry<'_>],
    welcome: &Welcome<'a>,
    say: &mut Say<'a>,
) -> Known<'a, ()> {
    for Entry { entry, admits, .. } in entries {
        let more = admits.minus(&welcome.packets)?;
        if let Some(witness) = more.surely().witness() {
            say.broken(
                format!(
                    "`{}` of `{}` admits {} from {} ({}), such as {}",
                    acl.id,
                    subnet.id,
                    what(entry),
                    source(entry),
                    rules(&[entry.number]),
                    in_words(&witness),
                ),
                [evidence(
                    acl,
                    entry,
                    "a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535",
                )],
            );
        } else if !more.possibly().is_empty() {
            let own = admits.possibly().minus(welcome.packets.possibly())?;
            match &welcome.doubt {
                Some(unknown) if own.is_empty() => say.unknown(unknown.clone()),
                _ => say.unknown(doubt(acl, entries, &format!("what {} admits", rules(&[entry.number])))),
            }
        }
    }
    Ok(())
}

/// Why it is not known what an ACL admits.
fn doubt<'a>(acl: &NetworkAcl, entries: &[Entry<'_>], question: &str) -> Unknown<'a> {
    let known =
        |entry: &&Entry<'_>| entry.matches.is_known() && ["allow", "deny"].contains(&entry.entry.action.as_str());
    let strange: Vec<i32> = entries.iter().filter(|entry| !known(entry)).map(|entry| entry.entry.number).collect();
    Unknown::Because(
        Reason::Unresolved,
        format!("`{}` has in {} what is not known here: {question} is not settled", acl.id, rules(&strange)),
    )
}

/// Such as `rule 100` or `rules 100 and 110`.
fn rules(numbers: &[i32]) -> String {
    format!("{} {}", if numbers.len() == 1 { "rule" } else { "rules" }, few(" and ", numbers))
}

fn source(entry: &AclEntry) -> String {
    let blocks = few(", ", entry.ipv4.iter().chain(&entry.ipv6));
    if blocks.is_empty() { "a source that is not known here".to_owned() } else { blocks }
}

/// The traffic that an entry is about: as for security groups, but of ICMP its type.
fn what(entry: &AclEntry) -> String {
    let words = traffic(&entry.protocol, entry.from_port, entry.to_port);
    match (entry.protocol.as_str(), entry.icmp) {
        ("1" | "58", Some((kind, code))) => {
            let name = words.split(',').next().unwrap_or(&words);
            match (kind, code) {
                (-1, _) => name.to_owned(),
                (kind, -1) => format!("{name} type {kind}"),
                (kind, code) => format!("{name} type {kind} code {code}"),
            }
        }
        _ => words,
    }
}

/// Such as `tcp 443 from 198.51.100.1`.
fn in_words(packet: &Packet) -> String {
    let flows = Packets::just(packet).flows();
    let told = flows.first().map(|flow| {
        let ports = if flow.ports == "all" { String::new() } else { format!(" {}", flow.ports) };
        let named = flow.protocol.starts_with(|first: char| !first.is_ascii_digit());
        format!("{}{}{ports} from {}", if named { "" } else { "protocol " }, flow.protocol, flow.sources)
    });
    told.unwrap_or_default()
}

fn evidence(acl: &NetworkAcl, entry: &AclEntry, wanted: &str) -> Evidence {
    field(
        &ec2::NETWORK_ACLS,
        format!("{}.Entries[{}]", acl.id, entry.number),
        format!("{} {} from {}", entry.action, what(entry), source(entry)),
        wanted,
    )
}

#[cfg(test)]
mod tests;
