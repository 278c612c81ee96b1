"""Oracles that the policy crate is compared with."""
