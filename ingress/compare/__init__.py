"""Two answers to one request held against each other, and what differs told once a cause."""
