"""Accounts beside databases, as they are told."""

from pipeline.domain.train.account import Compared
from pipeline.render.comparisons import document, text
from tests.domain.trading.samples import DRY, LIVE

AGREES = Compared("wave", "sha256:" + "b" * 64, "")
DIFFERS = Compared("dip", "sha256:" + "a" * 64, "the order 7 was filled\n::error::x")


def test_people_read_who_agrees_and_what_to_do_about_the_others() -> None:
    assert text(LIVE, [AGREES], 100) == "wave bbbbbbbbbbbb: they agree\n"
    told = text(LIVE, [DIFFERS, AGREES], 40)
    assert "dip aaaaaaaaaaaa: the order 7 was" in told
    assert "stop ENV ID --release" in told
    assert not any(line.startswith("::") for line in told.splitlines())
    assert text(LIVE, [], 100) == "Nothing runs there.\n"
    assert "is a dry-run" in text(DRY, [AGREES], 100)


def test_programs_read_the_outcome_first() -> None:
    assert next(iter(document("prod", [AGREES]).items())) == ("outcome", "DONE")
    assert document("prod", [AGREES, DIFFERS])["outcome"] == "REFUSED"
