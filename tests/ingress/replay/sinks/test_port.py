from ingress.compare.answer import Answer
from ingress.replay.sinks.http import HttpSink
from ingress.replay.sinks.port import Sent, Sink
from tests.ingress.replay.playback import FakeSink


def test_sinks_can_stand_for_each_other() -> None:
    """The sink of the tests and the real ones fit the port (checked by the type checker)."""
    sinks: list[Sink] = [FakeSink(), HttpSink("http://localhost")]
    assert [sink.name for sink in sinks] == ["fake", "http://localhost"]


def test_what_was_sent_may_have_run() -> None:
    """Unless it is known otherwise, a call that was sent may have run."""
    assert Sent(Answer(error="lost")).left
