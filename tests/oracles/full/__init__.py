"""The policy crate against every oracle at full size: what `make differential` runs."""
