from tests.contracts.brokers.contract import BrokerContract


class TestRabbitMQ(BrokerContract):
    """The contract on a real RabbitMQ."""
