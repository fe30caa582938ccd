"""Recorded answers served in place of the workers, for a front end or a test that runs alone."""
