"""Processes of their own that the suite ``rpc`` starts."""
