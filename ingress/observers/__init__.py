"""Observers: functions of a finished Flow. They look, and change nothing."""

from collections.abc import Callable

from ingress.flow import Flow

Observer = Callable[[Flow], None]
