from ingress.compare.answer import Answer


def test_headers_are_gathered_by_name() -> None:
    """Values of one header come together in their order, whatever the case of its name."""
    answer = Answer(headers=(("Set-Cookie", "a=1"), ("etag", "x"), ("set-cookie", "b=2")))
    assert answer.values() == {"set-cookie": ["a=1", "b=2"], "etag": ["x"]}
