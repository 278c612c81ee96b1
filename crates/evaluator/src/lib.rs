//! Placeholder.

pub mod baseline;
