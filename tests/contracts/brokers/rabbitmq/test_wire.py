import asyncio
from itertools import pairwise

import pamqp.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, heartbeat

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import frames, wire
from contracts.brokers.rabbitmq.content import Content
from contracts.brokers.rabbitmq.properties import read_properties
from contracts.brokers.rabbitmq.wire import Tap, Wire
from contracts.fault import Fault
from tests.contracts.brokers.rabbitmq.fakes import DeadEnd

OURS, THEIRS = 5, 6


class Recorder:
    """A handler that keeps what it gets."""

    def __init__(self) -> None:
        self.content = Content()
        self.got: list[object] = []

    def on_content(self, method: bytes, header: bytes, body: bytes) -> None:
        self.got.append((method[:4], read_properties(header, body)))

    def on_confirm(self, method: frames.Method, payload: bytes) -> None:
        self.got.append(method)

    def on_closed(self, reason: str) -> None:
        self.got.append(reason)


def content(channel: int, body: bytes, frame_max: int = 9) -> bytes:
    """Give a delivery as the broker sends it, its body in frames of one octet or so."""
    deliver = pamqp.frame.marshal(commands.Basic.Deliver("t", 1, False, "", "q"), channel)  # noqa: FBT003 - redelivered
    published = frames.publish(
        Message(body=body),
        channel=channel,
        exchange="",
        routing_key="",
        mandatory=False,
        frame_max=frame_max,
    )
    method = frames.FRAME_HEAD.unpack_from(published)[2] + frames.OVERHEAD
    return deliver + published[method:]


async def passed_on(reader: Tap) -> bytes:
    """Read what aiormq would read."""
    asyncio.StreamReader.feed_eof(reader)
    return await reader.read()


def tapped() -> tuple[Wire, Recorder, Tap]:
    line, recorder = Wire(), Recorder()
    line.handlers[OURS] = recorder
    return line, recorder, Tap(line, asyncio.get_running_loop())


ECHO = heartbeat.Heartbeat().marshal()
CHATTER = (
    ECHO,
    pamqp.frame.marshal(commands.Basic.QosOk(), OURS),
    pamqp.frame.marshal(commands.Channel.OpenOk(), THEIRS),
    content(THEIRS, b"theirs"),
)


@given(cuts=st.lists(st.integers(0, 400), max_size=12), body=st.binary(max_size=9))
async def test_frames_are_sorted_however_they_are_cut(cuts: list[int], body: bytes) -> None:
    """However the bytes are cut, our content is ours, and all else is aiormq's, in order."""
    _, recorder, reader = tapped()
    stream = b"".join(one + content(OURS, body) for one in CHATTER)
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    for start, end in pairwise(places):
        reader.feed_data(stream[start:end])
    assert await passed_on(reader) == b"".join(CHATTER)
    assert recorder.got == [(frames.BASIC_DELIVER, Message(body=body))] * len(CHATTER)


async def test_the_connection_is_listened_to() -> None:
    """Blocked, unblocked and close are heard, and aiormq hears them too."""
    line, _, reader = tapped()
    heard: list[str] = []
    line.on_blocked = lambda reason: heard.append(f"blocked {reason}")
    line.on_lost = lambda reason: heard.append(f"lost {reason}")
    said = b"".join(
        pamqp.frame.marshal(method, 0)
        for method in (
            commands.Connection.Blocked("low on memory"),
            commands.Connection.Unblocked(),
            commands.Connection.Close(320, "CONNECTION_FORCED", 0, 0),
        )
    )
    reader.feed_data(said)
    reader.feed_eof()
    assert heard == ["blocked low on memory", "blocked ", "lost CONNECTION_FORCED"]
    assert await reader.read() == said


async def test_closed_channels_are_heard() -> None:
    """A closed channel and a cancelled consumer are told to the handler, and to aiormq."""
    _, recorder, reader = tapped()
    close = pamqp.frame.marshal(commands.Channel.Close(404, "NOT_FOUND", 0, 0), OURS)
    cancel = pamqp.frame.marshal(commands.Basic.Cancel("t"), OURS)
    reader.feed_data(close + cancel)
    assert recorder.got[0] == "NOT_FOUND"
    assert "cancelled" in str(recorder.got[1])
    assert await passed_on(reader) == close + cancel


async def test_aiormq_is_shown_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """When all that comes is ours, aiormq is shown a heartbeat now and then."""
    monkeypatch.setattr(wire, "SIGN_OF_LIFE", -1.0)
    _, _, reader = tapped()
    reader.feed_data(content(OURS, b""))
    assert await passed_on(reader) == frames.HEARTBEAT_FRAME


async def test_what_is_no_amqp_is_passed_on() -> None:
    """What is no frame at all goes to aiormq as it is, which has words for it."""
    _, _, reader = tapped()
    reader.feed_data(b"HTTP/1.1 400")
    reader.feed_data(b" Bad Request")
    assert await passed_on(reader) == b"HTTP/1.1 400 Bad Request"


async def test_garbage_in_our_frames_is_a_loss() -> None:
    """A frame of ours that makes no sense ends the connection."""
    line, _, reader = tapped()
    reader.feed_data(frames.FRAME_HEAD.pack(frames.HEADER, OURS, 2) + b"\0\0" + frames.END)
    assert "no AMQP" in line.lost_because


