from typing import Any

import pytest

from contracts.dialects import fields


@pytest.mark.parametrize(
    "read, record, expected",
    [
        (fields.text, {"a": "x"}, "x"),
        (fields.text, {}, ""),
        (fields.number, {"a": 7}, 7),
        (fields.number, {}, 0),
        (fields.texts, {"a": {"b": "c"}}, {"b": "c"}),
        (fields.texts, {}, {}),
        (fields.pairs, {"a": [["X", "1"], ["x", "2"]]}, (("x", "1"), ("x", "2"))),
        (fields.pairs, {}, ()),
        (fields.optional_number, {"a": 7}, 7),
        (fields.optional_number, {"a": "7"}, None),
        (fields.optional_number, {"a": -1}, None),
    ],
)
def test_a_field_of_the_right_type(read: Any, record: Any, expected: Any) -> None:
    """A field is given as it is, a missing one as its default."""
    assert read(record, "a") == expected


@pytest.mark.parametrize(
    "read, value",
    [
        (fields.text, 1),
        (fields.text, b"x"),
        (fields.text, None),
        (fields.number, "7"),
        (fields.number, -1),
        (fields.number, True),
        (fields.number, 1.5),
        (fields.texts, []),
        (fields.texts, {"b": 1}),
        (fields.pairs, {}),
        (fields.pairs, ["ab"]),
        (fields.pairs, [["a"]]),
        (fields.pairs, [["a", 1]]),
        (fields.pairs, [["", "x"]]),
        (fields.pairs, [["a b", "x"]]),
        (fields.pairs, [["a", "x\r\nset-cookie: evil"]]),
        (fields.pairs, [["a", "\0"]]),
    ],
)
def test_a_field_of_the_wrong_type(read: Any, value: Any) -> None:
    """A field of the wrong type or shape is malformed; so is a header that HTTP forbids."""
    with pytest.raises(fields.Malformed):
        read({"a": value}, "a")


@pytest.mark.parametrize("status", [200, 204, 404, 599])
def test_final_statuses(status: int) -> None:
    """A status is an integer from 200 to 599."""
    assert fields.status(status) == status


@pytest.mark.parametrize("status", [100, 199, 600, 0, "200", True, None, 200.0])
def test_what_is_no_status(status: object) -> None:
    """Interim statuses, strings and nonsense are none."""
    with pytest.raises(fields.Malformed):
        fields.status(status)
