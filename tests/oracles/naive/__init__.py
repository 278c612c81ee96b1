"""A naive evaluator of AWS IAM policies, written from the documentation and meant to be read, not to be fast."""
