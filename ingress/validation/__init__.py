"""Holding requests and replies to JSON Schema: where schemas come from, and what checks by them."""
