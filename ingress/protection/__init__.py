"""What a route holds against traffic that means no good: origins, addresses, sizes."""
