//! The figures: a table on the terminal, and dated rows in their section of bench/RESULTS.md.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the bench prints, and keeps its figures in a file"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// One measurement. What was not measured is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// The least time.
    pub bound: String,
    /// The time taken, or the figure that counts.
    pub measured: String,
    /// The calls made, and the least.
    pub calls: String,
    /// The most memory.
    pub memory: String,
    /// What it should be, and whether it is.
    pub aim: String,
    /// What an aim that is not met is due to.
    pub why: String,
}

const TITLES: [&str; 7] = ["measurement", "bound", "measured", "calls", "memory", "aim", "why not"];
const SECTION: &str = "## Against the load server";

impl Row {
    fn cells(&self) -> [&str; 7] {
        [&self.what, &self.bound, &self.measured, &self.calls, &self.memory, &self.aim, &self.why]
    }
}

impl Row {
    /// The same with what a missed aim is due to; without it where all are met.
    #[must_use]
    pub fn because(self, why: String) -> Self {
        let why = if self.aim.contains("not met") { why } else { String::new() };
        Self { why, ..self }
    }
}

/// Whether an aim is met, in words.
#[must_use]
pub fn judged(aim: &str, met: bool) -> String {
    format!("{aim}: {}", if met { "met" } else { "not met" })
}

/// Prints all rows as a table.
pub fn show(rows: &[Row]) {
    let width = |at: usize| {
        let cells = rows.iter().map(|row| row.cells()).chain([TITLES]);
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
pub fn append(rows: &[Row], now: Timestamp) -> Result<()> {
    let file = root().join("bench/RESULTS.md");
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let date = now.to_zoned(TimeZone::UTC).date();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let own = [date.to_string(), commit(), machine()];
            let cells = own.into_iter().chain(row.cells().into_iter().map(|cell| cell.replace('|', "\\|")));
            format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
        })
        .collect();
    std::fs::write(&file, with_rows(&text, &lines.concat())).with_context(|| format!("writing {}", file.display()))
}

/// The text with rows at the end of the section's table.
fn with_rows(text: &str, rows: &str) -> String {
    let begin = text.find(SECTION).unwrap_or(text.len());
    let after = begin + SECTION.len().min(text.len() - begin);
    let end = text.get(after..).and_then(|rest| rest.find("\n## ")).map_or(text.len(), |at| after + at);
    let (head, tail) = text.split_at(end);
    format!("{}\n{rows}{tail}", head.trim_end())
}

fn root() -> PathBuf {
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

#[cfg(test)]
mod tests {
    use super::with_rows;

    #[test]
    fn rows_go_to_the_end_of_their_own_table() {
        let text = "# R\n\n## Against the load server\n\nx\n\n| a |\n| --- |\n| 1 |\n\n## Other\n\n| b |\n";
        let expected = "# R\n\n## Against the load server\n\nx\n\n| a |\n| --- |\n| 1 |\n| 2 |\n\n## Other\n\n| b |\n";
        assert_eq!(with_rows(text, "| 2 |\n"), expected);
    }
}
