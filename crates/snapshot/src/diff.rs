//! What changed between two snapshots: resources that came or went, and fields that differ.
