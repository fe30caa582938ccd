"""What the route file says of known consumers, their keys, and how keys are kept."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Discriminator, Field, Strict, Tag, WithJsonSchema

from ingress import branches
from ingress.consumers import moment, passwords, token
from ingress.consumers.digests import MIN_SECRET
from ingress.limits.sections import Amounts
from ingress.values import Name, Section, Short

_CONSUMER: Final = r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$"
_PREFIX: Final = r"^[A-Za-z][A-Za-z0-9_]{0,31}$"
_MOMENT: Final = r"^\d{4}-\d{2}-\d{2}([Tt ].+)?$"
_SECRET: Final = rf"^.{{{MIN_SECRET},255}}$"
_DISABLED: Final = "Whether all that is shown for it is refused."


def consumer_name(text: str) -> str:
    """Check the name of a consumer. Raises ``ValueError``."""
    if not re.match(_CONSUMER, text, re.ASCII) or text.endswith("\n"):
        raise ValueError("a consumer's name is made of letters, digits and . _ @ + -")
    return text


def _moment(text: str) -> str:
    moment.read(text)
    return text


def _text(form: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": form, "examples": list(examples)})


PasswordHash = Annotated[
    str,
    AfterValidator(passwords.check_hash),
    WithJsonSchema({"type": "string", "maxLength": 1024, "examples": ["${ANNA_PASSWORD_HASH}"]}),
]
ConsumerName = Annotated[str, AfterValidator(consumer_name), _text(_CONSUMER, "anna")]
Word = Annotated[str, Field(min_length=1, max_length=255)]
Words = Annotated[tuple[Word, ...], Strict(strict=False)]


def _prefix(text: str) -> str:
    if not re.match(_PREFIX, text, re.ASCII) or text.endswith("\n"):
        raise ValueError("a prefix is a letter and then letters, digits and _")
    return text


def _secret(text: str) -> str:
    if not re.match(_SECRET, text):
        raise ValueError(f"a secret has at least {MIN_SECRET} characters, and at most 255")
    return text


Prefix = Annotated[str, AfterValidator(_prefix), _text(_PREFIX, "acme_live")]
_Secret = Annotated[
    str,
    AfterValidator(_secret),
    # A reference to one may be shorter.
    WithJsonSchema({"type": "string", "maxLength": 255, "examples": ["${ANNA_KEY}"]}),
]


class ConsumerKeySection(Section):
    """An API key of a consumer, by reference."""

    key: Annotated[_Secret, Field(description="The key itself, from the environment.")]
    id: Annotated[
        Name | None,
        Field(description="What it is called where it may not be shown.", examples=["anna-ci"]),
    ] = None
    expires: Annotated[
        Annotated[str, AfterValidator(_moment), _text(_MOMENT, "2027-01-31")] | None,
        Field(description="From when on it is refused."),
    ] = None


_ConsumerKey = Annotated[
    Annotated[ConsumerKeySection, Tag(branches.MORE)] | Annotated[_Secret, Tag(branches.WORD)],
    Discriminator(branches.word_or_more),
]


class ConsumerSection(Section):
    """Somebody who calls, a person or a program."""

    description: Annotated[Short | None, Field(description="For people.", examples=["Shop"])] = None
    groups: Annotated[Words, Field(description="Groups that it belongs to.")] = ()
    scopes: Annotated[Words, Field(description="Scopes that it has with every credential.")] = ()
    roles: Annotated[Words, Field(description="Roles that it has.")] = ()
    plan: Annotated[
        ConsumerName | None, Field(description="The usage plan that it is on.", examples=["gold"])
    ] = None
    keys: Annotated[
        tuple[_ConsumerKey, ...],
        Strict(strict=False),
        Field(max_length=100, description="Its API keys, each as `${NAME}` or a section."),
    ] = ()
    password: Annotated[
        PasswordHash | None,
        Field(description="For `basic`: an argon2 hash, `queuegate consumers hash` makes one."),
    ] = None
    disabled: Annotated[bool, Field(description=_DISABLED)] = False


class UsagePlanSection(Amounts):
    """How much the consumers on it may call, all routes together, and which."""

    routes: Annotated[
        Words,
        Field(
            description="The routes that may be called, `*` for any part; without it all.",
            examples=[["GET /v1/*"]],
        ),
    ] = ()
    description: Annotated[Short | None, Field(description="For people.", examples=["Paid"])] = None


class KeysSection(Section):
    """How API keys are made and kept."""

    secrets: Annotated[
        tuple[_Secret, ...],
        Strict(strict=False),
        Field(
            max_length=8,
            description=(
                "Keys are kept as digests made with a secret: the first makes new ones, all are"
                " known. Needed for keys in the store."
            ),
        ),
    ] = ()
    prefix: Annotated[
        Prefix,
        Field(description="What the keys that are issued begin with."),
    ] = token.PREFIX


UsagePlans = Annotated[
    dict[ConsumerName, UsagePlanSection] | None,
    Field(description="How much consumers may call, by the plan's name. Also in the store."),
]
Consumers = Annotated[
    dict[ConsumerName, ConsumerSection] | None,
    Field(description="Who is known: their groups and their keys. More may stand in the store."),
]
