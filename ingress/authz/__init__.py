"""Who may call a route: rules about a caller that is known, and about its request."""
