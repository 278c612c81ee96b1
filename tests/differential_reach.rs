//! `Graph::ways` held against the verdicts of the packet walker, which shares no code with it
//! (tests/differential/README.md says how they are recorded).

mod walks;

use std::collections::BTreeMap;

use walks::{Line, Said, each, generated, known};

fn wrong(line: &Line) -> Vec<String> {
    let both = line.answered().into_iter().zip(line.expected()).zip(&line.packets);
    let differ = both.filter(|((ours, theirs), _)| ours != theirs);
    differ.map(|((ours, theirs), packet)| format!("{:?}: {ours:?}, not {theirs:?}: {packet}", line.case)).collect()
}

#[test]
fn recorded_packets_are_judged_as_the_walker_does() {
    let lines = generated();
    assert!(lines.len() >= 200, "{}", lines.len());
    let wrong = each(&lines, wrong);
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    let mut counts: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    for (verdict, reply, _) in lines.iter().flat_map(Line::expected) {
        *counts.entry((verdict, reply)).or_default() += 1;
    }
    let count = |verdict: &str, reply: Option<&str>| {
        counts.get(&(verdict.to_owned(), reply.map(str::to_owned))).copied().unwrap_or_default()
    };
    assert!(count("DROPPED", None) > 5_000 && count("UNKNOWN", None) > 1_000, "{counts:?}");
    assert!(count("DELIVERED", Some("DELIVERED")) > 2_000 && count("DELIVERED", None) > 100, "{counts:?}");
    assert!(count("DELIVERED", Some("DROPPED")) > 400 && count("DELIVERED", Some("UNKNOWN")) > 100, "{counts:?}");
}

#[test]
fn known_cases_are_judged_as_the_walker_does() {
    let lines = known();
    assert!(lines.len() > 120, "{}", lines.len());
    let wrong = each(&lines, wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What becomes of the packets of a known case: place and reply, or the verdict.
fn holds(case: &str, expected: &[&str]) {
    let short = |(verdict, reply, place): Said| match place {
        Some(place) => format!("{place}, {}", reply.unwrap_or_default()),
        None => verdict,
    };
    let own = known().into_iter().filter(|line| line.case.as_deref() == Some(case));
    let answers: Vec<String> = own.flat_map(|line| line.answered()).map(short).collect();
    assert_eq!(answers, expected, "{case}");
}

#[test]
fn a_nat_gateway_behind_a_peering_is_not_reached() {
    holds("Peering.test_nat_behind_it_is_not_reached", &["internet, DELIVERED", "DROPPED"]);
}

#[test]
fn acls_that_let_out_what_they_do_not_let_back() {
    holds("Acls.test_asymmetric_acls", &["eni-pub, DROPPED", "DROPPED"]);
}

#[test]
fn an_egress_only_gateway_of_a_vpc_without_an_ipv6_block() {
    holds("EgressOnly.test_a_vpc_without_an_ipv6_block", &["DROPPED", "DROPPED"]);
    holds("EgressOnly.test_out_and_back_but_not_in", &["internet, DELIVERED", "DROPPED"]);
}

#[test]
fn a_prefix_list_that_hides_the_internet_as_two_halves() {
    // The last one of a list that was not read.
    let expected = ["internet, DELIVERED", "internet, DELIVERED", "UNKNOWN"];
    holds("Routes.test_a_prefix_list_of_two_halves_is_the_internet", &expected);
}

#[test]
fn a_blackhole_is_a_hole() {
    let expected = ["DROPPED", "internet, DELIVERED", "internet, DELIVERED"];
    holds("Routes.test_the_longest_prefix_wins_and_a_blackhole_is_a_hole", &expected);
}

#[test]
fn a_subnet_without_an_association_has_the_main_table_of_its_own_vpc() {
    holds("Routes.test_without_an_association_the_main_table_of_its_own_vpc", &["internet, DELIVERED"]);
    // Without a main table of its own it is not known.
    holds("Routes.test_another_vpcs_main_table_does_not_count", &["DROPPED", "UNKNOWN"]);
}

#[test]
fn block_public_access_closes_an_attached_gateway() {
    let expected = ["DROPPED", "DROPPED", "DROPPED", "eni-pub, DELIVERED"];
    holds("Block.test_bidirectional_over_an_attached_gateway", &expected);
}

#[test]
fn a_group_that_references_a_group_across_a_peering() {
    holds("Peering.test_there_and_back", &["eni-b, DELIVERED"]);
    holds("Peering.test_a_group_across_it", &["DROPPED", "DROPPED"]);
    holds("Peering.test_a_group_across_it_as_destination", &["eni-b, DELIVERED", "DROPPED"]);
}

#[test]
fn what_a_nat_instance_does_is_its_own_affair() {
    holds("NatInstance.test_what_it_does_is_its_own_affair", &["UNKNOWN"]);
    holds("NatInstance.test_with_the_check_on_it_forwards_nothing", &["DROPPED"]);
}

#[test]
fn a_transit_gateway_as_the_way_out_leads_to_what_was_not_read() {
    // The last one comes from there.
    holds("Transit.test_the_way_out_is_unknown_beyond", &["UNKNOWN", "eni-a, DELIVERED"]);
}
