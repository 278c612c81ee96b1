//! The figures: a table on the terminal, and dated rows in their section of bench/RESULTS.md.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// One figure.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// The figure, and what belongs to it.
    pub(crate) measured: String,
    /// What it should be, and whether it is; empty without an aim.
    pub(crate) aim: String,
}

const TITLES: [&str; 3] = ["measurement", "measured", "aim"];
const SECTION: &str = "## Of policies";

impl Row {
    /// A figure without an aim.
    pub(crate) fn new(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Row { what: what.into(), measured: measured.into(), aim: String::new() }
    }

    /// The same with aims and whether each is met.
    pub(crate) fn aimed<const N: usize>(self, aims: [(&str, bool); N]) -> Self {
        let judged = aims.map(|(aim, met)| format!("{aim}: {}", if met { "met" } else { "not met" }));
        Row { aim: judged.join("; "), ..self }
    }

    fn cells(&self) -> [&str; 3] {
        [&self.what, &self.measured, &self.aim]
    }
}

/// Prints all rows as a table.
pub(crate) fn show(rows: &[Row]) {
    let width = |at: usize| {
        let cells = rows.iter().map(Row::cells).chain([TITLES]);
        cells.filter_map(|cells| cells.get(at).map(|cell| cell.chars().count())).max().unwrap_or_default()
    };
    println!();
    for cells in [TITLES].into_iter().chain(rows.iter().map(Row::cells)) {
        let padded = cells.iter().enumerate().map(|(at, cell)| format!("{cell:<width$}", width = width(at)));
        println!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// Adds dated rows to their section; the old ones stay.
///
/// # Errors
/// The file cannot be read or written.
pub(crate) fn append(rows: &[Row], now: Timestamp) -> Result<()> {
    let file = root().join("bench/RESULTS.md");
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let date = now.to_zoned(TimeZone::UTC).date();
    let mut lines = String::new();
    for row in rows {
        let own = [date.to_string(), commit(), machine()];
        let cells = own.into_iter().chain(row.cells().map(|cell| cell.replace('|', "\\|")));
        lines.push_str(&format!("| {} |\n", cells.collect::<Vec<_>>().join(" | ")));
    }
    std::fs::write(&file, with_rows(&text, &lines)).with_context(|| format!("writing {}", file.display()))
}

/// The text with rows at the end of the section's table.
fn with_rows(text: &str, rows: &str) -> String {
    let begin = text.find(SECTION).unwrap_or(text.len());
    let after = begin + SECTION.len().min(text.len() - begin);
    let end = text.get(after..).and_then(|rest| rest.find("\n## ")).map_or(text.len(), |at| after + at);
    let (head, tail) = text.split_at(end);
    format!("{}\n{rows}{tail}", head.trim_end())
}

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Cores and the model of the processor.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find(|line| line.to_lowercase().starts_with("model name"));
    let model = model.and_then(|line| line.split_once(':')).map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} × {}", model.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The commit; with a `+` if the sources differ from it.
fn commit() -> String {
    let git = |words: &[&str]| {
        let done = Command::new("git").arg("-C").arg(root()).args(words).output().ok()?;
        done.status.success().then(|| String::from_utf8_lossy(&done.stdout).trim().to_owned())
    };
    let Some(short) = git(&["rev-parse", "--short", "HEAD"]) else { return "unknown".to_owned() };
    let changed = git(&["status", "--porcelain", "--", ".", ":(exclude)bench/RESULTS.md"]);
    if changed.is_some_and(|changed| !changed.is_empty()) { format!("{short}+") } else { short }
}
