"""One value in several forms: JSON, msgpack, CBOR, and the forms of web pages."""
