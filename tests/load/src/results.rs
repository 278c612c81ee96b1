//! The figures: what each is, its aim, and what a missed one is due to.

use anyhow::Result;
use jiff::Timestamp;

use crate::figures::Table;

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

const TABLE: Table<7> = Table {
    section: "## Against the load server",
    titles: ["measurement", "bound", "measured", "calls", "memory", "aim", "why not"],
};

impl Row {
    fn cells(&self) -> [&str; 7] {
        [&self.what, &self.bound, &self.measured, &self.calls, &self.memory, &self.aim, &self.why]
    }

    /// The same with what a missed aim is due to; without it where all are met.
    #[must_use]
    pub fn because(self, why: String) -> Self {
        let why = if self.aim.contains("not met") { why } else { String::new() };
        Self { why, ..self }
    }
}

/// Prints all rows as a table.
pub fn show(rows: &[Row]) {
    TABLE.show(&rows.iter().map(Row::cells).collect::<Vec<_>>());
}

/// Adds dated rows to their section of bench/RESULTS.md.
///
/// # Errors
/// The file cannot be read or written.
pub fn append(rows: &[Row], now: Timestamp) -> Result<()> {
    TABLE.append(&rows.iter().map(Row::cells).collect::<Vec<_>>(), now)
}
