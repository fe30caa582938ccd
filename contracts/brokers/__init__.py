"""Message brokers behind one port: see :mod:`contracts.brokers.port`."""
