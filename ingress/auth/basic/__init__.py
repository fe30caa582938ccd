"""Names and passwords of known consumers (RFC 7617)."""
