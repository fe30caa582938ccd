"""Who may call a route, as the route file writes it."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)

from ingress import branches
from ingress.authz import expression
from ingress.protection.sections import Network
from ingress.values import Section

ANYONE: Final = "anyone"
KNOWN: Final = "known"

# RFC 6749 section 3.3: what a scope may be, and what a challenge can carry in quotes.
_SCOPE: Final = r"^[\x21\x23-\x5b\x5d-\x7e]{1,256}$"

_Word = Annotated[str, StringConstraints(min_length=1, max_length=256)]
_Scope = Annotated[str, StringConstraints(pattern=_SCOPE)]
# What can be compared without a doubt: a number with a point in it cannot.
_SIMPLE: Final = (str, int, bool)
_SCALARS: Final = [{"type": name} for name in ("string", "boolean", "integer")]
_Expression = Annotated[
    str,
    AfterValidator(expression.check),
    WithJsonSchema({"type": "string", "maxLength": expression.LONGEST}),
]


def _values(value: object) -> tuple[str | int | bool, ...]:
    """Take one value or a list of them."""
    listed = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not listed or not all(isinstance(one, _SIMPLE) for one in listed):
        raise ValueError("a claim is held against a text, a whole number or a truth, or a list")
    return listed


_Values = Annotated[
    Any,
    AfterValidator(_values),
    WithJsonSchema(
        {"anyOf": [*_SCALARS, {"type": "array", "minItems": 1, "items": {"anyOf": _SCALARS}}]}
    ),
]


def _some(what: str, example: str) -> Any:  # noqa: ANN401 - pydantic's own types
    return Field(min_length=1, max_length=100, description=what, examples=[[example]])


class RuleSection(Section):
    """A caller who may: all that a rule names must be so."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    scopes: Annotated[
        tuple[_Scope, ...] | None,
        Strict(strict=False),
        _some("Scopes that the caller has, all of them.", "orders.write"),
    ] = None
    any_scope: Annotated[
        tuple[_Scope, ...] | None,
        Strict(strict=False),
        _some("Scopes of which the caller has one.", "orders.admin"),
    ] = None
    roles: Annotated[
        tuple[_Word, ...] | None,
        Strict(strict=False),
        _some("Roles of which the caller has one.", "admin"),
    ] = None
    groups: Annotated[
        tuple[_Word, ...] | None,
        Strict(strict=False),
        _some("Groups of which the caller is in one.", "staff"),
    ] = None
    consumers: Annotated[
        tuple[_Word, ...] | None,
        Strict(strict=False),
        _some("Consumers of which the caller is one.", "acme"),
    ] = None
    claims: Annotated[
        dict[_Word, _Values] | None,
        Strict(strict=False),
        Field(
            min_length=1,
            max_length=100,
            description=(
                "Claims of the caller's token, each with its value or a list of values; of a claim"
                " that is a list one of its items has to be."
            ),
            examples=[{"tenant": "acme"}],
        ),
    ] = None
    ip: Annotated[
        tuple[Network, ...] | None,
        Strict(strict=False),
        Field(min_length=1, max_length=1000, description="Networks that the client is in."),
    ] = None
    when: Annotated[
        _Expression | None,
        Field(
            description="A condition in CEL, over `caller`, `claims`, `request` and `now`.",
            examples=["claims.tenant == request.params.tenant"],
        ),
    ] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        # A rule without a condition would be open to all.
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError("a rule names at least one thing; write anyone to let everybody in")
        return self

    def __str__(self) -> str:
        said = {name: value for name, value in self if value is not None}
        return f"{{{', '.join(f'{name}: {_written(value)}' for name, value in said.items())}}}"


def _written(value: object) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


def _form(value: object) -> str:
    if isinstance(value, str):
        return branches.WORD
    return branches.MORE if isinstance(value, list | tuple) else branches.ON


Allow = Annotated[
    Annotated[Literal["anyone", "known"], Tag(branches.WORD)]
    | Annotated[RuleSection, Tag(branches.ON)]
    | Annotated[
        tuple[RuleSection, ...],
        Strict(strict=False),
        Field(min_length=1, max_length=100),
        Tag(branches.MORE),
    ],
    Discriminator(_form),
    Field(
        description=(
            "Who may call: `anyone`, `known` (whoever says who he is), a rule, or a list of rules,"
            " one being enough. Others are answered 403."
        )
    ),
]
