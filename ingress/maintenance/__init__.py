"""Closing a route, a group or all of the gateway for a while: 503 with Retry-After."""
