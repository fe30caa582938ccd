import inspect

from ingress.cli import log_options, record_options
from ingress.journal.filter import Filter

TEXTS = ("body", "reply", "replay_of", "run")


def test_a_command_gets_the_options_in_place_of_its_filter() -> None:
    """What the command says of itself stays, and the filter is put together for it."""
    seen = []

    @log_options.filtered
    def command(*, wanted: Filter, limit: int = 5) -> None:
        """Do it."""
        seen.append((wanted, limit))

    names = list(inspect.signature(command).parameters)
    assert names == [*inspect.signature(record_options.filter_of).parameters, "limit"]
    assert command.__doc__ == "Do it."
    given = dict.fromkeys(names)
    command(**{**given, "methods": ["get"], **dict.fromkeys(TEXTS, ""), "limit": 7})
    assert seen == [(Filter(methods=("GET",)), 7)]
