"""The policy and reachability crates against every oracle at full size: what `make differential` runs."""
