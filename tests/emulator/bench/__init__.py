"""The bench: how fast the Lambda program starts, and what a whole audit costs.

Run it with `python -m bench TARGET_ROOT` from the directory tests/emulator; TARGET_ROOT is cargo's target folder, where
`cargo lambda build` has left `lambda/plumbline-lambda/bootstrap` and `lambda/plumbline/bootstrap`. It prints figures,
asserts nothing, and appends them to bench/RESULTS.md with date, commit and machine.
"""
