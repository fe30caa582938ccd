"""Sample services, for the README, the tests and the demo: on real-looking data."""
