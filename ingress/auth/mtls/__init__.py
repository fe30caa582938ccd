"""Callers who prove who they are in the handshake of TLS, by a certificate of their own."""
