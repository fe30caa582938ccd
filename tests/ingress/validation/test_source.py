from ingress.validation.source import reply_schema


def test_the_nearest_word_on_a_status_holds() -> None:
    """Its own, its class's, the default, none."""
    replies = {"201": 1, "2XX": 2, "default": 3}
    assert [reply_schema(replies, status) for status in (201, 200, 404)] == [1, 2, 3]
    assert reply_schema({"2XX": 2}, 404) is None
