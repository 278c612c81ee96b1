//! A VPC's network at once, for a person and as JSON.

use plumbline_reachability::Said;
use plumbline_reachability::overview::{Callers, Gate, Overview, Passage, Service, User};
use serde_json::{Value, json};

use crate::page::{Paragraph, Style, ink, printed};
use crate::paths::{flow_json, hop_text, said_json};

/// Things of a kind that a text names; it counts the others.
const NAMED: usize = 5;

/// An overview for a terminal, each line ended by a newline.
#[must_use]
pub fn overview_text(told: &Overview, style: &Style) -> String {
    let mut all = vec![Paragraph::labelled(told.vpc.as_str(), ink::HEAD, summary(told))];
    all.push(head("Ways out", told.out.is_empty()));
    all.extend(told.out.iter().flat_map(|gate| gate_text(gate, "gets out")));
    all.push(head("Ways in", told.into.is_empty()));
    all.extend(told.into.iter().flat_map(|gate| gate_text(gate, "is reached")));
    all.push(head("Between subnets", told.between.is_empty()));
    all.extend(told.between.iter().flat_map(passage_text));
    all.push(head("Endpoints", told.endpoints.is_empty()));
    all.extend(told.endpoints.iter().flat_map(callers_text));
    if !told.unknown.is_empty() {
        all.push(Paragraph::new("Lost from sight:"));
        all.extend(told.unknown.iter().map(|said| Paragraph::new(hop_text(said)).indent(2)));
    }
    printed(&all.iter().flat_map(|paragraph| paragraph.lines(style)).collect::<Vec<_>>())
}

fn head(text: &str, nothing: bool) -> Paragraph {
    Paragraph::new(if nothing { format!("{text}: none.") } else { format!("{text}:") })
}

fn summary(told: &Overview) -> String {
    let shut = told.endpoints.iter().filter(|callers| !callers.shut_off.is_empty() || !callers.partly.is_empty());
    format!(
        "{} out, {} in, {}, {}",
        counted(told.out.len(), "way"),
        counted(told.into.len(), "way"),
        counted(told.endpoints.len(), "endpoint"),
        match shut.count() {
            0 => "none of which shuts anything off.".to_owned(),
            1 => "1 of which some interface does not reach.".to_owned(),
            some => format!("{some} of which some interface does not reach."),
        }
    )
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn gate_text(gate: &Gate, verb: &str) -> Vec<Paragraph> {
    let one = |user: &User| {
        let may = if user.surely { "" } else { ", if what was not settled lets it" };
        let with = user.flows.first().map_or(String::new(), |flow| {
            format!(" with {}", service_text(&Service { protocol: flow.protocol.clone(), ports: flow.ports.clone() }))
        });
        format!("{} {verb}{with}{may}", user.interface)
    };
    listed(&gate.at, gate.users.iter().map(one))
}

/// Something, and some of what there is to say of it.
fn listed(what: &str, lines: impl ExactSizeIterator<Item = String>) -> Vec<Paragraph> {
    let more = lines.len().saturating_sub(NAMED);
    let mut all = vec![Paragraph::new(what).indent(2)];
    all.extend(lines.take(NAMED).map(|line| Paragraph::new(line).indent(4)));
    if more > 0 {
        all.push(Paragraph::new(format!("and {more} more")).indent(4));
    }
    all
}

fn passage_text(passage: &Passage) -> Vec<Paragraph> {
    let Passage { from, to, services, unanswered } = passage;
    let mut all = vec![Paragraph::new(format!("{from} to {to}: {}", services_text(services))).indent(2)];
    if !unanswered.is_empty() {
        all.push(Paragraph::new(format!("no answer comes back to {}", services_text(unanswered))).indent(4));
    }
    all
}

fn services_text(services: &[Service]) -> String {
    let shown: Vec<String> = services.iter().take(NAMED).map(service_text).collect();
    match services.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn service_text(service: &Service) -> String {
    let Service { protocol, ports } = service;
    match (protocol.as_str(), ports.as_str()) {
        ("all", "all") => "everything".to_owned(),
        (_, "all") => protocol.clone(),
        _ => format!("{protocol} {ports}"),
    }
}

fn callers_text(callers: &Callers) -> Vec<Paragraph> {
    let Callers { endpoint, service, reach, partly, perhaps, shut_off } = callers;
    let all = reach.len() + partly.len() + perhaps.len() + shut_off.len();
    let named = format!(
        "{endpoint} ({service}): {} of {} on tcp 443",
        reach.len(),
        match all {
            1 => "1 network interface reaches it".to_owned(),
            all => format!("{all} network interfaces reach it"),
        }
    );
    let part = |what: &'static str, list: &[(String, Said)]| {
        let line = move |(name, said): &(String, Said)| format!("{name} {what}: {}", hop_text(said));
        list.iter().map(line).collect::<Vec<_>>()
    };
    let lines = [
        part("is shut off", shut_off),
        part("reaches some of its interfaces only", partly),
        part("may reach it", perhaps),
    ];
    listed(&named, lines.concat().into_iter())
}

/// An overview as JSON.
#[must_use]
pub fn overview_json(told: &Overview) -> Value {
    let service = |service: &Service| json!({ "protocol": service.protocol, "ports": service.ports });
    let passage = |passage: &Passage| {
        json!({
            "from": passage.from,
            "to": passage.to,
            "packets": passage.services.iter().map(service).collect::<Vec<_>>(),
            "unanswered": passage.unanswered.iter().map(service).collect::<Vec<_>>(),
        })
    };
    json!({
        "vpc": told.vpc,
        "out": told.out.iter().map(gate_json).collect::<Vec<_>>(),
        "in": told.into.iter().map(gate_json).collect::<Vec<_>>(),
        "between": told.between.iter().map(passage).collect::<Vec<_>>(),
        "endpoints": told.endpoints.iter().map(callers_json).collect::<Vec<_>>(),
        "unknown": told.unknown.iter().map(said_json).collect::<Vec<_>>(),
    })
}

fn gate_json(gate: &Gate) -> Value {
    let user = |user: &User| {
        json!({
            "interface": user.interface,
            "surely": user.surely,
            "packets": user.flows.iter().map(flow_json).collect::<Vec<_>>(),
        })
    };
    json!({ "at": gate.at, "users": gate.users.iter().map(user).collect::<Vec<_>>() })
}

fn callers_json(callers: &Callers) -> Value {
    let list = |list: &[(String, Said)]| {
        let one = |(name, said): &(String, Said)| json!({ "interface": name, "because": said_json(said) });
        list.iter().map(one).collect::<Vec<_>>()
    };
    json!({
        "endpoint": callers.endpoint,
        "service": callers.service,
        "reached_by": callers.reach,
        "partly": list(&callers.partly),
        "perhaps": list(&callers.perhaps),
        "shut_off": list(&callers.shut_off),
    })
}
