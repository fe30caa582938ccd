from workers.stats import Stats


def test_stats_start_at_zero_and_are_plain_values() -> None:
    """All counters start at zero; ``as_dict`` gives them as plain values."""
    stats = Stats()
    stats.calls += 1
    stats.faults["deadline"] += 2
    assert stats.as_dict() == {
        "calls": 1,
        "in_flight": 0,
        "cancelled": 0,
        "expired": 0,
        "overrun": 0,
        "malformed": 0,
        "returned": 0,
        "lost": 0,
        "dead": 0,
        "unverified": 0,
        "faults": {"deadline": 2},
    }


def test_the_repr_tells_all_counters() -> None:
    """The repr tells the counters, and the faults by code."""
    stats = Stats()
    stats.faults["deadline"] += 1
    assert repr(stats).startswith("<Stats calls=0 in_flight=0")
    assert repr(stats).endswith("dead=0 unverified=0 deadline=1>")
