"""What ledgers remember of tags, and git's names of contents."""

import pytest

from pipeline.domain.train.named import Tag, content_name, later_than, moved_from, source

OLD, NEW = "1" * 40, "2" * 40


@pytest.mark.parametrize(
    ("sources", "moved"),
    [
        ((), ""),
        ((source(NEW, "v1"),), ""),
        ((source(OLD, "v1"),), OLD),
        ((source(NEW, "v1"), source(OLD, "v1")), OLD),
        ((source(OLD, "v10"), source(OLD, "x/v1"), source(OLD), "", "by hand"), ""),
    ],
)
def test_a_tag_has_moved_if_any_ledger_knows_it_by_another_commit(sources: tuple[str, ...], moved: str) -> None:
    assert moved_from(Tag("v1", NEW), sources) == moved


@pytest.mark.parametrize(
    ("sources", "later"),
    [
        ((), ""),
        (("by hand", ""), ""),
        ((source(OLD, "v1"),), ""),
        ((source(NEW, "v2"),), f"tag v2 at {NEW}"),
        ((source(NEW),), f"commit {NEW}"),
        ((source(NEW, "v2"), source(OLD, "v1")), ""),
        ((source("3" * 40, "aside"),), ""),
    ],
)
def test_what_boarded_last_is_later_if_the_commit_leads_to_it(sources: tuple[str, ...], later: str) -> None:
    assert later_than(OLD, sources, lambda commit, of: (commit, of) in {(OLD, OLD), (OLD, NEW), (NEW, NEW)}) == later


def test_contents_have_the_names_that_git_gives_them() -> None:
    """As `git hash-object` says of an empty file, in both kinds of repositories."""
    assert content_name(b"", 40) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert content_name(b"", 64) == "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
