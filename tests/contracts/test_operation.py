import msgspec

from contracts.operation import Operation


def test_an_operation_travels_as_json() -> None:
    """An operation is written without its defaults and read back the same."""
    operation = Operation(name="orders.get", parameters={"id": {"type": "string"}}, faults=("x",))
    text = msgspec.json.encode(operation)
    assert b"summary" not in text
    assert msgspec.json.decode(text, type=Operation) == operation


def test_what_is_not_said_is_not_promised() -> None:
    """An operation of which only the name is known promises nothing."""
    operation = Operation(name="orders.create")
    assert (operation.idempotent, operation.request, operation.reply) == (False, None, None)
