"""What may be asked of the office: fields that are left out stay as they are."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Words = Annotated[tuple[Word, ...], msgspec.Meta(max_length=1000)]
Text = Annotated[str, msgspec.Meta(max_length=255)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=100 * 365 * 86_400)]

DAY: Final = 86_400.0


class ConsumerOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a consumer is to be."""

    groups: Words | UnsetType = UNSET
    scopes: Words | UnsetType = UNSET
    roles: Words | UnsetType = UNSET
    plan: Text | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET
    # As it is typed; empty takes it away.
    password: Annotated[str, msgspec.Meta(max_length=1024)] | UnsetType = UNSET


class PlanOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a usage plan is to be."""

    rates: Words | UnsetType = UNSET
    quotas: Words | UnsetType = UNSET
    concurrent: Annotated[int, msgspec.Meta(ge=0, le=10**9)] | UnsetType = UNSET
    routes: Words | UnsetType = UNSET
    description: Text | UnsetType = UNSET


class KeyOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key that is to be issued; ``expires_in`` is seconds from now, without it never."""

    consumer: Word
    label: Text = ""
    expires_in: Seconds | None = None


class RotateOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key whose place another takes; both are good for ``overlap`` seconds."""

    overlap: Annotated[float, msgspec.Meta(ge=0, le=365 * DAY)] = DAY
    expires_in: Seconds | None = None
