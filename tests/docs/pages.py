"""The pages that people read, and what they point to."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.needs import ROOT

PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
ROOMS = ("pipeline", "tests", "docs", "runner", "benchmarks", "environments", "strategies", ".github", ".ci")
_FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    """Where its links lead, but for those that leave the repository."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"[a-z]+:", target):
            yield target


def named_files(page: Path) -> Iterator[str]:
    """Files and folders of the repository that it names in code; those with a part that stands for something else are left out."""
    for text in re.findall(r"`([^`\n]+)`", prose(page)):
        if re.fullmatch(rf"({'|'.join(map(re.escape, ROOMS))})/[A-Za-z0-9_./-]*", text):
            yield text


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives a page's headings, and those that it has of its own."""
    own = set(re.findall(r'<a id="([^"]+)"></a>', prose(page)))
    heads = re.findall(r"^#{1,6} +(.+?) *$", prose(page), re.MULTILINE)
    return own | {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
