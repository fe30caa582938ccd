import re

from ingress.compare.page.style import CSS


def test_the_page_asks_nobody() -> None:
    """The style loads nothing from anywhere, and knows light and dark."""
    assert not re.search(r"url\(|@import|http", CSS)
    assert "prefers-color-scheme:dark" in CSS
