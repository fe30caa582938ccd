"""JSON Object Signing and Encryption, the part of it that verifies: RFC 7515, 7517, 7518, 8037.

Nothing here reads a clock, a file or a socket: bytes come in, and what they say goes out, or they
are refused.
"""
