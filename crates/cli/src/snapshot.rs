//! `plumbline snapshot`: read only, into one file.

use anyhow::Result;
use plumbline_app::{Access, Settings, StateUri, snapshot};

use crate::args::Snapshot;
use crate::audit::{job, pace, runtime, wanted};
use crate::{exit, output};

pub(crate) fn run(given: Snapshot) -> Result<u8> {
    let settings = Settings::from_env()?;
    let nowhere = StateUri::Folder(std::path::PathBuf::new());
    let job = job(&given.baseline, &given.extent, given.account.region.as_deref(), nowhere)?;
    let pace = pace(&given.account, &settings);
    let snapshot = runtime()?.block_on(async {
        let access = Access::connect(&wanted(&given.account, &job)).await?;
        Ok::<_, anyhow::Error>(snapshot(&access, &job, pace).await?)
    })?;
    output::write(&given.out, &snapshot.to_bytes()?)?;
    let lost: Vec<_> = snapshot.reads.iter().filter(|read| read.outcome.is_loss()).collect();
    output::tell(&format!(
        "{}: {} reads, {} calls, {:.1} s",
        given.out.display(),
        snapshot.reads.len(),
        snapshot.reads.iter().map(|read| read.calls).sum::<u64>(),
        snapshot.cost.seconds
    ));
    for read in &lost {
        let error = plumbline_render::escaped(read.error.as_deref().unwrap_or_default());
        output::tell(&format!("  {}:{} {}: {error}", read.service, read.operation, read.outcome.as_str()));
    }
    let closed: Vec<_> = snapshot.regions.keys().filter(|region| snapshot.is_closed(region)).collect();
    for region in &closed {
        output::tell(&format!("  Region {region} is not enabled in this account: nothing was read there"));
    }
    Ok(if lost.is_empty() && closed.is_empty() { exit::FINE } else { exit::NOT_SEEN })
}
