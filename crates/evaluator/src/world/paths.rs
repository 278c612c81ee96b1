//! The ways in and out of a place's VPC, found once: who really gets through a gateway.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use plumbline_findings::{Evidence, Hop};
use plumbline_reachability::{Border, Crossing, Direction, Graph, Lost, Said, TooMany};
use plumbline_snapshot::ec2::{Ec2, Vpc};

use crate::judge::Say;
use crate::place::Place;
use crate::world::World;

/// The ways over the border of each VPC by its id, looked up once.
#[derive(Debug, Default)]
pub(crate) struct Paths<'a>(Mutex<HashMap<&'a str, Arc<Ways>>>);

/// The ways in and out of a VPC.
#[derive(Debug, Default)]
struct Ways {
    /// One for each interface and way.
    ways: Vec<Leading>,
    /// Where packets are lost from sight.
    lost: Vec<Lost>,
    /// Whether something that the question is about was not seen, or it was too large to be answered.
    unseen: bool,
}

/// A way that an interface may use.
#[derive(Debug)]
struct Leading {
    /// The interface's id.
    interface: String,
    /// Every id that it passes.
    passes: Vec<String>,
    surely: bool,
    /// Such as `eni-1 (i-1, subnet-1) gets out through it with tcp 443`.
    sentence: String,
    hops: Vec<Said>,
}

/// Who gets through a gateway, for a message and its evidence.
pub(crate) struct Users {
    /// Such as `; eni-1 (subnet-1) gets out through it with tcp 443`.
    sentence: String,
    /// A way that shows it.
    evidence: Option<Evidence>,
}

impl Users {
    /// A violation: what is there, and who gets through it.
    pub(crate) fn broken(self, say: &mut Say<'_>, message: String, facts: impl IntoIterator<Item = Evidence>) {
        say.broken(message + &self.sentence, facts.into_iter().chain(self.evidence));
    }
}

impl Leading {
    fn passes(&self, id: &str) -> bool {
        self.interface == id || self.passes.iter().any(|own| own == id)
    }
}

impl<'a> World<'a> {
    /// A way that passes two things, such as a subnet and what its route leads to.
    pub(crate) fn way_through(&self, place: &Place<'a>, vpc: &str, both: [&str; 2]) -> Option<Evidence> {
        let ec2 = &self.regional(place).ok()?.ec2;
        let ways = self.ways(ec2, ec2.vpcs.get(vpc).ok()??);
        let way = ways.ways.iter().find(|way| way.surely && both.iter().all(|id| way.passes(id)))?;
        Some(path_of(&way.hops))
    }

    /// Who gets through a gateway, peering connection or transit gateway of the VPC.
    pub(crate) fn users(&self, place: &Place<'a>, vpc: &'a Vpc, gateway: &str) -> Users {
        let Ok(regional) = self.regional(place) else {
            return Users { sentence: String::new(), evidence: None };
        };
        let ways = self.ways(&regional.ec2, vpc);
        let through = || ways.ways.iter().filter(|way| way.passes(gateway));
        let sure: BTreeSet<&str> = through().filter(|way| way.surely).map(|way| way.interface.as_str()).collect();
        let first = through().find(|way| way.surely);
        let sentence = match first {
            Some(way) => format!("; {}{}", way.sentence, more(sure.len().saturating_sub(1))),
            None if ways.unseen
                || through().next().is_some()
                || ways.lost.iter().any(|lost| may_pass(lost, gateway)) =>
            {
                "; whether anything gets through it was not seen".to_owned()
            }
            None => "; no packet gets through it today".to_owned(),
        };
        Users { sentence, evidence: first.map(|way| path_of(&way.hops)) }
    }

    fn ways(&self, ec2: &'a Ec2, vpc: &'a Vpc) -> Arc<Ways> {
        let known = |paths: &Paths<'a>| {
            let paths = paths.0.lock().unwrap_or_else(PoisonError::into_inner);
            paths.get(vpc.id.as_str()).map(Arc::clone)
        };
        if let Some(known) = known(&self.paths) {
            return known;
        }
        // A question too large to be answered leaves open who gets through.
        let found = Arc::new(ways_of(ec2, vpc).unwrap_or(Ways { unseen: true, ..Ways::default() }));
        let mut paths = self.paths.0.lock().unwrap_or_else(PoisonError::into_inner);
        paths.insert(&vpc.id, Arc::clone(&found));
        found
    }
}

/// Whether what is lost from sight may lead through a gateway: not if it is lost at the edge of another network.
fn may_pass(lost: &Lost, gateway: &str) -> bool {
    let edge = ["tgw-", "pcx-", "vgw-"].iter().any(|kind| lost.said.at.starts_with(kind));
    !edge || lost.passed.iter().any(|id| id == gateway)
}

fn ways_of(ec2: &Ec2, vpc: &Vpc) -> Result<Ways, TooMany> {
    let graph = Graph::of(ec2);
    let Border { crossings, lost, missing } = graph.border(vpc)?;
    let mut found = Ways { lost, unseen: !missing.is_empty(), ..Ways::default() };
    for crossing in &crossings {
        let packets = crossing.packets()?;
        let Some(packet) = packets.witness() else { continue };
        found.ways.push(Leading {
            interface: crossing.interface.id.clone(),
            passes: crossing.passes().into_iter().map(str::to_owned).collect(),
            surely: crossing.surely,
            sentence: in_words(&graph, crossing, &packets),
            hops: graph.explain(&crossing.hops(&packet)),
        });
    }
    Ok(found)
}

fn in_words(graph: &Graph<'_>, crossing: &Crossing<'_>, packets: &plumbline_reachability::Packets) -> String {
    let with = packets.flows().first().map_or(String::new(), |flow| {
        let ports = if flow.ports == "all" { String::new() } else { format!(" {}", flow.ports) };
        let protocol = if flow.protocol == "all" { "any packet" } else { &flow.protocol };
        format!(" with {protocol}{ports}")
    });
    let interface = graph.named(&crossing.interface.id);
    match crossing.direction() {
        Direction::Out => format!("{interface} gets out through it{with}"),
        Direction::In => format!("{interface} is reached through it{with}"),
    }
}

fn more(others: usize) -> String {
    match others {
        0 => String::new(),
        1 => ", and one other network interface".to_owned(),
        others => format!(", and {others} other network interfaces"),
    }
}

fn path_of(hops: &[Said]) -> Evidence {
    let hop = |said: &Said| Hop {
        at: said.at.as_str().into(),
        rule: said.rule.as_str().into(),
        says: said.says.as_str().into(),
    };
    Evidence::Path { hops: hops.iter().map(hop).collect() }
}
