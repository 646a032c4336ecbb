"""Whether anybody can approve at all, where GitHub offers no reviewers."""

from dataclasses import replace

import pytest

from pipeline.domain.repository.names import Needs
from pipeline.domain.repository.offers import Plan, offers_of
from pipeline.domain.repository.signers import signers_by_hand
from pipeline.domain.repository.wishes import EnvironmentWish, Wishes

PRIVATE = offers_of(private=True, plan=Plan.FREE)
PROD = EnvironmentWish("prod", frozenset(), approval=True, needs=Needs(), signers=".github/allowed_signers")


def told(text: str | None, *wishes: EnvironmentWish) -> list[str]:
    return [one.what for one in signers_by_hand(Wishes(wishes or (PROD,)), PRIVATE, lambda _: text)]


@pytest.mark.parametrize("text", ["", "# ada ssh-ed25519 AAAA\n\n  # nobody\n"])
def test_a_file_that_names_nobody_is_told_once_for_all_that_need_it(text: str) -> None:
    (what,) = told(text, PROD, replace(PROD, name="sandbox"), replace(PROD, name="free", approval=False))
    assert what.startswith(".github/allowed_signers names nobody")
    assert what.endswith("for prod and sandbox")


def test_a_file_that_is_missing_is_told_and_one_with_a_line_is_not() -> None:
    assert told(None)[0].startswith(".github/allowed_signers is not there")
    assert told("# who\nada@example.org ssh-ed25519 AAAA\n") == []


def test_nobody_has_to_sign_where_reviewers_approve_or_the_file_is_the_devices() -> None:
    public = offers_of(private=False, plan=Plan.FREE)
    assert list(signers_by_hand(Wishes((PROD,)), public, lambda _: None)) == []
    assert told(None, replace(PROD, signers="/etc/freqtrain/allowed_signers")) == []
