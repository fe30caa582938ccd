import pytest

from ingress.problems import ConfigError
from ingress.routefile import parse

ROUTE = """\
routes:
  - {route: POST /work, operation: shop.work%s}
"""


def complaint(text: str) -> str:
    """Give what is wrong with a route file, if anything is."""
    try:
        parse(text.encode(), source="g", environment={})
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "stream, services, route",
    [
        ("shop", "", ""),
        ("shop.dead", "", ""),
        ("bulk", "", ", queue: bulk"),
        ("bulk", "services: {shop: {queue: bulk}}", ""),
        ("mail", "services: {shop: {}, mail: {}}", ""),
        ("new", "", ", variants: {new: {weight: 1, queue: new}, old: {weight: 1}}"),
        ("copies", "", ", mirror: {queue: copies}"),
    ],
)
def test_a_stream_is_no_queue_of_calls(stream: str, services: str, route: str) -> None:
    """Calls and records in one queue would be the end of both, so the file is refused."""
    text = f"journal: {{store: 'stream:{stream}'}}\n{services}\n{ROUTE % route}"
    told = complaint(text)
    assert f"g:1:18: journal.store: {stream} is a queue of calls" in told
    assert f"choose another name, like stream:{stream}.journal" in told


@pytest.mark.parametrize(
    "stream, services, route",
    [
        ("shop.journal", "", ""),
        ("shop", "services: {shop: {queue: bulk}}", ""),
        ("shop", "services: {shop: {exchange: bus}}", ""),
        ("shop", "", ", exchange: bus"),
        ("work", "", ""),
    ],
)
def test_any_other_name_will_do(stream: str, services: str, route: str) -> None:
    """A name that no queue of the file has is taken."""
    text = f"journal: {{store: 'stream:{stream}'}}\n{services}\n{ROUTE % route}"
    assert complaint(text) == ""
