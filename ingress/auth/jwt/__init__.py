"""JSON Web Tokens as credentials (RFC 7519, RFC 6750, and the practice of RFC 8725)."""
