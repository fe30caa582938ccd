"""What a value in the route file may be: durations, sizes, names, places.

Each is an annotation that checks and converts, with a schema for editors, so that a section of the
file reads as a list of its keys.
"""

import re
from collections.abc import Callable
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    WithJsonSchema,
)

from contracts.stores import address as store_address
from ingress import address, pattern, units

# AMQP 0-9-1 short strings hold 255 bytes.
Short = Annotated[str, StringConstraints(min_length=1, max_length=255)]


def _text_schema(form: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": form, "examples": list(examples)})


def fits(form: str, sentence: str) -> Callable[[str], str]:
    """Make the check that a text has a form; ``sentence`` says the form to people."""

    def check(text: str) -> str:
        if not re.match(form, text, re.ASCII) or text.endswith("\n"):
            raise ValueError(sentence)
        return text

    return check


def _check_route(text: str) -> str:
    pattern.parse(text)
    return text


_NAME: Final = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
_OPERATION: Final = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}(\.[A-Za-z_][A-Za-z0-9_-]{0,63}){1,3}$"
_MEDIA: Final = r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/([a-z0-9][a-z0-9!#$&^_.+-]{0,126}|\*)$"
_MODULE: Final = r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$"

Duration = Annotated[
    float,
    BeforeValidator(units.duration),
    _text_schema(units.DURATION_PATTERN, "5s", "250ms", "1m"),
]
Size = Annotated[
    int, BeforeValidator(units.size), _text_schema(units.SIZE_PATTERN, "1MiB", "512KB")
]
Share = Annotated[float, BeforeValidator(units.share), _text_schema(units.SHARE_PATTERN, "50%")]
RouteText = Annotated[
    str,
    AfterValidator(_check_route),
    _text_schema(pattern.PATTERN, "GET /v1/orders/{id}", "POST /v1/orders"),
]
Broker = Annotated[
    str,
    AfterValidator(address.check),
    _text_schema(address.PATTERN, "memory://", "amqp://guest:guest@localhost:5672/"),
]
StoreAddress = Annotated[
    str,
    AfterValidator(store_address.check),
    _text_schema(store_address.PATTERN, "sqlite:state.sqlite", "redis://localhost:6379/0"),
]
Name = Annotated[
    str,
    AfterValidator(fits(_NAME, "a name is made of letters, digits, _ and -")),
    _text_schema(_NAME, "orders"),
]
OperationName = Annotated[
    str,
    AfterValidator(fits(_OPERATION, "an operation is written service.operation: orders.create")),
    _text_schema(_OPERATION, "orders.create"),
]
Media = Annotated[
    str,
    AfterValidator(fits(_MEDIA, "a media type is type/subtype or type/*, in lower case")),
    _text_schema(_MEDIA, "application/json", "image/*"),
]
Module = Annotated[
    str,
    AfterValidator(fits(_MODULE, "a service is written package.module:name")),
    _text_schema(_MODULE, "workers.samples.orders:service"),
]
DialectName = Literal["queuegate", "queuegate-json", "raw"]


class Section(BaseModel):
    """A mapping in the route file: an unknown key is an error, and nothing is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
