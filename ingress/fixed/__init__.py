"""Answers that the gateway has by itself: a reply that is written in the route file, a redirect."""
