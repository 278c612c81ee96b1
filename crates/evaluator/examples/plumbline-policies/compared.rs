//! The comparison of policies, over the recorded pairs, and the solver's encoding of the same question over some of them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use plumbline_evaluator::dictionary::Dictionary;
use plumbline_evaluator::known_actions;
use plumbline_policy::{ComparedKind, Policy, compare, compare_known, compare_line, compare_line_known, parse};
use serde_json::Value;

use crate::figures::root;
use crate::results::Row;
use crate::times::{Spread, of_each, told};

/// Of so many pairs one is asked of the solver too: for any action, and for the known ones, with which it mostly gives up
/// after the ten seconds that it has for a pair.
const SOLVED: [usize; 2] = [10, 200];
/// How many times faster than the solver.
const FASTER: f64 = 200.0;

/// A pair, read.
pub(crate) struct Pair {
    pub(crate) kind: ComparedKind,
    pub(crate) reference: Policy,
    pub(crate) candidate: Policy,
}

/// The recorded pairs.
pub(crate) fn pairs() -> Result<Vec<Pair>> {
    lines()?.iter().map(|line| read(line)).collect()
}

/// The same, a line each.
fn lines() -> Result<Vec<String>> {
    recorded("tests/differential/pairs.jsonl.zst")
}

/// The lines of a packed file.
pub(crate) fn recorded(path: &str) -> Result<Vec<String>> {
    let bytes = std::fs::read(root().join(path)).with_context(|| format!("reading {path}"))?;
    let text = String::from_utf8(zstd::decode_all(bytes.as_slice())?)?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn read(line: &str) -> Result<Pair> {
    let value: Value = serde_json::from_str(line)?;
    let kind = value.get("type").and_then(Value::as_str).and_then(ComparedKind::of_name).context("no type")?;
    let policy = |name: &str| -> Result<Policy> {
        let document = value.get(name).with_context(|| format!("no {name}"))?;
        Ok(parse(&document.to_string())?.into())
    };
    Ok(Pair { kind, reference: policy("reference")?, candidate: policy("candidate")? })
}

/// The figures of both worlds.
pub(crate) fn measure(solver: Option<&Path>) -> Result<Vec<Row>> {
    let lines = lines()?;
    let pairs = pairs()?;
    let known = known_actions();
    let count = lines.len();
    let open = of_each(&pairs, |pair| compare(pair.kind, &pair.reference, &pair.candidate));
    let narrow =
        of_each(&pairs, |pair| compare_known(pair.kind, &(&pair.reference).into(), &(&pair.candidate).into(), known));
    let (open, narrow) = (Spread::of(open), Spread::of(narrow));
    let mut rows = vec![
        Row::new(format!("comparison, any action, {count} recorded pairs, documents read before"), open.told()).aimed(
            [
                ("median at most 20 µs", open.median <= Duration::from_micros(20)),
                ("p99 at most 1 ms", open.p99 <= Duration::from_millis(1)),
            ],
        ),
        Row::new(format!("comparison, actions known today ({}), the same pairs", known.len()), narrow.told()).aimed([
            ("median at most 100 µs", narrow.median <= Duration::from_micros(100)),
            ("p99 at most 5 ms", narrow.p99 <= Duration::from_millis(5)),
        ]),
    ];
    let lines_open = of_each(&lines, |line| compare_line(line));
    let lines_narrow = of_each(&lines, |line| compare_line_known(line, known));
    let whole = |times: &[Duration]| Spread::of(times.to_vec()).told();
    rows.push(Row::new("the same, reading the line and writing the answer, any action", whole(&lines_open)));
    rows.push(Row::new("the same, reading the line and writing the answer, known actions", whole(&lines_narrow)));
    match solver {
        None => eprintln!("no solver: its encoding is not measured"),
        Some(python) => {
            let [any, few] = SOLVED;
            let actions = dictionary()?;
            rows.push(against_solver(python, &lines, &lines_open, None, any)?);
            rows.push(against_solver(python, &lines, &lines_narrow, Some(&actions), few)?);
            std::fs::remove_file(&actions)?;
        }
    }
    Ok(rows)
}

/// A file with the known actions, one a line, which the solver's side reads.
fn dictionary() -> Result<PathBuf> {
    let file = std::env::temp_dir().join(format!("plumbline-actions-{}", std::process::id()));
    let services = Dictionary::embedded().services().iter();
    let names: Vec<String> =
        services.flat_map(|own| own.actions.iter().map(|action| action.name.to_string())).collect();
    std::fs::write(&file, names.join("\n"))?;
    Ok(file)
}

/// How long the solver's encoding takes for some of the lines, beside what we take for the same.
fn against_solver(
    python: &Path,
    lines: &[String],
    ours: &[Duration],
    actions: Option<&Path>,
    every: usize,
) -> Result<Row> {
    let chosen: Vec<(&String, Duration)> = lines
        .iter()
        .zip(ours.iter().copied())
        .enumerate()
        .filter(|(at, _)| at % every == 0)
        .map(|(_, own)| own)
        .collect();
    let theirs = solved(python, &chosen.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>(), actions)?;
    let ours: Vec<Duration> = chosen.iter().map(|(_, time)| *time).collect();
    let total = |times: &[Duration]| times.iter().sum::<Duration>().as_secs_f64();
    let all = total(&theirs) / total(&ours);
    let (ours, theirs) = (Spread::of(ours), Spread::of(theirs));
    let middle = theirs.median.as_secs_f64() / ours.median.as_secs_f64();
    let world = if actions.is_some() { "known actions" } else { "any action" };
    let what =
        format!("against the SMT encoding, {world}, {} of the pairs (every {every}th), line to answer", chosen.len());
    let measured = format!(
        "{middle:.0}× at the median ({} beside {}), {all:.0}× over all",
        told(ours.median),
        told(theirs.median)
    );
    Ok(Row::new(what, measured)
        .aimed([("at least 200× at the median", middle >= FASTER), ("at least 200× over all", all >= FASTER)]))
}

/// The time from each line to its answer, in one process that is started before.
fn solved(python: &Path, lines: &[&str], actions: Option<&Path>) -> Result<Vec<Duration>> {
    use std::io::BufRead as _;
    let mut command = Command::new(python);
    command.args(["-m", "oracles.smt"]).current_dir(root().join("tests"));
    if let Some(actions) = actions {
        command.args(["--world", "dictionary", "--actions"]).arg(actions);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("starting the solver")?;
    let mut to = child.stdin.take().context("no stdin")?;
    let mut from = std::io::BufReader::new(child.stdout.take().context("no stdout")?);
    let mut times = Vec::with_capacity(lines.len());
    let mut answer = String::new();
    // The first is asked once more, so that loading the solver is not counted.
    for line in lines.iter().take(1).chain(lines) {
        answer.clear();
        let start = Instant::now();
        writeln!(to, "{line}")?;
        to.flush()?;
        let read = from.read_line(&mut answer)?;
        times.push(start.elapsed());
        anyhow::ensure!(read > 0, "the solver ended early");
    }
    drop(to);
    child.wait()?;
    times.remove(0);
    Ok(times)
}
