"""A route file whose consumers, keys and plans are in a store of the folder."""

from pathlib import Path

TEXT = """
store: sqlite:state.sqlite
keys: {secrets: [sixteen letters!], prefix: acme}
auth: {partners: {key: {}}}
consumers: {fay: {groups: [file], keys: ["${FAY_KEY:-a-key-of-fays-for-tests}"]}}
usage_plans: {free: {rates: [1/s]}}
admin: {audit: audit.jsonl}
routes: [{route: GET /, operation: a.b, auth: partners}]
"""


def write(folder: Path) -> None:
    """Write it where commands look."""
    (folder / "gateway.yaml").write_text(TEXT)
