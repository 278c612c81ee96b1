//! What was judged now against what is remembered: lifecycles, exceptions, visibility, and whom to tell what.
//!
//! Pure: the same inputs give the same bytes, so that a run which lost the race for the state just compares again.

mod bounds;
mod cover;
mod history;
mod tell;
mod visibility;

use std::collections::BTreeMap;

use jiff::Timestamp;
use plumbline_names::{AccountId, Text};

use crate::{
    Assessment, Exception, ExceptionNotes, Finding, JudgedSet, LastBaseline, LastRun, LastVerdict, Lifecycle, Observed,
    State, SubjectSet, Verdict, VisibilityChange,
};

use crate::finding::Words;

pub use tell::{Because, Change};

/// The run that compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// The moment that its verdicts are of, to the second.
    pub at: Timestamp,
    /// The audited account.
    pub account: AccountId,
    /// Its baseline.
    pub baseline: LastBaseline,
}

/// What came out of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What to remember from now on. Its outbox holds what the last state owed: the changes are still to be put into words.
    pub state: State,
    /// The report's findings.
    pub findings: Vec<Finding>,
    /// The report's changes of visibility.
    pub visibility: Vec<VisibilityChange>,
    /// The report's exceptions that need a look.
    pub exceptions: ExceptionNotes,
    /// What to tell, in the order of the findings.
    pub changes: Vec<Change>,
    /// What else a reader must know, each a sentence.
    pub notes: Vec<String>,
}

/// A finding on its way into the report, with what only the comparison needs.
struct Shown {
    finding: Finding,
    whole_set: bool,
    ended: Option<Timestamp>,
    /// What the state remembers is of a later moment than this run: it stays as it is, and nobody is told.
    stale: bool,
    /// It is shown for the last time, and leaves the verdicts of the state.
    last_time: bool,
}

/// Everything that the parts of the comparison look at.
struct Context<'a> {
    last: &'a State,
    observed: &'a Observed,
    exceptions: &'a [Exception],
    run: &'a Run,
    /// The words of each control that was judged.
    controls: BTreeMap<&'static str, Words>,
    /// The assessments that a set of subjects cannot be seen whole.
    blind: BTreeMap<SubjectSet, &'a Assessment>,
    /// When sets of subjects were last seen whole.
    judged: BTreeMap<SubjectSet, Timestamp>,
    /// The verdict of each finding under the last baseline, where that was another one.
    before: Option<BTreeMap<Text, Verdict>>,
}

/// Compares what was judged now with what is remembered.
///
/// A finding opens as NEW, or as REOPENED if it was open before, and then PERSISTS until it is RESOLVED by a COMPLIANT or
/// NOT_APPLICABLE verdict, or because its subject is not among a set that was seen whole. What was not judged stays as it
/// was. Drift that cannot be seen now persists, as INSUFFICIENT_DATA.
#[must_use]
pub fn compare(last: &State, observed: &Observed, exceptions: &[Exception], run: &Run) -> Comparison {
    let context = Context::of(last, observed, exceptions, run);
    let mut shown = history::standing(&context);
    let mut state = last.clone();
    let mut changes = Vec::new();
    shown.sort_by(|a, b| a.finding.rank().cmp(&b.finding.rank()));
    for entry in &mut shown {
        let covering = cover::cover(&context, &mut entry.finding);
        if entry.stale {
            continue;
        }
        let change = tell::change(&context, &entry.finding, covering);
        history::remember(&context, &mut state, entry, covering, change.as_ref());
        changes.extend(change);
    }
    let visibility = visibility::changes(&context, &shown);
    remember_verdicts(&context, &mut state, &shown);
    remember_run(&context, &mut state);
    let mut notes = bounds::keep(&context, &mut state);
    let stale = shown.iter().filter(|entry| entry.stale).count();
    if stale > 0 {
        notes.push(format!(
            "{stale} verdicts are older than what another run has saved meanwhile: they changed nothing in the state"
        ));
    }
    let findings: Vec<Finding> = shown.into_iter().map(|entry| entry.finding).collect();
    let exceptions = cover::notes(&context, &mut state);
    Comparison { state, findings, visibility, exceptions, changes, notes }
}

