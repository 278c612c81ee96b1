//! Answers in words, without a snapshot: what is printed.

use std::collections::{BTreeMap, BTreeSet};

use crate::branch::By;
use crate::explain::Said;
use crate::flow::Flow;
use crate::graph::Graph;
use crate::node::Node;
use crate::packets::Packet;
use crate::path::Hop;
use crate::reach::{Back, Path, Reach, Stop};
use crate::routes::{Target, target};
use crate::rule::Rule;

/// A kind of path in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldPath {
    /// Who sends: an id with what it belongs to, or `internet`.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// The packets.
    pub flows: Vec<Flow>,
    /// One of them, whose hops these are.
    pub witness: Packet,
    /// From the sender to the end.
    pub hops: Vec<Said>,
    /// Whether the answer comes back.
    pub back: Back,
    /// By which hops, or up to which.
    pub back_hops: Vec<Said>,
    /// What has to pass it on.
    pub assumes: Vec<String>,
    /// What it goes by that an [`Outline`](crate::outline::Outline) has, in order: subnets, gateways, endpoints, `internet`.
    pub stations: Vec<String>,
}

/// A change that closes paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The route or rule to take away, or the gateway.
    pub said: Said,
    /// How many of the paths it closes that no change before it does.
    pub closes: usize,
}

/// The answer to a question in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// One end.
    pub from: String,
    /// The other.
    pub to: String,
    /// Every kind of path.
    pub paths: Vec<ToldPath>,
    /// What stops all other packets.
    pub closed_by: Vec<Stop>,
    /// Where packets are lost from sight.
    pub unknown: Vec<ToldPath>,
    /// What was not seen of the ends themselves.
    pub missing: Vec<Said>,
    /// The fewest changes that close every path, as far as taking the one that closes most first finds them.
    pub cuts: Vec<Cut>,
}

impl<'a> Graph<'a> {
    /// An answer in words.
    #[must_use]
    pub fn told(&self, from: &Node<'a>, to: &Node<'a>, reach: Reach<'a>) -> Told {
        // What is within a VPC is not to be closed as a whole.
        let shut = [from, to].into_iter().any(|node| matches!(node, Node::Internet | Node::Gateway(_)));
        let (from, to) = (from.to_string(), to.to_string());
        Told {
            from,
            to,
            cuts: if shut { self.cuts(&reach.paths) } else { Vec::new() },
            paths: reach.paths.iter().map(|path| self.told_path(path)).collect(),
            closed_by: reach.closed_by,
            unknown: reach.unknown.iter().map(|path| self.told_path(path)).collect(),
            missing: reach.missing,
        }
    }

    /// A kind of path in words.
    #[must_use]
    pub fn told_path(&self, path: &Path<'a>) -> ToldPath {
        ToldPath {
            from: self.named(path.from),
            to: self.named(path.to),
            flows: path.packets.flows(),
            witness: path.witness,
            hops: self.explain(&path.hops),
            back: path.back,
            back_hops: self.explain(&path.back_hops),
            assumes: path.assumes.iter().map(|id| self.named(id)).collect(),
            stations: self.stations(path),
        }
    }

    /// An id with what it belongs to.
    #[must_use]
    pub fn named(&self, id: &str) -> String {
        let Ok(interface) = self.interface(id) else { return id.to_owned() };
        let kind = (interface.kind != "interface").then_some(interface.kind.as_str());
        let of: Vec<&str> =
            [interface.instance_id.as_deref(), kind, Some(&*interface.subnet_id)].into_iter().flatten().collect();
        format!("{id} ({})", of.join(", "))
    }

    /// The changes that close every path: each time the one that closes most of those that are still open.
    fn cuts(&self, paths: &[Path<'a>]) -> Vec<Cut> {
        let mut open: BTreeMap<Said, BTreeSet<usize>> = BTreeMap::new();
        for (at, path) in paths.iter().enumerate() {
            for hop in path.hops.iter().filter(|hop| can_go(hop)) {
                open.entry(self.said(hop)).or_default().insert(at);
            }
        }
        let mut cuts = Vec::new();
        loop {
            let most = open.iter().max_by_key(|(said, closes)| (closes.len(), std::cmp::Reverse((*said).clone())));
            let Some((said, closes)) = most.map(|(said, closes)| (said.clone(), closes.clone())) else { break };
            if closes.is_empty() {
                break;
            }
            open.values_mut().for_each(|own| own.retain(|at| !closes.contains(at)));
            cuts.push(Cut { said, closes: closes.len() });
        }
        cuts
    }
}

/// Whether a hop is something that can be taken away: a route that leaves the VPC, a rule of a group, a gateway.
fn can_go(hop: &Hop<'_>) -> bool {
    match hop.by {
        By::Route(route) => target(route) != Target::Local,
        By::Groups(..) => hop.rule == Rule::GroupAllow,
        By::Rule => matches!(hop.rule, Rule::IgwIn | Rule::IgwOut | Rule::EgressOnlyOut | Rule::Peering),
        By::Acl(..) => false,
    }
}
