//! Paths of a network for a person, and as the contract's JSON.

use std::fmt::Write as _;

use plumbline_reachability::{Back, Flow, Said, Stop, Told, ToldPath};
use serde_json::{Value, json};

use crate::page::{Paragraph, Style, ink, printed};

/// Stops that a text names; it counts the others.
const STOPS: usize = 12;

/// An answer for a terminal, each line ended by a newline.
#[must_use]
pub fn paths_text(told: &Told, style: &Style) -> String {
    let mut all = vec![Paragraph::labelled(word(told), ink_of(told), summary(told))];
    for path in &told.paths {
        all.extend(path_text(path, "can reach"));
    }
    for path in &told.unknown {
        all.extend(path_text(path, "may reach"));
    }
    all.extend(told.missing.iter().map(|said| Paragraph::new(hop_text(said))));
    if !told.cuts.is_empty() {
        all.push(Paragraph::new("To close it:"));
        let cut = |cut: &plumbline_reachability::Cut| {
            let paths = counted(cut.closes, "path");
            Paragraph::new(format!("{} {} ({paths}): {}", cut.said.at, cut.said.rule, cut.said.says)).indent(2)
        };
        all.extend(told.cuts.iter().map(cut));
    }
    if told.paths.is_empty() && !told.closed_by.is_empty() {
        let rest = if is_settled(told) { "It is closed by:" } else { "All else is closed by:" };
        all.push(Paragraph::new(rest));
        all.extend(told.closed_by.iter().take(STOPS).map(|stop| Paragraph::new(stopped(stop)).indent(2)));
        if told.closed_by.len() > STOPS {
            all.push(Paragraph::new(format!("and {} more", told.closed_by.len() - STOPS)).indent(2));
        }
    }
    printed(&all.iter().flat_map(|paragraph| paragraph.lines(style)).collect::<Vec<_>>())
}

fn word(told: &Told) -> &'static str {
    match (told.paths.is_empty(), is_settled(told)) {
        (false, _) => "OPEN",
        (true, false) => "UNKNOWN",
        (true, true) => "CLOSED",
    }
}

/// Whether nothing is lost from sight.
fn is_settled(told: &Told) -> bool {
    told.unknown.is_empty() && told.missing.is_empty()
}

fn ink_of(told: &Told) -> anstyle::Style {
    if told.paths.is_empty() && is_settled(told) { ink::GOOD } else { ink::CARE }
}

fn summary(told: &Told) -> String {
    let (from, to) = (&told.from, &told.to);
    let unknown = match told.unknown.len() {
        0 => String::new(),
        number => format!(", and {} lost from sight", are(number, "kind of packets", "kinds of packets")),
    };
    match (told.paths.len(), is_settled(told)) {
        (0, true) => format!("{from} reaches {to} by no packet: proved for every address, protocol and port."),
        (0, false) => format!("no path from {from} to {to} is seen{unknown}."),
        (number, _) => format!("{} from {from} to {to}{unknown}.", counted_kinds(number)),
    }
}

fn counted_kinds(number: usize) -> String {
    if number == 1 { "one kind of path leads".to_owned() } else { format!("{number} kinds of paths lead") }
}

fn are(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one} is") } else { format!("{number} {many} are") }
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn path_text(path: &ToldPath, verb: &str) -> Vec<Paragraph> {
    let mut all = vec![Paragraph::new(format!("{} {verb} {}{}", path.from, path.to, on(path)))];
    all.extend(path.hops.iter().map(|said| Paragraph::new(hop_text(said)).indent(4)));
    let back = match path.back {
        Back::Yes => "The answer comes back.".to_owned(),
        Back::No => format!("No answer comes back: {}.", path.back_hops.last().map_or(String::new(), hop_text)),
        Back::Unknown => {
            let at = path.back_hops.last().map_or(String::new(), hop_text);
            format!("Whether the answer comes back is not known: {at}.")
        }
        Back::None => String::new(),
    };
    if !back.is_empty() {
        all.push(Paragraph::new(back).indent(4));
    }
    if !path.assumes.is_empty() {
        all.push(Paragraph::new(format!("If {} passes it on.", path.assumes.join(" and "))).indent(4));
    }
    all
}

pub(crate) fn hop_text(said: &Said) -> String {
    format!("{} {}: {}", said.at, said.rule, said.says)
}

pub(crate) fn on(path: &ToldPath) -> String {
    let mut text = String::new();
    if let Some(flow) = path.flows.first() {
        let _ = write!(text, ": {}", flow_text(flow));
        let others = path.flows.len() - 1;
        if others > 0 {
            let _ = write!(text, " (and {})", counted(others, "other kind"));
        }
    }
    text
}

fn flow_text(flow: &Flow) -> String {
    let ports = if flow.ports == "all" { String::new() } else { format!(" {}", flow.ports) };
    let protocol = if flow.protocol == "all" { "everything" } else { &flow.protocol };
    format!("{protocol}{ports} from {} to {}", flow.sources, flow.destinations)
}

fn stopped(stop: &Stop) -> String {
    let flow = stop.flow.as_ref().map_or(String::new(), |flow| format!(" (such as {})", flow_text(flow)));
    format!("{}{flow}", hop_text(&stop.said))
}

/// An answer as the contract's JSON.
#[must_use]
pub fn paths_json(told: &Told) -> Value {
    let stop = |stop: &Stop| {
        let mut value = said_json(&stop.said);
        if let (Some(flow), Some(object)) = (&stop.flow, value.as_object_mut()) {
            object.insert("packets".to_owned(), flow_json(flow));
        }
        value
    };
    json!({
        "from": told.from,
        "to": told.to,
        "paths": told.paths.iter().flat_map(path_json).collect::<Vec<_>>(),
        "closed_by": told.closed_by.iter().map(stop).collect::<Vec<_>>(),
        "unknown": told.unknown.iter().flat_map(path_json).chain(told.missing.iter().map(said_json)).collect::<Vec<_>>(),
        "to_close": told.cuts.iter().map(|cut| said_json(&cut.said)).collect::<Vec<_>>(),
    })
}

/// One for each kind of packets that take the same hops.
fn path_json(path: &ToldPath) -> Vec<Value> {
    let one = |flow: &Flow| {
        json!({
            "from": path.from,
            "to": path.to,
            "packets": flow_json(flow),
            "hops": path.hops.iter().map(said_json).collect::<Vec<_>>(),
            "answer": {
                "comes_back": match path.back {
                    Back::Yes => Value::Bool(true),
                    Back::No => Value::Bool(false),
                    Back::Unknown | Back::None => Value::Null,
                },
                "hops": path.back_hops.iter().map(said_json).collect::<Vec<_>>(),
            },
            "assumes": path.assumes,
        })
    };
    path.flows.iter().map(one).collect()
}

pub(crate) fn flow_json(flow: &Flow) -> Value {
    let texts =
        |of: &plumbline_reachability::Addresses| of.blocks().iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "source": texts(&flow.sources).join(","),
        "destination": texts(&flow.destinations).join(","),
        "protocol": flow.protocol,
        "ports": flow.ports,
    })
}

pub(crate) fn said_json(said: &Said) -> Value {
    json!({ "at": said.at, "rule": said.rule, "says": said.says })
}
