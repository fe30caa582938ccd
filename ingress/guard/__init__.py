"""What stands at the door: who connects, from where, how many, how fast, and with what papers."""
