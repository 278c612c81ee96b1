//! Every word and byte that leaves: the report for people and programs, alerts, digests, metrics, and the pages of the catalogue.
//!
//! One format, one file. Splitting and cutting to the limits of a destination is done here; nothing is sent from here, and no
//! `Snapshot` is seen: what a message says must be in the report, the state, or the difference that a command shows.

mod alert;
mod batch;
mod catalogue;
mod comparison;
mod diff;
mod digest;
mod drawing;
mod escape;
mod group;
mod json;
mod metrics;
mod notes;
mod overview;
mod page;
mod paths;
mod permissions;
mod storm;
mod text;

#[cfg(test)]
mod samples;

pub use alert::{ALERT_BYTES, ALERT_SCHEMA, STORM_ABOVE, STORM_SCHEMA, alerts};
pub use batch::{BATCH_BYTES, BATCH_ENTRIES, batches, size_bytes, wire};
pub use catalogue::{
    CatalogueEntry, CatalogueRead, controls_json, controls_markdown, controls_text, permissions_markdown, show_text,
};
pub use comparison::{Compared, comparison_text};
pub use diff::{DIFF_SCHEMA, FieldChange, report_diff_json, report_diff_text, snapshot_diff_json, snapshot_diff_text};
pub use digest::{DIGEST_BYTES, SUBJECT_CHARACTERS, digest};
pub use drawing::paths_svg;
pub use escape::{columns, escaped, fitted};
pub use json::{RenderError, json, write_json};
pub use metrics::metrics;
pub use overview::{overview_json, overview_text};
pub use page::Style;
pub use paths::{paths_json, paths_text};
pub use permissions::{permissions_json, without_json, without_text};
pub use text::text;
