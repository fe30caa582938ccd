"""Which route a request meets: kinds of parameters, hosts, conditions, and groups."""
