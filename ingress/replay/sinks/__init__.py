"""Where a call is sent to: over HTTP, or straight to a queue."""
