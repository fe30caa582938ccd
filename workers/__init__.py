"""The worker SDK: plain functions become operations on a queue."""
