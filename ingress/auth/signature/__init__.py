"""Requests that their senders signed: HTTP Message Signatures (RFC 9421)."""
