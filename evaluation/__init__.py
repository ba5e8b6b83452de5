"""Measurements of how well the network reads; see `python -m evaluation --help`."""
