"""A shared cache of answers by RFC 9111, in front of the queue."""
