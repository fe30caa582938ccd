"""The public face of queuegate: re-exports only. What is not here may change without notice."""

from contracts.brokers.port import Queue
from contracts.call import Call, Caller, Reply
from contracts.fault import Fault
from contracts.operation import Operation
from workers.binding import Body, ServiceError
from workers.callers import UNSIGNED, CallerKeys
from workers.context import Context
from workers.policy import Policy
from workers.service import Service
from workers.testkit import Answer, TestKit

__all__ = (
    "UNSIGNED",
    "Answer",
    "Body",
    "Call",
    "Caller",
    "CallerKeys",
    "Context",
    "Fault",
    "Operation",
    "Policy",
    "Queue",
    "Reply",
    "Service",
    "ServiceError",
    "TestKit",
)
