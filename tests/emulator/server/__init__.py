"""The test emulator: moto behind a layer that closes its gaps, counts calls and injects faults.

Start it with `python -m server …` from the directory tests/emulator. It listens on 127.0.0.1 only.
"""

import os

# Read by moto when it is imported, so they are set before anything else of this package is.
os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
os.environ.pop("AWS_PROFILE", None)

ACCOUNT = "123456789012"
REGION = "eu-west-1"
