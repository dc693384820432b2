"""The reference pages as they are made from the code now; all sources are read for them, so once is enough."""

from functools import cache

from services.platform.reference import pages

NAMES = ("metrics.md", "rule-packs.md", "rules.md", "settings.md")


def page(name: str) -> str:
    """Raises ``KeyError``."""
    return _pages()[name]


@cache
def _pages() -> dict[str, str]:
    found = pages()
    assert sorted(found) == sorted(NAMES), "name each page here: every one is compared with what is written"
    return found
