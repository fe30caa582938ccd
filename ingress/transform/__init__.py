"""Requests and replies made into others, as the route file declares it."""
