"""Messages of every kind, for hypothesis."""

from hypothesis import strategies as st

from contracts.brokers.port import Message

SHORT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
HEADERS = st.dictionaries(
    SHORT.filter(bool).map(lambda name: name[:32]),
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | SHORT | st.lists(SHORT),
    max_size=4,
)
MESSAGES = st.builds(
    Message,
    body=st.binary(max_size=300),
    headers=HEADERS,
    content_type=SHORT,
    content_encoding=SHORT,
    type=SHORT,
    correlation_id=SHORT,
    reply_to=SHORT,
    message_id=SHORT,
    app_id=SHORT,
    timestamp=st.none() | st.integers(0, 2**40),
    expiration_ms=st.none() | st.integers(0, 2**31),
    priority=st.none() | st.integers(0, 255),
    persistent=st.booleans(),
)
