"""A comparison with the public simulator, which runs as an outside program and is no part of this repository."""
