//! Policies: parsed and decided.
