"""The contract suite: what every broker does, whatever it is made of.

Subclassed for the embedded broker and for RabbitMQ; each gives its ``kit``.
"""

from tests.contracts.brokers.contract_bundles import BundlesContract
from tests.contracts.brokers.contract_messages import (
    ExpiryContract,
    MessagesContract,
    PublishContract,
)
from tests.contracts.brokers.contract_pulls import PullsContract
from tests.contracts.brokers.contract_queues import DeliveryContract, QueuesContract
from tests.contracts.brokers.contract_states import RepliesContract, StatesContract
from tests.contracts.brokers.contract_topics import TopicsContract


class BrokerContract(
    MessagesContract,
    BundlesContract,
    DeliveryContract,
    ExpiryContract,
    PublishContract,
    PullsContract,
    QueuesContract,
    RepliesContract,
    StatesContract,
    TopicsContract,
):
    """All of it."""
