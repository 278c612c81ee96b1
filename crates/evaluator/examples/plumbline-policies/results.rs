//! The figures: what each is, and its aims.

use anyhow::Result;
use jiff::Timestamp;

use crate::figures::{Table, judged};

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

const TABLE: Table<3> = Table { section: "## Of policies", titles: ["measurement", "measured", "aim"] };

impl Row {
    /// A figure without an aim.
    pub(crate) fn new(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Row { what: what.into(), measured: measured.into(), aim: String::new() }
    }

    /// The same with aims and whether each is met.
    pub(crate) fn aimed<const N: usize>(self, aims: [(&str, bool); N]) -> Self {
        Row { aim: aims.map(|(aim, met)| judged(aim, met)).join("; "), ..self }
    }

    fn cells(&self) -> [&str; 3] {
        [&self.what, &self.measured, &self.aim]
    }
}

/// Prints all rows as a table.
pub(crate) fn show(rows: &[Row]) {
    TABLE.show(&rows.iter().map(Row::cells).collect::<Vec<_>>());
}

/// Adds dated rows to their section of bench/RESULTS.md.
///
/// # Errors
/// The file cannot be read or written.
pub(crate) fn append(rows: &[Row], now: Timestamp) -> Result<()> {
    TABLE.append(&rows.iter().map(Row::cells).collect::<Vec<_>>(), now)
}
