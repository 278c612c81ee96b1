//! Stories, as data: `scenarios/<story>/story.toml` says what happens to the known-good environment and when it is audited,
//! `expected.txt` what people and programs get to see of it. `UPDATE=1` writes the latter.
//!
//! A story is a list of steps. A step changes the account or the baseline, and where it has a time (`at`) it audits. A step
//! with `dies` or `meets` is told once for every port call at which the run can die or meet another run: the rest of the
//! story follows each time, and one line says how it ended.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails; stories lie in files"
)]

#[path = "scenarios/edits.rs"]
mod edits;
mod support;
#[path = "scenarios/transcript.rs"]
mod transcript;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use plumbline_audit::Outcome;
use plumbline_findings::Trigger;
use plumbline_snapshot::{Source, Why, sources};
use plumbline_testkit::{Env, known_good};
use serde::Deserialize;
use support::{Death, Shell, World};

/// A story as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// What it shows, for readers.
    about: String,
    step: Vec<Step>,
}

/// One step.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Step {
    /// What happens, for readers.
    says: String,
    /// Puts the account back to the known-good one, before the edits.
    mend: bool,
    /// Edits of the account, by name and arguments: `edits.rs`.
    edit: Vec<String>,
    /// Replacements in the baseline.
    replace: Vec<Replacement>,
    /// Lines for the end of the environment's block.
    environment: String,
    /// Lines for the end of the baseline.
    append: String,
    /// Audits at this moment.
    at: Option<Timestamp>,
    trigger: Option<Trigger>,
    event: Option<String>,
    scope: Vec<String>,
    publish: bool,
    /// Reads that this audit has no answer to.
    hide: Vec<String>,
    /// Why it has none.
    why: Why,
    /// Listings that break off.
    cut: Vec<String>,
    /// Alerts that contain this are refused.
    refuse: Option<String>,
    /// Shows the report as a terminal does.
    report: bool,
    /// Told for each port call at which the run can die.
    dies: bool,
    /// Told for each port call before which the run can meet this one.
    meets: Option<Box<Step>>,
}

impl Default for Step {
    fn default() -> Self {
        Self {
            says: String::new(),
            mend: false,
            edit: Vec::new(),
            replace: Vec::new(),
            environment: String::new(),
            append: String::new(),
            at: None,
            trigger: None,
            event: None,
            scope: Vec::new(),
            publish: true,
            hide: Vec::new(),
            why: Why::Denied,
            cut: Vec::new(),
            refuse: None,
            report: false,
            dies: false,
            meets: None,
        }
    }
}

/// A replacement in the baseline.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Replacement {
    from: String,
    to: String,
}

fn source(name: &str) -> &'static Source {
    sources().find(|source| format!("{}:{}", source.service, source.operation) == name).unwrap()
}

/// Where a story stands.
#[derive(Clone)]
struct Stage {
    env: Env,
    world: World,
    runs: usize,
}

impl Stage {
    fn new() -> Self {
        Self { env: known_good(), world: World::default(), runs: 0 }
    }

    /// Changes the account and the baseline.
    fn prepare(&mut self, step: &Step) {
        if step.mend {
            self.env.snapshot = known_good().snapshot;
        }
        for edit in &step.edit {
            edits::apply(&mut self.env, edit);
        }
        for Replacement { from, to } in &step.replace {
            self.env.replace_baseline(from, to);
        }
        self.env.add_to_baseline(&step.environment);
        self.env.baseline.push_str(&step.append);
    }

    /// The account as this step's audit sees it.
    fn sight(&self, step: &Step) -> Env {
        let mut env = self.env.clone();
        for name in &step.hide {
            env.hide_with(source(name), step.why);
        }
        for name in &step.cut {
            env.cut(source(name));
        }
        env
    }
}

fn shell<'a>(world: &'a Mutex<World>, stage: &Stage, step: &Step, at: Timestamp) -> Shell<'a> {
    Shell {
        name: format!("run-{}", stage.runs),
        trigger: step.trigger.unwrap_or(Trigger::Schedule),
        event: step.event.clone(),
        scope: step.scope.clone(),
        publish: step.publish,
        refused: step.refuse.clone(),
        ..Shell::new(world, stage.sight(step), at)
    }
}

/// Tells the steps from where the story stands.
fn tell(stage: &mut Stage, steps: &[Step], told: &mut String) {
    for (number, step) in steps.iter().enumerate() {
        stage.prepare(step);
        if !step.says.is_empty() {
            writeln!(told, "\n# {}", step.says).unwrap();
        }
        let Some(at) = step.at else { continue };
        stage.runs += 1;
        if step.dies || step.meets.is_some() {
            return everywhere(stage, step, at, &steps[number + 1..], told);
        }
        let world = Mutex::new(std::mem::take(&mut stage.world));
        let before = transcript::Marks::of(&world.lock().unwrap());
        let outcome = shell(&world, stage, step, at).audit().unwrap();
        stage.world = world.into_inner().unwrap();
        told.push_str(&transcript::of(&outcome, &stage.world, before, at, step.report));
    }
}

