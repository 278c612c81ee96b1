//! `plumbline diff`: two snapshots, or two reports.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use plumbline_findings::{Report, ReportDiff};
use plumbline_render::{FieldChange, report_diff_json, report_diff_text, snapshot_diff_json, snapshot_diff_text};
use plumbline_snapshot::Snapshot;
use plumbline_snapshot::diff::changes;

use crate::args::{Diff, Format};
use crate::{exit, output};

/// The first bytes of a zstd frame (RFC 8878, section 3.1.1).
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

enum File {
    Snapshot(Box<Snapshot>),
    Report(Box<Report>),
}

pub(crate) fn run(given: Diff) -> Result<u8> {
    let out = given.printing.out.as_deref();
    let style = output::style(out);
    let (text, same) = match (open(&given.old)?, open(&given.new)?) {
        (File::Snapshot(old), File::Snapshot(new)) => {
            let found: Vec<FieldChange> = changes(&old, &new)?
                .into_iter()
                .map(|change| FieldChange {
                    kind: change.listing,
                    id: change.id.unwrap_or_default(),
                    field: change.field.unwrap_or_default(),
                    before: change.before,
                    after: change.after,
                })
                .collect();
            let same = found.is_empty();
            let text = match given.printing.format {
                Format::Json => snapshot_diff_json(found)?,
                Format::Text => snapshot_diff_text(found, &style),
            };
            (text, same)
        }
        (File::Report(old), File::Report(new)) => {
            let diff = ReportDiff::between(&old, &new);
            let text = match given.printing.format {
                Format::Json => report_diff_json(&diff)?,
                Format::Text => report_diff_text(&diff, &style),
            };
            (text, diff.is_empty())
        }
        _ => bail!(
            "`{}` and `{}` are a snapshot and a report: give two of a kind",
            given.old.display(),
            given.new.display()
        ),
    };
    output::deliver(&text, out)?;
    Ok(if same { exit::FINE } else { exit::DRIFT })
}

/// A snapshot, or a report as JSON.
fn open(path: &Path) -> Result<File> {
    let bytes = output::read(path)?;
    let named = || format!("opening `{}`", path.display());
    if bytes.starts_with(&ZSTD) {
        Ok(File::Snapshot(Box::new(Snapshot::from_bytes(&bytes).with_context(named)?)))
    } else {
        Ok(File::Report(Box::new(Report::from_bytes(&bytes).with_context(named)?)))
    }
}
