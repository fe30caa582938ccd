"""RabbitMQ behind the broker port, on aio-pika's connections."""

from contracts.brokers.rabbitmq.broker import RabbitMQBroker

__all__ = ("RabbitMQBroker",)