/// Tells, for each port call of a step's run, how the story ends when the run dies there or meets another one.
fn everywhere(stage: &Stage, step: &Step, at: Timestamp, rest: &[Step], told: &mut String) {
    let whole = Mutex::new(stage.world.clone());
    let undisturbed = shell(&whole, stage, step, at);
    undisturbed.audit().unwrap();
    let calls = undisturbed.calls.lock().unwrap().clone();
    let mut endings: Vec<(String, String)> = Vec::new();
    for (call, name) in calls.iter().enumerate() {
        if step.dies {
            for after in [false, true] {
                let mut branch = stage.clone();
                let world = Mutex::new(branch.world.clone());
                let run = Shell { death: Some(Death { call, after }), ..shell(&world, stage, step, at) };
                assert!(run.audit_until_death().is_none(), "it lives");
                drop(run);
                branch.world = world.into_inner().unwrap();
                let known_sent = known_sent(&branch.world);
                tell(&mut branch, rest, &mut String::new());
                assert_once_known_sent_never_again(&known_sent, &branch.world);
                let place = format!("{} {}. {name}", if after { "after" } else { "before" }, call + 1);
                endings.push((place, transcript::ending(&branch.world)));
            }
        }
        if let Some(other) = &step.meets {
            let mut branch = stage.clone();
            let world = Mutex::new(branch.world.clone());
            let mut second = branch.clone();
            second.prepare(other);
            second.runs += 1;
            let met = Mutex::new(String::new());
            let meeting = || {
                let outcome = shell(&world, &second, other, other.at.unwrap()).audit().unwrap();
                *met.lock().unwrap() = transcript::short(&outcome);
            };
            let run = Shell { meanwhile: Some((call, Box::new(meeting))), ..shell(&world, stage, step, at) };
            let outcome = run.audit().unwrap();
            drop(run);
            branch.world = world.into_inner().unwrap();
            branch.runs = second.runs;
            branch.env = second.env;
            let runs = format!("{}; meets {}", transcript::short(&outcome), met.into_inner().unwrap());
            tell(&mut branch, rest, &mut String::new());
            endings.push((
                format!("before {}. {name}", call + 1),
                format!("{runs}\n{}", transcript::ending(&branch.world)),
            ));
        }
    }
    let mut by_ending: Vec<(String, Vec<String>)> = Vec::new();
    for (place, ending) in endings {
        match by_ending.iter_mut().find(|(other, _)| *other == ending) {
            Some((_, places)) => places.push(place),
            None => by_ending.push((ending, vec![place])),
        }
    }
    for (ending, places) in by_ending {
        writeln!(told, "\n## {}", places.join("\n## ")).unwrap();
        told.push_str(&ending);
    }
}

/// The ids of alerts that arrived and are owed no more.
fn known_sent(world: &World) -> BTreeSet<String> {
    let state = world.state();
    let owed: BTreeSet<&str> = state.outbox.alerts.iter().map(|owed| owed.message.id.as_str()).collect();
    // Before its run saved, nothing is sent.
    world.alerts.iter().map(|alert| alert.id.clone()).filter(|id| !owed.contains(id.as_str())).collect()
}

fn assert_once_known_sent_never_again(known_sent: &BTreeSet<String>, world: &World) {
    let mut arrived: BTreeMap<&str, usize> = BTreeMap::new();
    for alert in &world.alerts {
        *arrived.entry(&alert.id).or_default() += 1;
    }
    for id in known_sent {
        assert_eq!(arrived[id.as_str()], 1, "{id} was known to be sent and is sent again");
    }
    assert!(world.state().outbox.is_empty(), "the story ends with messages owed");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Tells a story and compares it with what is expected.
fn story(name: &str) {
    let folder = folder().join(name);
    let text = std::fs::read_to_string(folder.join("story.toml")).unwrap();
    let story: Story = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut told = format!("{}\n", story.about.trim());
    tell(&mut Stage::new(), &story.step, &mut told);
    let file = folder.join("expected.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &told).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    if told != expected {
        let at = told.lines().zip(expected.lines()).take_while(|(now, then)| now == then).count();
        let around = |text: &str| text.lines().skip(at.saturating_sub(3)).take(12).collect::<Vec<_>>().join("\n");
        panic!(
            "{name}: line {} differs (UPDATE=1 accepts it)\n--- expected\n{}\n--- told\n{}",
            at + 1,
            around(&expected),
            around(&told)
        );
    }
}

/// One test for each story, and one that none is forgotten.
macro_rules! stories {
    ($($name:ident)+) => {
        $(#[test] fn $name() { story(stringify!($name)); })+

        #[test]
        fn every_story_is_told() {
            let named: BTreeSet<String> = [$(stringify!($name)),+].map(str::to_owned).into();
            let folders = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap()).filter(|it| it.path().is_dir());
            let there: BTreeSet<String> = folders.map(|it| it.file_name().into_string().unwrap()).collect();
            assert_eq!(named, there);
        }
    };
}

stories! {
    age
    baseline_change
    death
    denial
    drift
    exception
    gone
    owed
    peered
    repeated_event
    scope
    severity
    storm
    unpublished
    two_runs
}

#[test]
fn a_killed_run_is_no_outcome() {
    let world = Mutex::new(World::default());
    let run = Shell {
        death: Some(Death { call: 0, after: true }),
        ..Shell::new(&world, known_good(), plumbline_testkit::NOW)
    };
    assert!(run.audit_until_death().is_none());
    let lives = Shell::new(&world, known_good(), plumbline_testkit::NOW).audit().unwrap();
    assert!(matches!(lives, Outcome::Audited(_)));
}
