"""Approval: what was signed has to be what is wanted, by somebody who may, in time; anything else is a no."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.train.approval import Approval, Signature, Signed, Wanted, check, read, text
from pipeline.domain.verdict import Outcome, Verdict

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
ONE, TWO, THREE = ("sha256:" + digit * 64 for digit in "123")
POLICY = "sha256:" + "a" * 64
WANTED = Wanted("prod", frozenset({ONE, TWO}), POLICY)
APPROVAL = Approval(WANTED, NOW - timedelta(hours=1), NOW + timedelta(hours=23))
SIGNED = Signed(Signature.VALID, "grace@example.org")
TERMS: dict[str, Any] = {"authors": ["ada@example.org"], "solo": False, "valid_for": timedelta(hours=24)}


def verdict(**other: Any) -> Verdict:
    given = {"approval": APPROVAL, "signed": SIGNED, "wanted": WANTED, "now": NOW, **TERMS, **other}
    return check(**given)


def refusals(**other: Any) -> list[str]:
    found = verdict(**other)
    assert found.outcome is Outcome.FAIL
    return [finding.rule for finding in found.reasons()]


def test_a_whole_approval_passes() -> None:
    assert verdict().outcome is Outcome.PASS


def test_the_text_is_one_form_with_sorted_bundles() -> None:
    assert text(APPROVAL) == (
        "freqtrain approval 1\n"
        "environment: prod\n"
        f"bundle: {ONE}\n"
        f"bundle: {TWO}\n"
        f"policy: {POLICY}\n"
        "issued: 2025-03-01T11:00:00Z\n"
        "expires: 2025-03-02T11:00:00Z\n"
    )


def test_the_text_is_read_back() -> None:
    assert read(text(APPROVAL)) == APPROVAL


def test_the_time_zone_of_a_clock_makes_no_other_text() -> None:
    abroad = replace(APPROVAL, issued_at=APPROVAL.issued_at.astimezone(timezone(timedelta(hours=2))))
    assert text(abroad) == text(APPROVAL)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace("approval 1", "approval 2"),
        lambda content: content + "bundle: " + THREE + "\n",
        lambda content: content.replace(f"bundle: {ONE}\n", f"bundle: {ONE}\nbundle: {ONE}\n"),
        lambda content: content.replace("environment: prod\n", ""),
        lambda content: content.replace("environment: prod", "environment: prod\nenvironment: sandbox"),
        lambda content: content.replace("prod\n", "prod \n").replace(": ", ":  ", 1),
        lambda content: content.rstrip("\n"),
        lambda content: content.replace("\n", "\r\n"),
        lambda content: content.replace("2025-03-02", "2025-3-2"),
        lambda content: content.replace("11:00:00Z", "11:00:00+00:00"),
        lambda content: content.replace(f"policy: {POLICY}", "note: harmless\npolicy: " + POLICY),
        lambda content: "",
    ],
)
def test_any_other_form_is_no_approval(change: Any) -> None:
    with pytest.raises(ValueError, match="approval"):
        read(change(text(APPROVAL)))


def test_another_environment_is_refused() -> None:
    assert refusals(wanted=replace(WANTED, environment="sandbox")) == ["environment"]


def test_a_bundle_that_came_or_went_is_refused_and_named() -> None:
    found = verdict(wanted=replace(WANTED, bundles=frozenset({ONE, THREE})))
    assert [finding.reason for finding in found.reasons()] == [
        "Not approved: 333333333333. Approved, and no longer boarding: 222222222222."
    ]


def test_an_approval_of_nothing_is_refused() -> None:
    nothing = replace(WANTED, bundles=frozenset())
    assert refusals(wanted=nothing, approval=replace(APPROVAL, wanted=nothing)) == ["bundles"]


def test_a_policy_that_changed_is_refused() -> None:
    assert refusals(wanted=replace(WANTED, policy="sha256:" + "b" * 64)) == ["policy"]


@pytest.mark.parametrize(
    ("now", "rules"),
    [
        (APPROVAL.expires_at, ["expiry"]),
        (APPROVAL.expires_at + timedelta(days=1), ["expiry"]),
        (APPROVAL.issued_at - timedelta(minutes=6), ["issue"]),
    ],
)
def test_out_of_its_time_it_is_refused(now: datetime, rules: list[str]) -> None:
    assert refusals(now=now) == rules


def test_it_holds_to_the_last_second_and_for_a_clock_a_little_behind() -> None:
    assert verdict(now=APPROVAL.expires_at - timedelta(seconds=1)).outcome is Outcome.PASS
    assert verdict(now=APPROVAL.issued_at - timedelta(minutes=5)).outcome is Outcome.PASS


@pytest.mark.parametrize("expires", [APPROVAL.issued_at + timedelta(hours=24, seconds=1), NOW + timedelta(days=36500)])
def test_an_approval_may_not_hold_longer_than_the_environment_allows(expires: datetime) -> None:
    assert refusals(approval=replace(APPROVAL, expires_at=expires)) == ["validity"]


@pytest.mark.parametrize("signature", [kind for kind in Signature if kind is not Signature.VALID])
def test_without_a_valid_signature_it_is_refused_whoever_is_named(signature: Signature) -> None:
    assert refusals(signed=Signed(signature, "grace@example.org")) == ["signature", "signer"]


@pytest.mark.parametrize("signer", ["ada@example.org", "Ada@Example.ORG", " ada@example.org "])
def test_an_author_may_not_sign(signer: str) -> None:
    assert refusals(signed=Signed(Signature.VALID, signer)) == ["signer"]


def test_a_team_of_one_may() -> None:
    assert verdict(signed=Signed(Signature.VALID, "ada@example.org"), solo=True).outcome is Outcome.PASS


@pytest.mark.parametrize("authors", [[], [""], ["grace2@example.org", ""]])
def test_where_the_author_is_not_known_nobody_may_sign(authors: list[str]) -> None:
    assert refusals(authors=authors) == ["signer"]


def test_nobody_cannot_sign_even_for_a_team_of_one() -> None:
    assert refusals(signed=Signed(Signature.VALID, ""), solo=True) == ["signer"]


def test_without_an_approval_it_is_refused() -> None:
    assert "approval" in refusals(approval=None)


@given(
    st.sampled_from(["prod", "sandbox"]),
    st.frozensets(st.sampled_from([ONE, TWO, THREE])),
    st.sampled_from([POLICY, ONE]),
    st.sampled_from(list(Signature)),
    st.sampled_from(["grace@example.org", "ada@example.org", ""]),
    st.integers(-48, 48),
)
def test_it_passes_only_where_everything_fits(
    environment: str, bundles: frozenset[str], policy: str, signature: Signature, signer: str, hours: int
) -> None:
    wanted, now = Wanted(environment, bundles, policy), NOW + timedelta(hours=hours)
    fits = wanted == WANTED and signature is Signature.VALID and signer.startswith("grace") and -1 <= hours < 23
    found = verdict(wanted=wanted, signed=Signed(signature, signer), now=now)
    assert (found.outcome is Outcome.PASS) == fits
