"""What the pages point to is there."""

from pathlib import Path

import pytest

from pipeline.config.environment_outline import load_outlines
from pipeline.config.repository import FILE, disagreements, load_wishes
from pipeline.domain.repository.codeowners import CODEOWNERS, HEAD, codeowners_text
from tests.docs.pages import PAGES, ROOT, anchors, links, named_files

MADE_LATER = {
    ".github/framework": "`freqtrain update` makes it",
    ".github/CODEOWNERS": "`freqtrain github apply` makes it where the team has owners",
    "strategies/my_idea": "`freqtrain new my_idea` makes it",
    "strategies/my_idea/strategy.py": "`freqtrain new my_idea` makes it",
}
"""What pages tell about and a fresh repository does not have, and why."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in links(page):
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), f"{page.name}: {target}"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    missing = [name for name in named_files(page) if name not in MADE_LATER and not (ROOT / name).exists()]
    assert missing == [], f"{page.name} tells of files that are not there"


def test_a_fresh_repository_agrees_with_itself() -> None:
    outlines = load_outlines(sorted((ROOT / "environments").glob("*.yml")))
    wishes = load_wishes(ROOT / FILE, outlines)
    assert wishes.team == "solo"
    assert disagreements(wishes, outlines) == ()
    owners = ROOT / CODEOWNERS
    found = owners.read_text() if owners.is_file() else ""
    assert found == codeowners_text(wishes.owners) or not found.startswith(HEAD)
    for one in wishes.environments:
        assert not one.approval or one.signers.startswith("/") or (ROOT / one.signers).is_file(), one.name
