from queuegate import TestKit
from workers.samples.echo import service


async def test_it_sends_back_what_it_gets() -> None:
    """Any bytes come back as they are, with their content type; none as none."""
    kit = TestKit(service)
    answer = await kit.call("back", body=bytes(range(256)), content_type="image/x-odd")
    assert (answer.status, answer.body) == (200, bytes(range(256)))
    assert answer.header("content-type") == "image/x-odd"
    empty = await kit.call("back")
    assert (empty.body, empty.header("content-type")) == (b"", "application/octet-stream")
