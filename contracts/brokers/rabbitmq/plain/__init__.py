"""The plain way: publishing and consuming by aio-pika's own calls.

About eight times the cost of the lane, and none of its code. For who suspects
the lane, and to show by the same tests that both do the same.
"""

from contracts.brokers.port import OnDelivery, OnMessage, OnRefused
from contracts.brokers.rabbitmq.link import Link
from contracts.brokers.rabbitmq.plain.asker import PlainAsker
from contracts.brokers.rabbitmq.plain.consumer import PlainConsumer, PlainReplies
from contracts.brokers.rabbitmq.plain.publisher import PlainPublisher
from contracts.brokers.rabbitmq.rare import ask


class Plain:
    """The way without the lane."""

    replies_end = ""

    def __repr__(self) -> str:
        return "<Plain>"

    async def publisher(self, link: Link) -> PlainPublisher:
        """Open the publishing channel, with confirms."""
        channel = await link.plain_channel(confirms=True)
        publisher = PlainPublisher(link.wire, channel)
        await publisher.begin()
        return publisher

    async def asker(self, link: Link, on_refused: OnRefused) -> PlainAsker:
        """Open the channel for calls."""
        return PlainAsker(await self.publisher(link), on_refused)

    async def consumer(
        self, link: Link, queue: str, on_delivery: OnDelivery, prefetch: int
    ) -> PlainConsumer:
        """Start a consumer on a channel of its own."""
        channel = await link.plain_channel(confirms=False)
        consumer = PlainConsumer(link.wire, channel, queue, on_delivery)
        try:
            await ask(channel.set_qos(prefetch_count=prefetch))
            await ask(consumer.begin())
        except BaseException:
            await consumer.leave()
            raise
        return consumer

    async def replies(self, link: Link, queue: str, on_message: OnMessage) -> None:
        """Declare the exclusive reply queue and consume from it, without acknowledgements."""
        channel = await link.plain_channel(confirms=False)
        replies = PlainReplies(link.wire, channel, on_message)
        await ask(replies.begin(queue))
