"""The contract suite on topics: what everybody hears who listens."""

from contracts.brokers.port import TOPIC, Message, QueueStats, State
from contracts.fault import Fault
from tests.contracts.brokers.kit import Kit, Outcomes, up
from tests.harness.waiting import eventually


class TopicsContract:
    """Who hears what, and that nothing is kept for who does not."""

    async def test_all_who_listen_hear_it(self, kit: Kit) -> None:
        """Each listener of a key gets each message of it, and none of another key."""
        speaker, one, two, other = [await up(kit) for _ in range(4)]
        heard: dict[str, list[bytes]] = {"one": [], "two": [], "other": []}
        await one.listen("a.b", lambda m: heard["one"].append(m.body))
        await two.listen("a.b", lambda m: heard["two"].append(m.body))
        await other.listen("a.c", lambda m: heard["other"].append(m.body))
        for body in (b"1", b"2"):
            speaker.publish(Message(body=body), routing_key="a.b", exchange=TOPIC)
        speaker.publish(Message(body=b"3"), routing_key="a.c", exchange=TOPIC)
        await eventually(lambda: all(heard.values()) and len(heard["two"]) == 2)
        assert heard == {"one": [b"1", b"2"], "two": [b"1", b"2"], "other": [b"3"]}

    async def test_nobody_need_listen(self, kit: Kit) -> None:
        """What nobody listens to is gone, and only who wants to know hears ``no_route``."""
        client, outcomes = await up(kit), Outcomes()
        client.publish(Message(), routing_key="a", exchange=TOPIC)
        client.publish(Message(), routing_key="a", exchange=TOPIC, on_outcome=outcomes)
        await eventually(lambda: outcomes.heard)
        (fault,) = outcomes.heard
        assert isinstance(fault, Fault)
        assert fault.code == "no_route"
        assert client.state is State.UP

    async def test_listening_goes_on_after_a_reconnect(self, kit: Kit) -> None:
        """A listener whose connection was cut hears again, once, when it is back."""
        speaker, listener = await up(kit), await up(kit)
        heard: list[bytes] = []
        await listener.listen("a", lambda message: heard.append(message.body))
        kit.cut(listener)
        await eventually(lambda: listener.state is State.DOWN)
        await listener.ready(10)
        speaker.publish(Message(body=b"x"), routing_key="a", exchange=TOPIC)
        await eventually(lambda: heard)
        assert heard == [b"x"]

    async def test_listening_takes_nothing_from_a_queue(self, kit: Kit) -> None:
        """A queue of the same name as a key has nothing to do with it."""
        client = await up(kit)
        await client.listen("q", lambda _: None)
        assert await client.stats("q") is None
        assert await client.stats("amq.topic") != QueueStats(messages=0, consumers=1)
