"""What the route file says of the journal: where it is, what is kept, what is recorded of a route.

The top of the file has ``journal: {...}``; without it nothing is written anywhere. Each route, and
``defaults``, may say ``journal: off``, ``metadata`` or ``full``, or a section.
"""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Discriminator, Field, Strict, Tag, WithJsonSchema

from ingress.branches import OFF, ON, Switchable
from ingress.journal import jsonpath, keys
from ingress.journal.recording import MAX_BODY
from ingress.values import Duration, Section, Share, Short, Size

STREAM: Final = "stream:"
"""What a store begins with that is a stream of the broker, and no file."""

_STORE: Final = r"^(stream:[A-Za-z0-9._-]{1,200}|(?!stream:).+)$"
_PATH: Final = r"^\$"
_FIELD: Final = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
_YEARS: Final = 10 * 365 * 86_400
_MOST: Final = 100 * 1024**4


def _check_store(text: str) -> str:
    if not re.match(_STORE, text, re.ASCII) or "\0" in text:
        raise ValueError("a store is the path of a file, or stream:NAME for a stream of the broker")
    return text


def _check_path(text: str) -> str:
    jsonpath.parse(text)
    return text


def _check_key(text: str) -> str:
    keys.read(text)
    return text


def _check_name(text: str) -> str:
    if not re.match(_FIELD, text, re.ASCII) or text.endswith("\n"):
        raise ValueError("this is no name of a header or of a query's key")
    return text


def _check_either(text: str) -> str:
    return _check_path(text) if text.startswith("$") else _check_name(text)


StoreName = Annotated[
    str,
    AfterValidator(_check_store),
    WithJsonSchema(
        {"type": "string", "pattern": _STORE, "examples": ["journal.db", "stream:journal"]}
    ),
]
Key = Annotated[Short, AfterValidator(_check_key)]
FieldName = Annotated[
    Short,
    AfterValidator(_check_name),
    WithJsonSchema({"type": "string", "pattern": _FIELD, "examples": ["x-session"]}),
]
JsonPath = Annotated[
    Short,
    AfterValidator(_check_path),
    WithJsonSchema({"type": "string", "pattern": _PATH, "examples": ["$.card.number"]}),
]
Either = Annotated[Short, AfterValidator(_check_either)]
List = Strict(strict=False)


class RetentionSection(Section):
    """How much is kept. The oldest goes first."""

    age: Annotated[Duration, Field(gt=0, le=_YEARS, description="Older records are deleted.")] = (
        7 * 86_400.0
    )
    size: Annotated[
        Size, Field(gt=0, le=_MOST, description="Beyond this size the oldest are deleted.")
    ] = 1024**3
    count: Annotated[
        int | None,
        Field(ge=1, le=10**12, description="At most this many records.", examples=[1_000_000]),
    ] = None


class JournalSection(Section):
    """Where requests are written down, to be found and replayed."""

    store: Annotated[
        StoreName,
        Field(description="A file, relative to the route file; or stream:NAME on the broker."),
    ] = "journal.db"
    retention: Annotated[RetentionSection, Field(description="How much is kept.")] = (
        RetentionSection()
    )
    keys: Annotated[
        tuple[Key, ...] | None,
        List,
        Field(
            min_length=1,
            max_length=16,
            description=(
                "Encrypt queries, headers and bodies: 32 bytes each, in base64 or hex. The first"
                " one encrypts, all decrypt."
            ),
            examples=[["${JOURNAL_KEY}"]],
        ),
    ] = None
    when_full: Annotated[
        Literal["drop", "push_back"],
        Field(
            description=(
                "When records come faster than they can be written: drop and count them, or"
                " answer new requests 503 overloaded."
            )
        ),
    ] = "drop"
    buffer: Annotated[
        Size,
        Field(ge=1024**2, le=64 * 1024**3, description="Memory for what waits to be written."),
    ] = 64 * 1024**2
    interval: Annotated[
        Duration,
        Field(ge=0.01, le=10, description="How long records are gathered before they are written."),
    ] = 0.2


class RedactSection(Section):
    """What is not written down, besides credentials, which never are."""

    headers: Annotated[
        tuple[FieldName, ...] | None,
        List,
        Field(max_length=100, description="Headers of request and answer.", examples=[["x-ssn"]]),
    ] = None
    query: Annotated[
        tuple[FieldName, ...] | None,
        List,
        Field(max_length=100, description="Keys of the query, and of forms.", examples=[["pin"]]),
    ] = None
    body: Annotated[
        tuple[JsonPath, ...] | None,
        List,
        Field(
            max_length=100,
            description="JSON paths into bodies, of request and answer.",
            examples=[["$.card.number"]],
        ),
    ] = None
    hash: Annotated[
        tuple[Either, ...] | None,
        List,
        Field(
            max_length=100,
            description=(
                "Names and paths whose value is replaced by a keyed digest, so that equal values"
                " stay equal. Needs `keys`."
            ),
            examples=[["x-api-key", "$.customer"]],
        ),
    ] = None


class RecordingSection(Section):
    """What is recorded of a route's requests."""

    level: Annotated[
        Literal["off", "metadata", "full"],
        Field(description="Nothing; all but headers and bodies; or all."),
    ] = "metadata"
    sample: Annotated[
        Share, Field(gt=0, description="The share of requests that is recorded, by chance.")
    ] = 1.0
    max_body: Annotated[
        Size, Field(ge=0, le=15 * 1024**2, description="What is longer is cut, and marked as cut.")
    ] = MAX_BODY
    redact: Annotated[
        RedactSection, Field(description="What is taken out; adds to that of `defaults`.")
    ] = RedactSection()


Journal = Switchable[JournalSection]


def _word_or_section(value: object) -> str:
    return OFF if isinstance(value, str) else ON


Recorded = Annotated[
    Annotated[RecordingSection, Tag(ON)] | Annotated[Literal["off", "metadata", "full"], Tag(OFF)],
    Discriminator(_word_or_section),
]
