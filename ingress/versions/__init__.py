"""Versions of an API: how requests ask for one, when one ends, and who still uses it."""
