//! `plumbline evaluate`: a saved snapshot, judged as of the end of its reading.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use plumbline_app::{StateUri, evaluate};
use plumbline_audit::Outcome;
use plumbline_findings::digest_of;
use plumbline_snapshot::Snapshot;

use crate::args::Evaluate;
use crate::audit::{finish, job, runtime};
use crate::output;

pub(crate) fn run(given: Evaluate) -> Result<u8> {
    let bytes = output::read(&given.snapshot)?;
    let snapshot = Snapshot::from_bytes(&bytes).with_context(|| format!("opening `{}`", given.snapshot.display()))?;
    let state: StateUri = match &given.state {
        Some(uri) => uri.parse()?,
        None => StateUri::Folder(PathBuf::new()),
    };
    let job = job(&given.baseline, &given.extent, None, state)?;
    // The file's own bytes may be packed in several ways: the value decides.
    let digest = digest_of(&[&snapshot.to_json()?]);
    let outcome = runtime()?.block_on(evaluate(&snapshot, &digest, &job, given.state.is_some()))?;
    match outcome {
        Outcome::Audited(audited) => finish(*audited, &given.printing, given.fail_on),
        Outcome::Duplicate(_) | Outcome::Unfinished(_) => bail!("a saved snapshot has neither an event nor an end"),
    }
}
