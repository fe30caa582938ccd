"""Which route takes a request, on the screen."""

import json
from pathlib import Path

from tests.ingress.cli.conftest import Cli

TEXT = """
routes:
  - {route: GET /a, operation: s.plain}
  - {route: GET /a, operation: s.beta, match: {headers: {x-beta: "1"}}}
  - {route: GET /b, operation: s.b, match: {hosts: [b.test]}}
"""


def explain(cli: Cli, folder: Path, *words: str) -> tuple[int, list[str], str]:
    (folder / "r.yaml").write_text(TEXT)
    told = cli("routes", "explain", *words, "-c", "r.yaml")
    return told.code, told.out.splitlines(), told.err


def test_the_candidates_stand_in_their_order(cli: Cli, tmp_path: Path) -> None:
    """With the winner, and why the others are not."""
    code, lines, _ = explain(cli, tmp_path, "GET /a", "-H", "X-Beta: 0")
    assert code == 0
    assert lines[:6] == [
        "GET /a",
        "  1. GET /a [x-beta: 1]  asks for x-beta: 1",
        "  2. GET /a  takes it",
        "  and 1 with other paths",
        "",
        "GET /a -> s.plain  r.yaml:3",
    ]


def test_a_request_that_none_takes_fails(cli: Cli, tmp_path: Path) -> None:
    """Exit code 1, with what the client hears."""
    code, lines, err = explain(cli, tmp_path, "GET /b", "--host", "a.test")
    assert (code, lines[1]) == (1, "  1. GET /b [b.test]  is for b.test, not for a.test")
    assert lines[-1] == "  none takes it: not_found: no route takes this path"
    assert "no route of r.yaml" in err
    assert explain(cli, tmp_path, "GET", "/b", "--host", "b.test")[0] == 0


def test_scripts_get_it_in_json(cli: Cli, tmp_path: Path) -> None:
    """The ruling beside the routes."""
    (tmp_path / "r.yaml").write_text(TEXT)
    told = cli("routes", "explain", "GET /a", "-H", "x-beta: 1", "-c", "r.yaml", "--json")
    document = json.loads(told.out)
    assert [one["takes"] for one in document["ruling"]["verdicts"]] == [False, True, False]
    assert document["routes"][0]["operation"] == "s.beta"


def test_what_is_no_header_is_bad_usage(cli: Cli, tmp_path: Path) -> None:
    """Exit code 2, and so is a header without a request."""
    assert explain(cli, tmp_path, "GET /a", "-H", "nonsense")[0] == 2
    assert explain(cli, tmp_path, "s.beta", "-H", "a: b")[0] == 2
