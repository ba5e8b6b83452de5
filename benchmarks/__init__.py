"""Measure how fast the server, the page and the command are."""
