"""Recorded calls sent again: where they come from, how fast, where to, and what is remembered."""
