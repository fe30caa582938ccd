"""The HTTP edge: turns a request into a call, and a reply into the answer."""
