"""Named limits in the route file."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict, WithJsonSchema, model_validator

from ingress.limits import expression, keys
from ingress.limits.values import Quotas, Rates
from ingress.values import Name, Section, fits

_By = Annotated[
    str,
    AfterValidator(
        fits(keys.PATTERN, "by is all, ip, caller, consumer, key or header:NAME in lower case")
    ),
    WithJsonSchema({"type": "string", "pattern": keys.PATTERN, "examples": ["consumer"]}),
]
_Expression = Annotated[str, Field(max_length=1000), AfterValidator(expression.check)]

LimitNames = Annotated[
    tuple[Name, ...],
    Strict(strict=False),
    Field(max_length=16, description="Limits that hold, by name; routes that name one share it."),
]


class Amounts(Section):
    """How much somebody may: rates, quotas, calls at a time."""

    rates: Rates = ()
    quotas: Quotas = ()
    concurrent: Annotated[
        int | None,
        Field(ge=1, le=1_000_000, description="Calls at a time.", examples=[20]),
    ] = None


class LimitSection(Amounts):
    """How much somebody may: rates, quotas, calls at a time, over all routes that name it."""

    by: Annotated[
        _By,
        Field(
            description=(
                "Who is counted apart: `ip`, `caller`, `consumer`, `key`, `header:NAME`; `all`"
                " counts everybody together."
            )
        ),
    ] = "ip"
    expression: Annotated[
        _Expression | None,
        Field(
            description="In place of `by`: a JMESPath expression that says who.",
            examples=["identity.claims.tenant"],
        ),
    ] = None
    each_route: Annotated[bool, Field(description="Whether each route has a count of its own.")] = (
        False
    )
    before_auth: Annotated[
        bool,
        Field(
            description=(
                "Whether calls are counted before authentication, those too whose credentials are"
                " then refused."
            )
        ),
    ] = False
    when_down: Annotated[
        Literal["closed", "open"],
        Field(description="When nothing can be counted: 503, or calls pass uncounted."),
    ] = "closed"
    max_keys: Annotated[
        int,
        Field(ge=16, le=1_000_000, description="Room for so many; those above share one count."),
    ] = 16_384

    @model_validator(mode="after")
    def _limits_something(self) -> "LimitSection":
        if not (self.rates or self.quotas or self.concurrent):
            raise ValueError("it limits nothing: give rates, quotas or concurrent")
        if self.expression is not None and "by" in self.model_fields_set:
            raise ValueError("either by or expression says who is counted")
        return self

    @model_validator(mode="after")
    def _knows_whom_it_counts(self) -> "LimitSection":
        by_identity = self.by in keys.OF_IDENTITY and self.expression is None
        if self.before_auth and (by_identity or expression.asks_who(self.expression or "ip")):
            raise ValueError("before_auth nobody is known: count by ip, header:NAME or all")
        return self
