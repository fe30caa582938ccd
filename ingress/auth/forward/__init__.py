"""Asks somebody else whether a call may pass, and whose it is: a URL, or an operation."""
