"""The parts of the compliant account, one module for each area. `account.py` puts them together."""
