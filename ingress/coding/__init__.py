"""Content codings (RFC 9110 section 8.4): bodies made smaller, and made themselves again."""
