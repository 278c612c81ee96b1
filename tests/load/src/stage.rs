//! An audit inside the process: the whole pipeline against a server, in virtual time.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp};
use plumbline_app::{Access, Fleet, Pace, Patience, Share, Silent};
use plumbline_audit::{AuditRequest, Catalogue, Collect, Filled, Outcome, Ports, Reading, RunName, run};
use plumbline_collector::replay::Replay;
use plumbline_evaluator::baseline::{LoadContext, load};
use plumbline_evaluator::{Baseline, Scope, controls};
use plumbline_findings::{BaselineInfo, Report, Trigger, utc_day};
use plumbline_names::Partition;
use plumbline_snapshot::{Plan, Snapshot};
use tokio::time::Instant;

use crate::account::REGION;
use crate::baseline;
use crate::connector::Inside;
use crate::ports::{Memory, Mute, Stopped};
use crate::server::Server;

/// What an audit saw.
#[derive(Debug)]
pub struct Seen {
    /// Its report.
    pub report: Report,
    /// How long it took, in virtual time: reading, since everything else takes none.
    pub took: Duration,
}

/// A fleet whose reading ends when the account is as it is.
struct Timeless {
    fleet: Fleet,
    finished_at: Timestamp,
}

impl Collect for Timeless {
    async fn fill(&self, plan: &Plan, snapshot: &mut Snapshot, slice: Option<SignedDuration>) -> Filled {
        let filled = self.fleet.fill(plan, snapshot, slice).await;
        snapshot.window.finished_at = self.finished_at;
        filled
    }
}

/// Audits the account of `server` with a share of the limits, from and into `memory`.
///
/// # Errors
/// The baseline is wrong, or there was no audit.
pub fn audit(server: &Arc<Server>, share: Share, memory: &Memory, name: &str) -> Result<Seen> {
    let now = server.account.now;
    let finished_at = now + SignedDuration::from_secs(1);
    let text = baseline::text(&server.account.size);
    let catalogue: Vec<_> = controls().map(|control| control.info).collect();
    let context = LoadContext { today: utc_day(now), controls: &catalogue };
    let baseline = load(&text, "baseline.yaml", &context).map_err(|error| anyhow::anyhow!("{error}"))?;
    // An endpoint with an address for host: then buckets stand in the path, as on the loopback.
    let config = Replay::new().config(REGION).to_builder().endpoint_url("http://127.0.0.1:5000");
    let config = config.http_client(Inside(server.clone())).build();
    let partition = Partition::named("aws");
    let access = Access::through(config, baseline.account_id.clone(), partition, REGION.parse()?);
    let pace = Pace { share, deadline: None, patience: Patience::default(), progress: Arc::new(Silent) };
    let collect = Timeless { fleet: Fleet::new(access, pace), finished_at };
    let ports = Ports { collect: &collect, store: memory, deliver: &Mute, clock: &Stopped(now) };
    let judge = Catalogue { baseline: &baseline, scope: &Scope::default() };
    let request = request(name, &baseline, text, finished_at);
    // The jitter of retries is the only chance here: with a fixed one the same audit runs the same way every time.
    fastrand::seed(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    let (outcome, took) = runtime.block_on(async {
        let started = Instant::now();
        let outcome = run(&ports, (&judge, &Mute), &request).await;
        (outcome, started.elapsed())
    });
    match outcome.context("auditing")? {
        Outcome::Audited(audited) => Ok(Seen { report: audited.report, took }),
        other => bail!("neither an event nor a deadline is there, and yet: {other:?}"),
    }
}

fn request(name: &str, baseline: &Baseline, baseline_text: String, finished_at: Timestamp) -> AuditRequest {
    AuditRequest {
        run: RunName::Given(name.to_owned()),
        trigger: Trigger::Cli,
        reason: None,
        event: None,
        account: baseline.account_id.clone(),
        partition: Partition::named("aws"),
        scope: Vec::new(),
        baseline: BaselineInfo {
            file: baseline.file.clone(),
            sha256: baseline.sha256.clone(),
            accepted: baseline.accepted.clone(),
            changed_from: None,
        },
        baseline_text,
        state_uri: "state".to_owned(),
        publish: false,
        deadline: finished_at + SignedDuration::from_hours(1),
        version: "0".to_owned(),
        reading: Reading { carry: true, full: false, ..Reading::ONCE },
    }
}
