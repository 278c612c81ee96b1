//! The baseline of the known-good environment, as the text of its file.

/// The file's text; the environment `fraud-dev` is its only and last block.
pub const KNOWN_GOOD: &str = include_str!("baseline.yaml");
