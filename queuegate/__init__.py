"""The public face of queuegate: re-exports only."""
