"""The demo: a real audit of an emulated account, from clean to broken to mended, told step by step.

Run it with `python -m demo TARGET_DIR` from the directory tests/emulator; TARGET_DIR holds the programs `plumbline` and
`plumbline-lambda`. It talks to 127.0.0.1 only, needs no AWS account, and leaves nothing behind. It exits with 0 if
everything was as it should be, with 1 if something was not, with 2 if it could not run.
"""
