import queuegate


def test_everything_public_is_there_under_one_name() -> None:
    """All that a user needs is importable from ``queuegate``, and nothing is promised twice."""
    assert len(set(queuegate.__all__)) == len(queuegate.__all__)
    for name in ("Service", "Context", "Fault", "Reply", "Call", "TestKit"):
        assert name in queuegate.__all__
    for name in queuegate.__all__:
        assert hasattr(queuegate, name), name
