"""The caller inside the message: who asks, in a form that a worker can check for itself."""
