"""Approval: nothing boards without a signed yes to exactly that, by somebody who may; and then it does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.domain.canonical import digest_bytes
from pipeline.domain.trading import Approval, Team
from pipeline.domain.train import approval as form
from pipeline.domain.train.approval import Signature
from pipeline.domain.train.decisions import Approved, Blocked
from pipeline.domain.train.facts import recorded
from pipeline.domain.train.plan import Order
from pipeline.errors import ExitCode, Refused
from pipeline.flows.approve import Given
from pipeline.flows.deploy import deploy
from pipeline.flows.promote import planned, promote
from pipeline.flows.promote_decide import Wish
from tests.domain.trading.samples import LIVE
from tests.flows.promote_ground import DIP, DIP_1, DIP_2, FIRST, SECOND, THIRD, TREND, TREND_1, Town, stored
from tests.flows.road_ground import Device

TERMS = Approval(True, allowed_signers=".github/allowed_signers")
PROD = replace(LIVE, name="prod", after="sandbox", approval=TERMS)
TAG = Wish("owner", tag="v1")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Dip and trend have earned it; eve and bob wrote dip, bob wrote trend, and ada may sign."""
    made = Town(Device(tmp_path, PROD))
    made.tags.name("v1", THIRD)
    made.earn(DIP, DIP_2)
    made.earn(TREND, TREND_1)
    made.tags.wrote = {
        (DIP, FIRST): {"eve@example.org"},
        (DIP, SECOND): {"bob@example.org"},
        (TREND, SECOND): {"bob@example.org"},
    }
    made.tags.files[".github/allowed_signers"] = b"the signers of main"
    return made


def signed(town: Town) -> Wish:
    """The wish with a yes to what would board now."""
    return replace(TAG, given=Given(planned(TAG, town.ground()).to_sign, "a signature"))


def test_without_an_approval_nothing_boards_and_it_says_what_is_to_be_signed(town: Town) -> None:
    made = promote(TAG, town.ground())
    assert (made.code, made.recorded, town.device.kinds()) == (ExitCode.REFUSED, False, [])
    approval = form.read(made.to_sign)
    assert approval.wanted == form.Wanted("prod", frozenset({DIP_2, TREND_1}), PROD.policy_digest)
    assert approval.expires_at - approval.issued_at == timedelta(hours=24)
    assert planned(TAG, town.ground()).code is ExitCode.DONE


def test_with_one_it_boards_and_the_approval_is_recorded_first(town: Town) -> None:
    wish = signed(town)
    assert wish.given is not None
    made = promote(wish, town.ground())
    assert (made.code, set(town.device.entering())) == (ExitCode.DONE, {DIP_2, TREND_1})
    first = recorded(town.device.entries())[0].fact
    assert isinstance(first, Approved)
    assert (first.signer, first.bundles) == ("ada@example.org", tuple(sorted((DIP_2, TREND_1))))
    assert first.text == digest_bytes(wish.given.text.encode())
    assert town.signatures.asked == [b"the signers of main"]


def _sign_badly(town: Town) -> None:
    town.signatures.signature, town.signatures.signer = Signature.INVALID, ""


def _by_stranger(town: Town) -> None:
    town.signatures.signature, town.signatures.signer = Signature.UNKNOWN, ""


def _by_author(town: Town) -> None:
    town.signatures.signer = "Bob@example.org"


def _by_first_author(town: Town) -> None:
    town.signatures.signer = "eve@example.org"


def _nobody_known(town: Town) -> None:
    town.tags.wrote.clear()


def _late(town: Town) -> None:
    town.device.clock.at += timedelta(hours=24)


def _other_policy(town: Town) -> None:
    brakes = replace(PROD.brakes, drawdown_max_ratio=replace(PROD.brakes.drawdown_max_ratio, limit=0.5))
    town.device.environment = replace(PROD, brakes=brakes)


def _other_environment(town: Town) -> None:
    town.device.environment = replace(PROD, name="prod_two")


