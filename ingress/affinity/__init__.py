"""All calls of one key to one consumer, in their order."""
