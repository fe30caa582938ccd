"""What crosses the wire, and the wire itself: imports nothing of ours from outside."""
