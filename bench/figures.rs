//! Figures of a bench: a table on the terminal, and dated rows in their section of RESULTS.md beside this file. A module of
//! each program that measures.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A table of figures, with a section of its own in RESULTS.md.
#[derive(Debug, Clone, Copy)]
pub struct Table<const N: usize> {
    /// The section's heading, such as `## Of policies`.
    pub section: &'static str,
    /// What stands above the columns that follow date, commit and machine.
    pub titles: [&'static str; N],
}

impl<const N: usize> Table<N> {
    /// Prints all rows.
    pub fn show(&self, rows: &[[&str; N]]) {
        let all = || [&self.titles].into_iter().chain(rows);
        let width = |at: usize| {
            let cells = all().filter_map(|cells| cells.get(at).map(|cell| cell.chars().count()));
            cells.max().unwrap_or_default()
        };
        println!();
        for cells in all() {
            let padded = cells.iter().enumerate().map(|(at, cell)| format!("{cell:<width$}", width = width(at)));
            println!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
        }
    }

    /// Adds dated rows to the section; the old ones stay.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn append(&self, rows: &[[&str; N]], now: Timestamp) -> Result<()> {
        let file = root().join("bench/RESULTS.md");
        let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let own = [now.to_zoned(TimeZone::UTC).date().to_string(), commit(), machine()];
        let line = |row: &[&str; N]| {
            let cells = own.iter().cloned().chain(row.iter().map(|cell| cell.replace('|', "\\|")));
            format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
        };
        let lines: String = rows.iter().map(line).collect();
        std::fs::write(&file, with_rows(&text, self.section, &lines))
            .with_context(|| format!("writing {}", file.display()))
    }
}

/// Whether an aim is met, in words.
#[must_use]
pub fn judged(aim: &str, met: bool) -> String {
    format!("{aim}: {}", if met { "met" } else { "not met" })
}

/// The project's folder.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text with rows at the end of the section's table.
fn with_rows(text: &str, section: &str, rows: &str) -> String {
    let begin = text.find(section).unwrap_or(text.len());
    let after = begin + section.len().min(text.len() - begin);
    let end = text.get(after..).and_then(|rest| rest.find("\n## ")).map_or(text.len(), |at| after + at);
    let (head, tail) = text.split_at(end);
    format!("{}\n{rows}{tail}", head.trim_end())
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
        assert_eq!(with_rows(text, "## Against the load server", "| 2 |\n"), expected);
    }
}
