"""The gateway's word on who calls, signed for workers; the form is in ``contracts.callers``."""
