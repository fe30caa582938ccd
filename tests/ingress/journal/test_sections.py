import pytest

from ingress import routefile
from ingress.problems import ConfigError

ROUTE = "routes: [{route: GET /a, operation: a.b%s}]\n"


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        routefile.parse(text.encode(), environment={})
    return str(caught.value)


@pytest.mark.parametrize(
    "text, told",
    [
        ("journal: {stroe: a}\n", "did you mean"),
        ("journal: {store: 'stream:a b'}\n", "a store is the path of a file, or stream:NAME"),
        ("journal: {store: ''}\n", "a store is the path of a file"),
        ("journal: {keys: [s3cret]}\n", "openssl rand -base64 32"),
        ("journal: {keys: []}\n", "must not be empty"),
        ("journal: {when_full: wait}\n", "must be one of 'drop' or 'push_back'"),
        ("journal: {retention: {age: 7}}\n", "needs its unit"),
        ("journal: {retention: {count: 0}}\n", "must be at least 1"),
        ("journal: {interval: 1m}\n", "must be at most 10s"),
        ("journal: {store: 'stream:a', retention: {count: 5}}\n", "by age and size alone"),
        ("journal: on\n", "a mapping of settings, or off"),
    ],
)
def test_a_wrong_journal_is_told(text: str, told: str) -> None:
    """Whatever is wrong with the section is told with its place and what to write instead."""
    assert told in complaint(text + ROUTE % "")


@pytest.mark.parametrize(
    "text, told",
    [
        ("fulll", "did you mean full?"),
        ("{level: all}", "must be one of 'off', 'metadata' or 'full'"),
        ("{sample: 0%}", "must be more than 0%"),
        ("{redact: {body: [card]}}", "a JSON path is written $.card.number"),
        ("{redact: {headers: ['a b']}}", "no name of a header"),
        ("{redact: {hash: ['$.']}}", "a JSON path is written"),
        ("5", "a mapping of settings"),
    ],
)
def test_a_wrong_recording_is_told(text: str, told: str) -> None:
    """What a route asks of the journal is checked as strictly."""
    assert told in complaint("journal: {}\n" + ROUTE % f", journal: {text}")


def test_a_route_cannot_record_without_a_journal() -> None:
    """A route that asks for a journal where there is none is told how to have one."""
    assert "the file has no journal" in complaint(ROUTE % ", journal: full")
    assert routefile.parse(("journal: off\n" + ROUTE % ", journal: full").encode(), environment={})


def test_digests_need_a_key() -> None:
    """A digest without a key could be tried out, so it is refused."""
    text = ROUTE % ", journal: {redact: {hash: [x-api-key]}}"
    assert "digests need a key" in complaint("journal: {}\n" + text)


def test_a_key_from_the_environment_is_not_shown() -> None:
    """What came from the environment is in no complaint."""
    text = 'journal: {keys: ["${K}"]}\n' + ROUTE % ""
    with pytest.raises(ConfigError) as caught:
        routefile.parse(text.encode(), environment={"K": "s3cret"})
    assert "s3cret" not in str(caught.value)
