"""Garbage for a running gateway, and what it must not do to it."""
