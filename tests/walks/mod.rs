//! The recorded topologies of the packet walker and its verdicts (tests/differential/README.md).
#![allow(dead_code, unused_imports, reason = "each test program uses its own part")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

#[path = "../../crates/reachability/examples/reach/line.rs"]
mod line;
pub(crate) mod twin;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use plumbline_reachability::{Graph, Origin, Packets, Way, verdict_on};
use plumbline_snapshot::ec2::Ec2;
use plumbline_testkit::describe;
use serde::Deserialize;
use serde_json::Value;

pub(crate) use line::{origin, packet, place, word, written};

/// A topology and packets.
#[derive(Deserialize)]
pub(crate) struct Line {
    /// The test of the walker that it is from; none of generated ones.
    pub(crate) case: Option<String>,
    pub(crate) topology: Value,
    pub(crate) packets: Vec<Value>,
}

/// What becomes of a packet: the verdict, the verdict on the reply, and the place of what was delivered.
pub(crate) type Said = (String, Option<String>, Option<String>);

/// Generated topologies.
pub(crate) fn generated() -> Vec<Line> {
    recorded("ways")
}

/// The known cases.
pub(crate) fn known() -> Vec<Line> {
    recorded("known_ways")
}

fn recorded(name: &str) -> Vec<Line> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("differential/{name}.jsonl.zst"));
    let bytes = zstd::decode_all(std::fs::read(path).unwrap().as_slice()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The members of a list of a JSON object, to change.
pub(crate) fn members<'v>(of: &'v mut Value, name: &str) -> impl Iterator<Item = &'v mut Value> {
    of.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten()
}

/// A list of a JSON object, to change; an absent one is made.
pub(crate) fn list<'v>(of: &'v mut Value, name: &str) -> &'v mut Vec<Value> {
    let own = of.as_object_mut().unwrap().entry(name).or_insert_with(|| Value::Array(Vec::new()));
    own.as_array_mut().unwrap()
}

/// What is found in each of these, on as many threads as there are cores.
pub(crate) fn each<F: Sync, T: Send>(of: &[F], find: impl Fn(&F) -> Vec<T> + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        while let Some(one) = of.get(next.fetch_add(1, Ordering::Relaxed)) {
            found.extend(find(one));
        }
        found
    };
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

impl Line {
    pub(crate) fn ec2(&self) -> Ec2 {
        describe::ec2(&self.topology)
    }

    /// What the walker says of each packet.
    pub(crate) fn expected(&self) -> Vec<Said> {
        self.packets.iter().map(|packet| serde_json::from_value(packet["expected"].clone()).unwrap()).collect()
    }

    /// What the product says, of the ways of everything that an origin could send.
    pub(crate) fn answered(&self) -> Vec<Said> {
        let ec2 = self.ec2();
        let graph = Graph::of(&ec2);
        let mut known: BTreeMap<Origin<'_>, Vec<Way<'_>>> = BTreeMap::new();
        let answer = |one| {
            let origin = origin(one);
            let ways = known.entry(origin).or_insert_with(|| graph.ways(origin, Packets::all()).unwrap());
            let Some(packet) = packet(one, &ec2) else { return ("DROPPED".to_owned(), None, None) };
            let (verdict, reply) = verdict_on(ways, &packet);
            let place = place(verdict).map(str::to_owned);
            (word(verdict).to_owned(), reply.map(|reply| word(reply).to_owned()), place)
        };
        self.packets.iter().map(answer).collect()
    }
}
