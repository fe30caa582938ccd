"""Services that queuegate's own worker runs in the benchmark."""
