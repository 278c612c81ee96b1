//! From an event to an audit and back.

use std::time::{Duration, SystemTime};

use lambda_runtime::{Diagnostic, LambdaEvent};
use plumbline_app::{
    Access, AccessError, AppError, Job, MARGIN, Pace, Patience, Settings, SettingsError, Silent, StateUri, Wanted,
    audit, load_baseline, next_leg,
};
use plumbline_audit::{Audited, Outcome};
use plumbline_findings::Trigger;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tracing::info;

use crate::event::{Asked, Origin, Refused};

/// What lives as long as the function's process.
#[derive(Debug, Default)]
pub(crate) struct Handler {
    access: OnceCell<Access>,
}

/// Why an event has no answer. Each has a name, which alarms can match on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The payload means nothing.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The environment variables are not usable.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The credentials are not usable.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The baseline, the scope or the audit.
    #[error(transparent)]
    Audit(#[from] AppError),
    /// Another run has the event, and has not finished.
    #[error("run `{0}` is auditing for this event: send the event again if that run dies")]
    InProgress(String),
    /// The audit was made and saved; some of what it had to tell is still owed.
    #[error("the audit is saved as `{report}`, and the next run sends what is owed: {owed}")]
    Undelivered {
        /// Where the report lies.
        report: String,
        /// What was not delivered, and why.
        owed: String,
    },
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        let error_message = failure.to_string();
        let error_type = match failure {
            Failure::Refused(refused) => return refused.into(),
            Failure::Settings(_) => "Settings",
            Failure::Access(_) => "Credentials",
            Failure::Audit(AppError::Settings(_)) => "Settings",
            Failure::Audit(AppError::Account { .. } | AppError::Partition { .. }) => "WrongAccount",
            Failure::Audit(AppError::Baseline(_) | AppError::BaselineUnread { .. }) => "Baseline",
            Failure::Audit(AppError::Environment { .. } | AppError::NoEnvironment(_) | AppError::Scope(_)) => "Scope",
            Failure::Audit(AppError::NextLeg { .. }) => "NextLeg",
            Failure::Audit(_) => "State",
            Failure::InProgress(_) => "InProgress",
            Failure::Undelivered { .. } => "Undelivered",
        };
        Self { error_type: error_type.to_owned(), error_message }
    }
}

impl Handler {
    /// Audits, or says by name why not.
    ///
    /// # Errors
    /// The failure as a [`Diagnostic`].
    pub(crate) async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
        self.answer(event).await.map_err(Diagnostic::from)
    }

    async fn answer(&self, event: LambdaEvent<Value>) -> Result<Value, Failure> {
        let asked = Asked::from_payload(&event.payload)?;
        let settings = Settings::from_env()?;
        let missing = |name, why| SettingsError::Missing(name, why);
        let file = settings.baseline.clone().ok_or(missing("PLUMBLINE_BASELINE", "where is the baseline?"))?;
        let state = settings.state.clone().ok_or(missing("PLUMBLINE_STATE", "where is the state kept?"))?;
        let state: StateUri = state.parse()?;
        let access = self.access.get_or_try_init(|| Access::connect(&UNSET)).await?;
        let baseline = load_baseline(access, &file).await?;
        let job = Job {
            scope: plumbline_app::scope(&asked.environments, &asked.scope)?,
            scope_words: asked.scope.clone(),
            baseline,
            trigger: match asked.origin {
                Origin::Schedule => Trigger::Schedule,
                Origin::OnDemand => Trigger::OnDemand,
            },
            reason: asked.reason.clone(),
            event_id: Some(asked.event_id.clone().unwrap_or_else(|| event.context.request_id.clone())),
            state,
            full: asked.full,
        };
        let pace = Pace {
            share: settings.share,
            deadline: deadline(event.context.deadline()),
            patience: Patience::default(),
            progress: std::sync::Arc::new(Silent),
        };
        match audit(access, &job, pace, asked.publish.then_some(&settings)).await? {
            Outcome::Audited(audited) => {
                let (run, summary) = (&audited.report.run, &audited.report.summary);
                info!(
                    run = run.id,
                    complete = audited.report.coverage.complete,
                    drift = summary.drift_by_severity.values().sum::<u64>(),
                    undelivered = audited.undelivered.len(),
                    report = audited.report_uri,
                    "audited"
                );
                answer(*audited)
            }
            Outcome::Unfinished(parked) => {
                let name = settings.function.clone().ok_or(missing("AWS_LAMBDA_FUNCTION_NAME", "who goes on?"))?;
                next_leg(access, &name, asked.again()).await?;
                info!(run = parked.run, legs = parked.legs, "parked: the next leg goes on");
                Ok(json!({ "unfinished": true, "run": parked.run, "legs": parked.legs }))
            }
            Outcome::Duplicate(claim) if claim.done.is_some() => {
                info!(event = claim.event, audited_by = claim.owner, "the event was audited before");
                Ok(json!({ "duplicate": true, "audited_by": claim.owner }))
            }
            // Whoever sends the event sends it again after an error, and takes over what the other run leaves undone.
            Outcome::Duplicate(claim) => Err(Failure::InProgress(claim.owner)),
        }
    }
}

/// Everything from where the SDK takes it.
static UNSET: Wanted = Wanted { profile: None, region: None, endpoint_url: None, fallback_regions: Vec::new() };

/// When reading must end, so that judging, saving and sending still fit before the function is stopped. A deadline that
/// has long passed, as local runtimes send it, is none.
#[expect(clippy::disallowed_methods, reason = "Lambda gives its deadline in the system's time")]
fn deadline(at: SystemTime) -> Option<Instant> {
    let left = at.duration_since(SystemTime::now()).ok()?;
    Some(Instant::now() + left.saturating_sub(MARGIN).max(Duration::from_secs(1)))
}

fn answer(audited: Audited) -> Result<Value, Failure> {
    let Audited { report, report_uri, undelivered } = audited;
    if !undelivered.is_empty() {
        let owed = undelivered.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        return Err(Failure::Undelivered { report: report_uri, owed });
    }
    Ok(json!({
        "run": report.run,
        "coverage": { "complete": report.coverage.complete },
        "summary": report.summary,
        "report": report_uri,
    }))
}
