"""The lane: publishing and consuming on frames of our own, under aio-pika's connection.

aiormq opens the channels, sets their prefetch, starts and cancels the
consumers. Content frames it neither writes nor sees: see ``wire``.
"""

import aiormq.abc

from contracts.brokers.port import OnDelivery, OnMessage, OnRefused
from contracts.brokers.rabbitmq import bundle
from contracts.brokers.rabbitmq.lane.asker import Asker
from contracts.brokers.rabbitmq.lane.consumer import ConsumerChannel, ReplyChannel
from contracts.brokers.rabbitmq.lane.publisher import Publisher
from contracts.brokers.rabbitmq.link import Link
from contracts.brokers.rabbitmq.rare import ask


class Lane:
    """The fast way."""

    replies_end = bundle.SUFFIX

    def __repr__(self) -> str:
        return "<Lane>"

    async def publisher(self, link: Link) -> Publisher:
        """Open the publishing channel, with confirms."""
        channel = await link.channel(confirms=True)
        publisher = Publisher(link.wire, channel.number, link.frame_max)
        link.take(channel, publisher)
        publisher.attach(lambda: link.shut(channel))
        return publisher

    async def asker(self, link: Link, on_refused: OnRefused) -> Asker:
        """Open the channel for calls, without confirms."""
        channel = await link.channel()
        asker = Asker(link.wire, channel.number, link.frame_max, on_refused)
        link.take(channel, asker)
        return asker

    async def consumer(
        self, link: Link, queue: str, on_delivery: OnDelivery, prefetch: int
    ) -> ConsumerChannel:
        """Start a consumer on a channel of its own."""
        channel = await link.channel()
        consumer = ConsumerChannel(link.wire, channel.number, link.frame_max, queue, on_delivery)
        consumer.attach(link, channel)
        try:
            await ask(channel.basic_qos(prefetch_count=prefetch))
            begun = await ask(channel.basic_consume(queue, _never_called))
        except BaseException:
            await consumer.leave()
            raise
        consumer.begun(begun.consumer_tag or "")
        return consumer

    async def replies(self, link: Link, queue: str, on_message: OnMessage) -> None:
        """Declare the exclusive reply queue and consume from it, without acknowledgements."""
        channel = await link.channel()
        await ask(channel.queue_declare(queue, exclusive=True, auto_delete=True))
        link.take(channel, ReplyChannel(link.wire, on_message))
        await ask(channel.basic_consume(queue, _never_called, no_ack=True))


async def _never_called(message: aiormq.abc.DeliveredMessage) -> None:
    """Stand in for a consumer: the Wire takes the deliveries before aiormq sees them."""
