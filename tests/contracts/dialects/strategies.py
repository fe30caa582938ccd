"""Calls, replies and garbage, for the properties of the dialects."""

from typing import Any

from hypothesis import strategies as st

from contracts.brokers.port import Message
from contracts.call import NOBODY, Call, Caller, Reply

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TOKENS = st.from_regex(r"[a-z0-9!#$%&'*+.^_`|~-]{1,20}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
HEADERS = st.lists(st.tuples(TOKENS, VALUES), max_size=5).map(tuple)

CALLERS = st.just(NOBODY) | st.builds(
    Caller, id=TEXT, address=TEXT, scopes=st.lists(TEXT, max_size=3).map(tuple)
)
CALLS = st.builds(
    Call,
    id=TEXT.filter(bool),
    operation=TEXT,
    method=st.sampled_from(["GET", "POST", "QUERY"]),
    path=TEXT.map("/".__add__),
    query=TEXT,
    params=st.dictionaries(TEXT, TEXT, max_size=3),
    headers=HEADERS,
    body=st.binary(max_size=50),
    caller=CALLERS,
    deadline=st.integers(0, 2**50),
    attempt=st.integers(1, 9),
    route=TEXT,
    traceparent=TEXT.filter(bool),
    tracestate=TEXT,
    replay=TEXT,
)
REPLIES = st.builds(
    Reply,
    status=st.integers(200, 599),
    headers=HEADERS,
    body=st.binary(max_size=50),
    worker_us=st.none() | st.integers(0, 2**40),
)

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OUR_HEADERS = (
    "x-error-code x-worker-us x-deadline x-attempt x-status x-header-a x-header-b| x-param-a "
    "x-method x-path x-query x-operation x-route traceparent tracestate x-replay x-request-id"
)
HEADER_NAMES = st.text() | st.sampled_from(OUR_HEADERS.split())
CONTENT_TYPES = st.text() | st.sampled_from(["application/msgpack", "application/json", "", "a/b"])
MESSAGES = st.builds(
    Message,
    body=st.binary(max_size=60),
    headers=st.dictionaries(HEADER_NAMES, ANYTHING, max_size=5),
    content_type=CONTENT_TYPES,
    content_encoding=st.text(max_size=9),
    type=st.sampled_from(["req", "res", "err", ""]) | st.text(),
    correlation_id=st.text(max_size=9),
    message_id=st.text(max_size=9),
)
