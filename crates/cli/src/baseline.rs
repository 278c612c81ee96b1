//! `plumbline baseline`: check a file, freeze the live policies as its references, or print the schema.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plumbline_app::{Access, LoadedBaseline, Settings, StateUri, snapshot};
use plumbline_evaluator::baseline::{self, LoadContext};
use plumbline_evaluator::{Baseline, Frozen, controls, freeze};
use plumbline_snapshot::Snapshot;

use crate::args::{Account, Baseline as Given, Extent};
use crate::audit::{job_of, pace, runtime, wanted};
use crate::{exit, output};

pub(crate) fn run(given: Given) -> Result<u8> {
    match given {
        Given::Check { file } => {
            let loaded = load(&file)?;
            let names: Vec<&str> = loaded.environments.iter().map(|environment| environment.name.as_str()).collect();
            output::deliver(
                &format!(
                    "{}: fine, account {}, {} environments ({}), {} exceptions, {} values accepted beyond the defaults\n",
                    file.display(),
                    loaded.account_id,
                    names.len(),
                    names.join(", "),
                    loaded.exceptions.len(),
                    loaded.accepted.len()
                ),
                None,
            )?;
        }
        Given::Freeze { file, snapshot, account } => return freeze_into(&file, snapshot.as_deref(), &account),
        Given::Schema { out } => output::deliver(&format!("{}\n", baseline::schema().trim_end()), out.as_deref())?,
    }
    Ok(exit::FINE)
}

/// Writes the live policies beside the baseline.
fn freeze_into(file: &Path, snapshot: Option<&Path>, account: &Account) -> Result<u8> {
    let baseline = alone(file)?;
    let snapshot = match snapshot {
        Some(path) => {
            let named = || format!("opening `{}`", path.display());
            Snapshot::from_bytes(&output::read(path)?).with_context(named)?
        }
        None => live(file, &baseline, account)?,
    };
    let Frozen { files, additions, missed } = freeze(&snapshot, &baseline);
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    for (path, document) in &files {
        let value: serde_json::Value = serde_json::from_str(&document.to_string())?;
        output::write_beside(&folder.join(path), format!("{value:#}\n").as_bytes())?;
    }
    let mut said = format!("wrote {} reference policies beside {}\n", files.len(), file.display());
    if !additions.is_empty() {
        said.push_str("the baseline does not name these yet; add to each environment:\n");
    }
    for (environment, line) in additions {
        said.push_str(&format!("  {environment}: {line}\n"));
    }
    output::deliver(&said, None)?;
    for what in &missed {
        output::tell(&format!("not frozen: {}", plumbline_render::escaped(what)));
    }
    Ok(if missed.is_empty() { exit::FINE } else { exit::NOT_SEEN })
}

/// Reads the account as `plumbline snapshot` does.
fn live(file: &Path, baseline: &Baseline, account: &Account) -> Result<Snapshot> {
    let settings = Settings::from_env()?;
    let text = String::from_utf8(output::read(file)?).context("the baseline is not UTF-8")?;
    let loaded = LoadedBaseline { baseline: baseline.clone(), text };
    let job = job_of(loaded, &Extent::default(), account.region.as_deref(), StateUri::Folder(PathBuf::new()))?;
    let pace = pace(account, &settings);
    runtime()?.block_on(async {
        let access = Access::connect(&wanted(account, &job)).await?;
        Ok(snapshot(&access, &job, pace).await?)
    })
}

/// Loads a baseline file that the user named, with its reference policies.
pub(crate) fn load(file: &Path) -> Result<Baseline> {
    let loaded = alone(file)?;
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    let mut files = BTreeMap::new();
    for path in loaded.reference_paths() {
        files.insert(path.to_owned(), output::read(&folder.join(path))?);
    }
    Ok(loaded.with_references(&files)?)
}

/// Loads a baseline file without its reference policies.
fn alone(file: &Path) -> Result<Baseline> {
    let bytes = output::read(file)?;
    let catalogue: Vec<_> = controls().map(|control| control.info).collect();
    let context = LoadContext { today: today(), controls: &catalogue };
    Ok(baseline::load_bytes(&bytes, &file.display().to_string(), &context)?)
}

/// The day, UTC.
#[expect(clippy::disallowed_methods, reason = "the shell may look at the clock")]
fn today() -> jiff::civil::Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}
