"""A journal in a RabbitMQ stream, that all gateways of a fleet share."""