def _one_more(town: Town) -> None:
    town.tags.versions[THIRD]["extra"] = 1
    digest = "sha256:" + "d" * 64
    town.bundles.kept[digest] = stored(digest, "extra", 1, THIRD)
    town.tags.wrote["extra", THIRD] = {"bob@example.org"}
    town.earn("extra", digest)


def _one_less(town: Town) -> None:
    town.earned.append(Blocked("sandbox", TREND, TREND_1, "operator", "it lost"))


def _no_signers(town: Town) -> None:
    town.tags.files.clear()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_sign_badly, "not one over this approval"),
        (_by_stranger, "not among the allowed signers"),
        (_by_author, "is an author of what boards"),
        (_by_first_author, "is an author of what boards"),
        (_nobody_known, "Who wrote what boards is not known"),
        (_late, "expires at 2026-01-02"),
        (_other_policy, "The approval is for policy"),
        (_other_environment, "The approval is for 'prod', and this is 'prod_two'"),
        (_one_more, "Not approved: dddddddddddd"),
        (_one_less, "no longer boarding"),
        (_no_signers, "main holds no file"),
    ],
)
def test_what_is_no_yes_to_exactly_that_is_refused(town: Town, spoil: Callable[[Town], None], why: str) -> None:
    wish = signed(town)
    spoil(town)
    with pytest.raises(Refused, match=why):
        promote(wish, town.ground())
    assert (town.device.kinds(), town.device.alive()) == ([], [])


@pytest.mark.parametrize(("text", "why"), [("", "no approval that could be read"), ("yes, please\n", "could be read")])
def test_a_text_that_is_no_approval_is_refused(town: Town, text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        promote(replace(TAG, given=Given(text, "a signature")), town.ground())
    assert town.device.kinds() == []


def test_a_missing_signature_is_no_yes(town: Town) -> None:
    wish = signed(town)
    assert wish.given is not None
    with pytest.raises(Refused, match="There is no signature"):
        promote(replace(wish, given=Given(wish.given.text, "")), town.ground())


def test_an_author_of_what_ran_before_may_sign_for_what_is_new(town: Town) -> None:
    """Eve wrote the version that runs by now; what boards is bob's."""
    town.device.environment = replace(PROD, approval=Approval(False))
    deploy(Order(DIP, DIP_1, "owner"), town.ground().road)
    town.device.environment = PROD
    town.signatures.signer = "eve@example.org"
    assert promote(signed(town), town.ground()).code is ExitCode.DONE


def test_the_author_may_sign_where_the_team_is_one_person(town: Town) -> None:
    town.device.environment = replace(PROD, approval=replace(TERMS, team=Team.SOLO))
    town.signatures.signer = "bob@example.org"
    assert promote(signed(town), town.ground()).recorded


def test_what_boards_is_judged_again_after_the_approval(town: Town) -> None:
    """A bundle is blocked while the signature is being verified."""
    wish = signed(town)
    block = Blocked("prod", TREND, TREND_1, "operator", "it lost")
    town.signatures.meanwhile = lambda: town.device.road().record(block)
    with pytest.raises(Refused, match="has changed while the approval was looked at"):
        promote(wish, town.ground())
    assert town.device.kinds() == ["blocked"]


def test_signers_in_an_absolute_file_are_read_from_there_alone(town: Town) -> None:
    town.device.environment = replace(PROD, approval=replace(TERMS, allowed_signers="/etc/freqtrain/signers"))
    town.protected = lambda path: str(path).encode()
    promote(signed(town), town.ground())
    assert town.signatures.asked == [b"/etc/freqtrain/signers"]


def test_without_named_signers_nobody_approves(town: Town) -> None:
    town.device.environment = replace(PROD, approval=replace(TERMS, allowed_signers=""))
    with pytest.raises(Refused, match="names no allowed signers"):
        promote(signed(town), town.ground())
    assert town.device.kinds() == []


def test_where_nothing_boards_nobody_has_to_sign(town: Town) -> None:
    town.earned.clear()
    made = promote(TAG, town.ground())
    assert (made.to_sign, made.code, made.boarding.boarding) == ("", ExitCode.DONE, ())
