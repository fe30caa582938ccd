from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import frames
from contracts.brokers.rabbitmq.splitter import FIRST_LARGEST, Frame, Splitter, joined
from tests.contracts.brokers.rabbitmq.fakes import content, deliver

KINDS = (frames.METHOD, frames.HEADER, frames.BODY, frames.HEARTBEAT)
NOTHING = st.just(b"")
FRAMES = st.tuples(
    st.sampled_from(KINDS), st.integers(0, 65_535), st.binary(max_size=30), NOTHING, NOTHING
)


def single(frame: Frame) -> list[Frame]:
    """Give the frames that a message was which came in one piece."""
    kind, channel, method, header, body = frame
    if kind != frames.CONTENT:
        return [frame]
    kinds = zip(KINDS, (method, header, body), strict=False)
    return [(kind, channel, payload, b"", b"") for kind, payload in kinds]


def fed(stream: bytes, cuts: list[int]) -> tuple[list[Frame], str, bytes]:
    """Feed a stream cut at these places; give the frames, the error and what is left."""
    splitter = Splitter()
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    found = [frame for start, end in pairwise(places) for frame in splitter.feed(stream[start:end])]
    assert b"".join(map(joined, found)) + splitter.rest == stream
    return [one for frame in found for one in single(frame)], splitter.error, splitter.rest


CUTS = st.lists(st.integers(0, 2000), max_size=40)


# Mostly frames, with garbage here and there: bytes alone seldom come to a second frame.
def delivery(body: bytes, channel: int = 1) -> bytes:
    """Give the bytes of a delivery, in three frames or two."""
    header, body = content(Message(body=body))
    pieces = [(frames.METHOD, deliver()), (frames.HEADER, header)]
    if body:
        pieces.append((frames.BODY, body))
    return b"".join(joined((kind, channel, piece, b"", b"")) for kind, piece in pieces)


DELIVERIES = st.builds(delivery, st.binary(max_size=9), st.integers(1, 2))
STREAMS = st.lists(DELIVERIES | FRAMES.map(joined) | st.binary(max_size=12), max_size=8).map(
    b"".join
)


@given(sent=st.lists(FRAMES, max_size=10), cuts=CUTS)
def test_frames_come_out_as_they_went_in(sent: list[Frame], cuts: list[int]) -> None:
    """However a stream of frames is cut, the same frames come out, and nothing is left."""
    stream = b"".join(map(joined, sent))
    assert fed(stream, cuts) == (sent, "", b"")


@given(stream=STREAMS, cuts=CUTS)
@example(stream=b"AMQP\0\0\x09\1", cuts=[4])
def test_any_bytes_give_frames_or_one_error(stream: bytes, cuts: list[int]) -> None:
    """Any bytes, however cut, give the same frames, the same error, and leave the same bytes."""
    assert fed(stream, cuts) == fed(stream, [])


@given(stream=STREAMS, cuts=CUTS)
def test_every_byte_alone(stream: bytes, cuts: list[int]) -> None:
    """Also byte by byte."""
    assert fed(stream, list(range(len(stream)))) == fed(stream, cuts)


@given(good=st.lists(FRAMES, max_size=3), more=st.binary(max_size=30))
def test_nothing_comes_after_an_error(good: list[Frame], more: bytes) -> None:
    """After what is no frame nothing comes any more, whatever it is."""
    splitter = Splitter()
    stream = b"".join(map(joined, good))
    assert splitter.feed(stream + b"\x07\0\0\0\0\0\0\xce" + stream) == good
    assert splitter.error == "a frame of the unknown type 7"
    assert splitter.feed(more + stream) == []
    assert "unknown type 7" in repr(splitter)


def test_a_wrong_end() -> None:
    """A frame that does not end where it should is an error (section 2.3.5)."""
    splitter = Splitter()
    assert splitter.feed(b"\x03\0\x01\0\0\0\x01x\xcf") == []
    assert splitter.error == "a frame that ends with 0xcf"


def test_a_frame_that_is_too_large() -> None:
    """A frame beyond what was agreed on is an error with its head: nobody waits for its end."""
    splitter = Splitter()
    head = frames.FRAME_HEAD.pack(frames.BODY, 1, FIRST_LARGEST)
    assert splitter.feed(head) == []
    assert "was agreed on" in splitter.error
    splitter = Splitter()
    splitter.largest = 0
    assert splitter.feed(head) == []
    assert splitter.error == ""


def test_a_delivery_comes_in_one_piece() -> None:
    """Method, header and body that came together are one; cut behind the method they are frames."""
    stream = delivery(b"abc") + delivery(b"") + delivery(b"de")
    kinds = [frame[0] for frame in Splitter().feed(stream)]
    assert kinds == [frames.CONTENT, frames.METHOD, frames.HEADER, frames.CONTENT]
    splitter, place = Splitter(), stream.index(frames.END) + 5
    found = [*splitter.feed(stream[:place]), *splitter.feed(stream[place:])]
    assert [frame[0] for frame in found[:3]] == [frames.METHOD, frames.HEADER, frames.BODY]


@given(place=st.integers(0, 200), octet=st.integers(0, 255))
def test_one_piece_or_frames_it_is_the_same(place: int, octet: int) -> None:
    """A delivery that is wrong somewhere gives what its frames alone would give."""
    stream = bytearray(delivery(b"abc") * 2)
    stream[place % len(stream)] = octet
    assert fed(bytes(stream), []) == fed(bytes(stream), list(range(len(stream))))
