//! `plumbline audit`: read, judge, compare, print; with `--publish` also tell.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use plumbline_app::{Access, Job, LoadedBaseline, Pace, Patience, Settings, StateUri, Wanted, audit};
use plumbline_audit::{Audited, Outcome};
use plumbline_evaluator::Scope;
use plumbline_findings::{Severity, Trigger};
use plumbline_render::{text, write_json};

use crate::args::{Account, Audit, Extent, Format, Printing};
use crate::progress::watcher;
use crate::{baseline, exit, output};

pub(crate) fn run(given: Audit) -> Result<u8> {
    let settings = Settings::from_env()?;
    let state = match &given.state {
        Some(uri) => uri.parse()?,
        None => StateUri::Folder(given.baseline.parent().unwrap_or(Path::new("")).join(".plumbline")),
    };
    let job = job(&given.baseline, &given.extent, given.account.region.as_deref(), state)?;
    let pace = pace(&given.account, &settings);
    let publish = given.publish.then_some(&settings);
    let outcome = runtime()?.block_on(async {
        let access = Access::connect(&wanted(&given.account, &job)).await?;
        Ok::<_, anyhow::Error>(audit(&access, &job, pace, publish).await?)
    })?;
    match outcome {
        Outcome::Audited(audited) => finish(*audited, &given.printing, given.fail_on),
        // An audit at a terminal has no event, so nobody else can have it.
        Outcome::Duplicate(_) => Ok(exit::FINE),
        // Nor has it a time to end by.
        Outcome::Unfinished(parked) => bail!("run `{}` is unfinished: run the same command again to go on", parked.run),
    }
}

/// Prints a report, and says what it means for the exit code.
pub(crate) fn finish(audited: Audited, printing: &Printing, fail_on: Severity) -> Result<u8> {
    let Audited { report, undelivered, .. } = audited;
    let out = printing.out.as_deref();
    match printing.format {
        Format::Json => output::stream(out, |place| write_json(&report, place))?,
        Format::Text => output::deliver(&text(&report, &output::style(out), fail_on), out)?,
    }
    for failure in &undelivered {
        output::complain(&anyhow::anyhow!("{failure}"));
    }
    Ok(if undelivered.is_empty() { report.exit_status(fail_on).code() } else { exit::FAILED })
}

/// What is to be audited.
pub(crate) fn job(file: &Path, extent: &Extent, region: Option<&str>, state: StateUri) -> Result<Job> {
    let loaded = baseline::load(file)?;
    let text = String::from_utf8(output::read(file)?).context("the baseline is not UTF-8")?;
    job_of(LoadedBaseline { baseline: loaded, text }, extent, region, state)
}

/// The same for a baseline that was loaded.
pub(crate) fn job_of(baseline: LoadedBaseline, extent: &Extent, region: Option<&str>, state: StateUri) -> Result<Job> {
    let mut scope = Scope { environments: extent.environments.iter().map(Into::into).collect(), ..Scope::default() };
    scope.region = region.map(str::parse).transpose()?;
    for word in &extent.scope {
        scope.add(word)?;
    }
    Ok(Job {
        baseline,
        scope,
        scope_words: extent.scope.clone(),
        trigger: Trigger::Cli,
        reason: None,
        event_id: None,
        state,
        full: false,
    })
}

/// Where credentials come from. Without a Region anywhere else, that of the first environment whose Region is enabled will
/// do for STS.
pub(crate) fn wanted(account: &Account, job: &Job) -> Wanted {
    let mut regions: Vec<String> = Vec::new();
    for environment in &job.baseline.baseline.environments {
        let region = environment.region.to_string();
        if !regions.contains(&region) {
            regions.push(region);
        }
    }
    Wanted {
        profile: account.profile.clone(),
        region: account.region.clone(),
        endpoint_url: account.endpoint_url.clone(),
        fallback_regions: regions,
    }
}

/// How fast to read.
pub(crate) fn pace(account: &Account, settings: &Settings) -> Pace {
    let share = account.api_share.map_or(settings.share, |given| given.0);
    Pace { share, deadline: None, patience: Patience::default(), progress: watcher() }
}

/// One thread is enough: the time goes into waiting for AWS.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting")
}
