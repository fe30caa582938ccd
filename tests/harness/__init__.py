"""What the tests stand on: a private broker, child processes, waiting for conditions."""
