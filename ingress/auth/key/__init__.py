"""API keys: shown in a header field, in the query or in a cookie."""
