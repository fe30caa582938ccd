"""Copies of a share of a route's calls for another queue, which nobody waits for."""
