"""How much a caller may: rates, quotas and calls at a time, exact across processes."""