impl<'a> Context<'a> {
    fn of(last: &'a State, observed: &'a Observed, exceptions: &'a [Exception], run: &'a Run) -> Self {
        let mut controls = BTreeMap::new();
        let mut blind = BTreeMap::new();
        for assessment in &observed.assessments {
            controls.entry(assessment.control.id).or_insert_with(|| Words::from(assessment.control));
            if assessment.whole_set && assessment.verdict == Verdict::InsufficientData {
                blind.entry(SubjectSet::of(assessment)).or_insert(assessment);
            }
        }
        let before = observed.under_last_baseline.as_ref().map(|assessments| {
            let verdict = |it: &Assessment| (crate::finding_id(it.control.id, &it.subject, &run.account), it.verdict);
            assessments.iter().map(verdict).collect()
        });
        let judged = last
            .judged
            .iter()
            .map(|set| (SubjectSet::new(&set.control, &set.environment, set.region.as_ref()), set.at));
        Self { last, observed, exceptions, run, controls, blind, judged: judged.collect(), before }
    }

    /// Whether the state's view of a finding is of a later moment than this run. What could not be seen then doesn't count.
    fn is_stale(&self, id: &str, set: &SubjectSet) -> bool {
        match self.last.verdicts.get(id) {
            Some(record) => record.last_confirmed.is_some_and(|confirmed| confirmed > self.run.at),
            None => self.judged.get(set).is_some_and(|judged| *judged > self.run.at),
        }
    }

    /// Whether whatever has no assessment in a set is not there, or at least cannot be seen.
    fn covers(&self, set: &SubjectSet) -> bool {
        self.observed.judged.sets.contains(set)
    }

    fn is_blind(&self, set: &SubjectSet) -> bool {
        self.blind.contains_key(set)
    }
}

/// Replaces the remembered verdicts of everything that was judged.
fn remember_verdicts(context: &Context<'_>, state: &mut State, shown: &[Shown]) {
    state.verdicts.retain(|id, record| {
        let set = record.set();
        !context.covers(&set) || context.is_stale(id, &set)
    });
    for Shown { finding, whole_set, .. } in shown.iter().filter(|entry| !entry.stale && !entry.last_time) {
        let record = LastVerdict {
            control: finding.control.clone(),
            area: finding.area,
            environment: finding.environment.clone(),
            region: finding.region.clone(),
            resource: finding.resource.clone(),
            aspect: finding.aspect.clone(),
            whole_set: *whole_set,
            verdict: finding.verdict,
            reason: finding.reason,
            first_seen: finding.first_seen,
            last_seen: finding.last_seen,
            last_confirmed: finding.last_confirmed,
        };
        state.verdicts.insert(finding.id.clone(), record);
    }
}

/// Remembers what this run was, unless a later one has saved already.
fn remember_run(context: &Context<'_>, state: &mut State) {
    let Context { last, observed, run, .. } = context;
    let mut judged = context.judged.clone();
    for set in observed.judged.sets.iter().filter(|set| !context.is_blind(set)) {
        let at = judged.entry(set.clone()).or_insert(run.at);
        *at = (*at).max(run.at);
    }
    state.judged = judged
        .into_iter()
        .map(|(SubjectSet { control, environment, region }, at)| JudgedSet { control, environment, region, at })
        .collect();
    if last.last_run.as_ref().is_some_and(|last| last.at > run.at) {
        let missing = observed.selected.iter().filter(|(arn, _)| !last.selected.contains_key(*arn));
        state.selected.extend(missing.map(|(arn, environment)| (arn.clone(), environment.clone())));
        return;
    }
    state.last_run = Some(LastRun { id: run.id.clone(), at: run.at });
    state.baseline = Some(run.baseline.clone());
    state.environments.clone_from(&observed.judged.declared);
    if observed.selected_all {
        state.selected.clone_from(&observed.selected);
    } else {
        state.selected.extend(observed.selected.iter().map(|(arn, environment)| (arn.clone(), environment.clone())));
    }
}

/// Whether a finding's lifecycle is one that opens it.
fn opens(lifecycle: Option<Lifecycle>) -> bool {
    matches!(lifecycle, Some(Lifecycle::New | Lifecycle::Reopened))
}
