//! Networks that somebody made to be hard: the border of a VPC is found, or the question is refused as too large. What a refusal
//! makes of a finding is tested beside NET-06.

#[path = "../crates/reachability/examples/plumbline-networks/hostile.rs"]
#[allow(dead_code, reason = "the bench has another size of them")]
mod hostile;

use plumbline_reachability::{Graph, TooMany};

use hostile::{Hostile, TAME, hostile};

/// So few interfaces that a test has the time.
const FEW: Hostile = Hostile { subnets: 4, interfaces: 200, groups: 20, ..TAME };

/// The ways over the border of each VPC, asked twice.
fn borders(much: Hostile) -> Vec<Result<usize, TooMany>> {
    let ec2 = hostile(much);
    let graph = Graph::of(&ec2);
    let ask = || -> Vec<_> {
        let ask = |vpc| graph.border(vpc).map(|border| border.crossings.len());
        ec2.vpcs.seen().map(ask).collect()
    };
    let first = ask();
    assert_eq!(ask(), first, "{much:?}");
    first
}

#[test]
fn each_quota_alone_is_answered() {
    let rings = Hostile { groups: 100, worn: 16, rules: 62, ..FEW };
    let rules = Hostile { groups: 4, rules: 1_000, ..FEW };
    let routes = Hostile { routes: 1_000, ..FEW };
    let entries = Hostile { entries: 40, ..FEW };
    for much in [rings, rules, routes, entries] {
        for ways in borders(much) {
            // Every second interface has a public address, and all may use the peering connection.
            assert!(ways.unwrap() > much.interfaces, "{much:?}");
        }
    }
}

#[test]
fn all_quotas_at_once_are_refused() {
    let much = Hostile { groups: 100, worn: 16, rules: 62, routes: 1_000, entries: 40, listed: 1_000, ..FEW };
    for ways in borders(much) {
        assert_eq!(ways, Err(TooMany));
    }
}
