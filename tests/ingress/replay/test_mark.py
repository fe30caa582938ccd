import msgspec
import pytest

from contracts import deadline
from contracts.call import Call
from contracts.fault import Fault
from ingress.replay import mark
from ingress.replay.mark import Marks

KEY = "sixteen letters!"
CALL = Call(
    id="r-2",
    operation="shop.add",
    path="/v1/items",
    query="a=1",
    headers=(("accept", "*/*"),),
    body=b"{}",
    replay="run-1/r-1",
)


def arrived(value: str, **changes: object) -> Call:
    """Give the call as an edge reads it, with this mark in its header."""
    headers = (*CALL.headers, (mark.HEADER, value))
    return msgspec.structs.replace(CALL, replay="", headers=headers, **changes)


def test_a_signed_mark_is_believed() -> None:
    """What was signed with the same key becomes the call's ``replay``, and the header is gone."""
    assert Marks(KEY).believe(arrived(Marks(KEY).sign(CALL))) == CALL


@pytest.mark.parametrize("changes", [{"body": b"{ }"}, {"path": "/"}, {"query": ""}])
def test_a_mark_is_for_one_call(changes: dict[str, object]) -> None:
    """A mark that was seen somewhere does not mark another call."""
    with pytest.raises(Fault, match="forbidden"):
        Marks(KEY).believe(arrived(Marks(KEY).sign(CALL), **changes))


@pytest.mark.parametrize("value", ["", "run/1", "r/1;t=1;s=", f"r/1;t=1;s={0:064}", "\x00;é"])
def test_garbage_is_refused(value: str) -> None:
    """Whatever stands in the header is a mark or is refused."""
    with pytest.raises(Fault, match="forbidden"):
        Marks(KEY).believe(arrived(value))


def test_another_key_is_refused() -> None:
    """A mark that another key has signed is refused."""
    with pytest.raises(Fault, match="forbidden"):
        Marks(KEY).believe(arrived(Marks(KEY + "?").sign(CALL)))


def test_an_old_mark_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark is good for five minutes."""
    now = deadline.now_ms()
    value = Marks(KEY).sign(CALL)
    monkeypatch.setattr(deadline, "now_ms", lambda: now + 299_000)
    Marks(KEY).believe(arrived(value))
    monkeypatch.setattr(deadline, "now_ms", lambda: now + 302_000)
    with pytest.raises(Fault, match="forbidden"):
        Marks(KEY).believe(arrived(value))


def test_without_a_key_no_replay_is_taken() -> None:
    """A gateway that cannot verify a mark refuses the call rather than run it as a real one."""
    assert not Marks()
    assert Marks().sign(CALL) == ""
    with pytest.raises(Fault) as refused:
        Marks().believe(arrived(Marks(KEY).sign(CALL)))
    assert "no replay key" in refused.value.detail


def test_a_key_is_long_and_never_shown() -> None:
    """A short key is an error, and the repr shows none."""
    with pytest.raises(ValueError, match="at least 16"):
        Marks("short")
    assert KEY not in repr(Marks(KEY))
