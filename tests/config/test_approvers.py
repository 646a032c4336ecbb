"""Who may approve is read from .github/freqtrain.yml whole, or nobody is."""

import pytest

from pipeline.config.approvers import approvers_in
from pipeline.domain.train.approval_github import Approvers
from pipeline.errors import ConfigError


def test_people_are_named_by_their_logins_and_teams_stay_teams() -> None:
    content = (
        b"team: roles\nowners: ['@o']\nrelease_managers: ['@o']\napprovers: ['@Ada', '@o/product', '@grace-hopper']\n"
    )
    assert approvers_in(content) == Approvers(frozenset({"Ada", "grace-hopper"}), ("@o/product",), solo=False)


@pytest.mark.parametrize("content", [b"team: solo\n", b"main: trunk\n"])
def test_alone_nobody_has_to_be_named(content: bytes) -> None:
    assert approvers_in(content) == Approvers(frozenset(), (), solo=True)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"team: two\n", ".github/freqtrain.yml:1:7: team: must be 'solo' or 'roles'"),
        (b"approvers: [ada]\n", "approvers\\[0\\]: must be a person"),
        (b"team: solo\nteam: roles\n", "team"),
        (b"\xff\xfe", "UTF-8"),
        (b"", "freqtrain.yml"),
    ],
)
def test_a_file_with_problems_names_nobody(content: bytes, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        approvers_in(content)
