"""Tokens that only their issuer understands: OAuth 2 token introspection (RFC 7662)."""
