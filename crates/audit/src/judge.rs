//! The seams to the thinking: what to read, what it means, and how to say it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use plumbline_evaluator::baseline::{LoadContext, load};
use plumbline_evaluator::{Baseline, Scope, blinds, controls, evaluate, plan};
use plumbline_findings::{
    AlertMessage, Change, DigestMessage, Exception, ExcludedResource, Metric, Observed, Report, State, utc_day,
};
use plumbline_names::{EnvironmentName, Operation};
use plumbline_snapshot::{Plan, Snapshot};

/// Plans and judges: the evaluator under one baseline and scope.
pub trait Judge {
    /// What to read, as of `until`.
    fn plan(&self, until: Timestamp) -> Plan;

    /// What was read, judged; `last` is what the last run left.
    fn judge(&self, snapshot: &Snapshot, last: &State) -> Judgement;

    /// The ids of the controls that cannot see without `operation`.
    fn blinds(&self, operation: &Operation) -> Vec<String>;
}

/// Puts a report into words and numbers: `render`.
pub trait Words {
    /// The alerts that the changes make, at most as many as the storm rule allows. `report_uri` is where the report will lie.
    fn alerts(&self, report: &Report, changes: &[Change], report_uri: &str) -> Vec<AlertMessage>;

    /// The digest; none when nothing changed.
    fn digest(&self, report: &Report, changes: &[Change], report_uri: &str) -> Option<DigestMessage>;

    /// The metrics of the state after the run.
    fn metrics(&self, state: &State, report: &Report) -> Vec<Metric>;
}

/// What was read, judged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgement {
    /// What is compared with what is remembered.
    pub observed: Observed,
    /// The exceptions of the baseline.
    pub exceptions: Vec<Exception>,
    /// The environments that were judged.
    pub environments: Vec<EnvironmentName>,
    /// Resources that the baseline excludes.
    pub excluded: Vec<ExcludedResource>,
    /// What people should read, a sentence each.
    pub notes: Vec<String>,
}

/// The catalogue's controls under a baseline, within a scope.
#[derive(Debug, Clone, Copy)]
pub struct Catalogue<'a> {
    /// The baseline.
    pub baseline: &'a Baseline,
    /// The scope.
    pub scope: &'a Scope,
}

impl Judge for Catalogue<'_> {
    fn plan(&self, until: Timestamp) -> Plan {
        plan(self.baseline, self.scope, until)
    }

    fn judge(&self, snapshot: &Snapshot, last: &State) -> Judgement {
        let Self { baseline, scope } = self;
        let evaluation = evaluate(snapshot, baseline, scope, &last.selected);
        let environments: BTreeSet<EnvironmentName> =
            evaluation.assessments.iter().map(|it| it.subject.environment.clone()).collect();
        let complete = !snapshot.reads.iter().any(|read| read.outcome.is_loss());
        Judgement {
            observed: Observed {
                under_last_baseline: self.under_last_baseline(snapshot, last),
                judged: evaluation.judged,
                selected: evaluation.selected,
                selected_all: complete && scope.is_whole(),
                assessments: evaluation.assessments,
            },
            exceptions: exceptions(baseline),
            environments: environments.into_iter().collect(),
            excluded: evaluation
                .excluded
                .into_iter()
                .filter_map(|it| {
                    // The baseline gives a day; what is none cannot have come from one.
                    let expires = it.expires.parse().ok()?;
                    let (environment, arn, reason, owner) = (it.environment, it.arn, it.reason, it.owner);
                    Some(ExcludedResource { environment, arn, reason, owner, expires })
                })
                .collect(),
            notes: evaluation.notes,
        }
    }

    fn blinds(&self, operation: &Operation) -> Vec<String> {
        let planned = |id: &&str| controls().any(|control| control.info.id == *id && self.scope.wants(control.info));
        blinds(operation).into_iter().filter(planned).map(ToOwned::to_owned).collect()
    }
}

impl Catalogue<'_> {
    /// The verdicts under the last run's baseline, where that was another one and this version still loads it.
    fn under_last_baseline(&self, snapshot: &Snapshot, last: &State) -> Option<Vec<plumbline_findings::Assessment>> {
        let before = last.baseline.as_ref().filter(|before| before.sha256 != self.baseline.sha256)?;
        let context = LoadContext::on(utc_day(snapshot.window.finished_at));
        let mut before = load(&before.text, &self.baseline.file, &context).ok()?;
        // What the files said then is not remembered: a file that changed is no change of the baseline.
        before.references.clone_from(&self.baseline.references);
        Some(evaluate(snapshot, &before, self.scope, &last.selected).assessments)
    }
}

fn exceptions(baseline: &Baseline) -> Vec<Exception> {
    let turn = |it: &plumbline_evaluator::baseline::Exception| Exception {
        control: it.control.clone(),
        environment: it.environment.clone(),
        subject: it.subject.as_str().to_owned(),
        when: it.when.clone(),
        reason: it.reason.clone(),
        owner: it.owner.clone(),
        expires: it.expires,
        ticket: it.ticket.clone(),
    };
    baseline.exceptions.iter().map(turn).collect()
}
