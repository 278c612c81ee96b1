//! What becomes of the packets on standard input, a topology with packets a line in, the answers a line out, without the rest
//! of the product: for comparing with the packet walker at any size (tests/oracles/walk/README.md).
//!
//! All packets of a line that have one origin are answered from the ways of every packet that it could send. With
//! `"hops": true` an answer tells the ways; with `"ways": true` one more line has a packet of every way of these origins, each
//! in the place of its name.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the answers are its output; the lines are a generator's"
)]

mod line;

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use plumbline_reachability::{Graph, Hop, Origin, Packet, Packets, Way, verdict_on};
use plumbline_testkit::describe;
use serde_json::{Value, json};

use line::{origin, packet, place, word, written};

fn main() -> std::io::Result<()> {
    for line in std::io::stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line?)?;
        for answer in answers(&line) {
            println!("{answer}");
        }
    }
    Ok(())
}

fn answers(line: &Value) -> Vec<Value> {
    let ec2 = describe::ec2(&line["topology"]);
    let graph = Graph::of(&ec2);
    let mut known: BTreeMap<Origin<'_>, Vec<Way<'_>>> = BTreeMap::new();
    let mut answers = Vec::new();
    for one in line["packets"].as_array().unwrap() {
        let origin = origin(one);
        let ways = known.entry(origin).or_insert_with(|| graph.ways(origin, Packets::all()).unwrap());
        answers.push(answer(&one["id"], ways, packet(one, &ec2), line["hops"] == true));
    }
    if line["ways"] == true {
        let witnesses: Vec<Value> = known.iter().flat_map(|(origin, ways)| witnesses(*origin, ways)).collect();
        answers.push(json!({ "witnesses": witnesses }));
    }
    answers
}

fn answer(id: &Value, ways: &[Way<'_>], packet: Option<Packet>, hops: bool) -> Value {
    let Some(packet) = packet else {
        return json!({ "id": id, "verdict": "DROPPED", "at": null, "reply": null });
    };
    let (verdict, reply) = verdict_on(ways, &packet);
    let (verdict, at, reply) = (word(verdict), place(verdict), reply.map(word));
    if !hops {
        return json!({ "id": id, "verdict": verdict, "at": at, "reply": reply });
    }
    let taken = ways.iter().filter(|way| way.packets.contains(&packet));
    let ways: Vec<String> = taken.map(|way| said(&way.hops)).collect();
    json!({ "id": id, "verdict": verdict, "at": at, "reply": reply, "ways": ways })
}

fn said(hops: &[Hop<'_>]) -> String {
    hops.iter().map(|hop| format!("{} {}", hop.at, hop.rule.as_str())).collect::<Vec<_>>().join(", ")
}

/// A packet of each way, and what becomes of it over all ways.
fn witnesses(origin: Origin<'_>, ways: &[Way<'_>]) -> Vec<Value> {
    let found: BTreeSet<Packet> = ways.iter().filter_map(|way| way.packets.witness()).collect();
    found.iter().map(|packet| answer(&written(origin, packet), ways, Some(*packet), false)).collect()
}
