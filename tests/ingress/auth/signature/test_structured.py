from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.auth.signature import structured


def test_lists_have_members_and_parameters() -> None:
    """What is read is what stands there, and how it stands there."""
    said = structured.lists(
        'sig1=("@method" "@query-param";name="a\\"b" "x";bs);created=5;keyid="k", sig2=();n=-1'
    )
    one = said["sig1"]
    assert [member.value for member in one.members] == ["@method", "@query-param", "x"]
    assert [member.parameters for member in one.members] == [{}, {"name": 'a"b'}, {"bs": True}]
    assert one.members[1].written == '"@query-param";name="a\\"b"'
    assert one.parameters == {"created": 5, "keyid": "k"}
    assert one.written.startswith('("@method"')
    assert said["sig2"].parameters == {"n": -1}


def test_byte_sequences_are_base64() -> None:
    """Several of them stand in one field, or in several of a name."""
    assert structured.byte_sequences("a=:aGk=:,b=::") == {"a": b"hi", "b": b""}


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a=", "a=(", "a=)", "a=(a)", 'a=("b"', 'a=("b" )', 'a=( "b")', 'a=("b"  "c")',
        'a=("b""c")', 'a=("b")x', 'a=("b"),', ',a=("b")', 'A=("b")', 'a=("b"), a=("c")',
        'a=("b");x=1;x=2', 'a=("b"); x=1', 'a=("b");x= 1', 'a=("b");x=1.5', 'a=("b");x=token',
        'a=("b");x=?1', 'a=("b");x=:YQ==:', 'a=("b");x=1234567890123456', 'a=("b\n")',
        'a=("é")', 'a=("b\\c")', ' a=("b")', 'a=("b") ', "a=1", 'a="b"', "a=:YQ==:", 'a=("b");',
        'a=("b");X=1', 'a=["b"]', 'a=("b");x=-',
    ],
)  # fmt: skip
def test_another_writing_of_lists_is_refused(text: str) -> None:
    """One text has one meaning; what could have two is refused."""
    with pytest.raises(ValueError, match="structured field"):
        structured.lists(text)


@pytest.mark.parametrize(
    "text", ["", "a", "a=aGk=", "a=:aGk:", "a=:aGl=:", "a=:a-_=:", "a=:aGk=", "a=: :", "a=:aGk=:;x",
             "a=:aGk=:, a=:aGk=:", "a=()", 'a="b"', "a=:é:", "a=:aGk=:,"]
)  # fmt: skip
def test_another_writing_of_bytes_is_refused(text: str) -> None:
    """Padding that is missing, left-over bits, the other alphabet: each is refused."""
    with pytest.raises(ValueError):  # noqa: PT011 - one of them is the decoder's own
        structured.byte_sequences(text)


@given(st.text(alphabet='ab=()";:, 1@\\-?*\n', max_size=30) | st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but a ValueError comes of garbage, and what is read stands there."""
    for read in (structured.lists, structured.byte_sequences):
        with suppress(ValueError):
            assert read(text)