def one(kind: int, payload: bytes) -> bytes:
    return frames.FRAME_HEAD.pack(kind, OURS, len(payload)) + payload + frames.END


WHOLE = content(OURS, b"x", 0)
METHOD_END = WHOLE.index(frames.END) + 1
ACK = pamqp.frame.marshal(commands.Basic.Ack(1), OURS)


@pytest.mark.parametrize(
    "wrong",
    [
        one(frames.BODY, b"x"),
        WHOLE + one(frames.BODY, b"x"),
        WHOLE[METHOD_END:],
        WHOLE[:METHOD_END] + WHOLE,
        WHOLE[:METHOD_END] + ACK,
        content(OURS, b"xy")[:-9] + WHOLE,
        content(OURS, b"xy")[:-9] + one(frames.BODY, b"long"),
    ],
    ids=[
        "a body alone",
        "a body more",
        "no method",
        "a method in between",
        "a confirm in between",
        "a message in between",
        "a body too long",
    ],
)
async def test_content_out_of_order_is_a_loss(wrong: bytes) -> None:
    """A frame that cannot come now ends the connection, and hands nothing over."""
    line, recorder, reader = tapped()
    reader.feed_data(wrong)
    assert "no AMQP" in line.lost_because
    assert len(recorder.got) == wrong.startswith(WHOLE)


async def test_answers_leave_with_the_questions() -> None:
    """What is sent while deliveries are handed over leaves before the read is over."""
    line, recorder, reader = tapped()
    writes, asked = list[bytes](), list[str]()
    line._writer = Written(writes)  # type: ignore[assignment]

    def answer(*_: bytes) -> None:
        line.soon(lambda: asked.append(f"after {len(recorder.got)}"))
        recorder.got.append("answered")
        line.send(b"reply")
        line.send_last(lambda: b"ack")

    recorder.on_content = answer  # type: ignore[method-assign,assignment]
    reader.feed_data(WHOLE * 2)
    assert asked == ["after 2"] * 2
    assert writes == [b"replyreplyackack"]


class Written:
    """As much of a writer as a wire needs."""

    def __init__(self, writes: list[bytes]) -> None:
        self.write = writes.append

    def is_closing(self) -> bool:
        return False


async def test_a_delivery_that_fails_to_be_read_keeps_nothing_back() -> None:
    """What was sent before an error in the same read leaves all the same."""
    line, recorder, reader = tapped()
    recorder.on_content = lambda *_: line.send(b"reply")  # type: ignore[method-assign]
    line.abort = lambda: None  # type: ignore[method-assign]
    writes: list[bytes] = []
    line._writer = Written(writes)  # type: ignore[assignment]
    reader.feed_data(WHOLE + one(frames.BODY, b"x"))
    assert writes == [b"reply"]


@given(chunks=st.lists(st.binary(max_size=40), max_size=8))
async def test_any_bytes_raise_nothing(chunks: list[bytes]) -> None:
    """Whatever a server sends, nothing is raised into the event loop."""
    _, _, reader = tapped()
    for chunk in chunks:
        reader.feed_data(chunk)
    reader.feed_eof()


@pytest.mark.parametrize(
    "error, reason", [(None, "the broker closed the connection"), (OSError("reset"), "reset")]
)
async def test_the_first_reason_counts(error: Exception | None, reason: str) -> None:
    """A loss is told once, with the first reason."""
    line, _, reader = tapped()
    heard: list[str] = []
    line.on_lost = heard.append
    if error is None:
        reader.feed_eof()
    else:
        reader.set_exception(error)
    line.lost("something later")
    assert heard == [reason]
    if error is not None:
        with pytest.raises(OSError, match="reset"):
            await reader.read()


async def test_one_write_a_turn() -> None:
    """What is sent in one turn of the event loop leaves in one write."""
    writes: list[bytes] = []

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writes.append(await reader.read())
        writer.close()

    async with await asyncio.start_server(keep, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        line, calls = Wire(), list[bytes]()

        def write(data: bytes) -> None:
            calls.append(data)
            writer.transport.write(data)

        writer.write = write  # type: ignore[method-assign,assignment]
        line.attach(writer)
        for piece in (b"a", b"b", b"c"):
            line.send(piece)
        assert calls == []
        await asyncio.sleep(0)
        assert calls == [b"abc"]
        assert not line.choked
        writer.close()
        await writer.wait_closed()
        line.send(b"too late")
        line.flush()


async def test_a_choked_wire_refuses() -> None:
    """A publish is refused when the broker reads more slowly than we write."""
    line = DeadEnd()
    wire.refuse_when_choked(line)
    line.full = True
    with pytest.raises(Fault, match="broker_blocked"):
        wire.refuse_when_choked(line)


async def test_what_is_urgent_leaves_at_once_and_in_its_place() -> None:
    """It is written with all that waits before it; what comes after, and last words, wait on."""
    writes: list[bytes] = []
    line = Wire()
    line.attach(Written(writes))  # type: ignore[arg-type]
    line.send(b"a")
    line.send_last(lambda: b"last")
    line.send_now(b"b")
    assert writes == [b"ab"]
    line.send(b"c")
    await asyncio.sleep(0)
    assert writes == [b"ab", b"clast"]
