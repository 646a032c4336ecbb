"""Reading bundles again: what holds, what does not, and in which order they are listed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.errors import Refused, UsageError
from pipeline.flows.bundle_list import listed
from pipeline.flows.bundle_verify import verify
from tests.bundle_samples import bundle, evidence_of, manifest
from tests.fake_bundles import FakeBundles


class Damaged(FakeBundles):
    """A store in which one bundle's archive does not hold."""

    broken = ""

    def get(self, digest: str) -> StoredBundle:
        if digest == self.broken:
            raise Refused("bundle.tar: is damaged")
        return super().get(digest)


@pytest.fixture
def bundles() -> Damaged:
    """Three bundles of two strategies; the second of sma_trend was cut last."""
    store = Damaged()
    at = manifest().cut_at
    for number, one in enumerate((bundle(), bundle(strategy_json=None), bundle("alpha"))):
        store.put(one, manifest(one, cut_at=at + timedelta(days=number)), evidence_of(one).document)
    return store


def test_what_holds_has_no_problems(bundles: Damaged) -> None:
    found = verify(bundles, bundles.digests())
    assert [one.digest for one in found] == list(bundles.digests())
    assert all(one.stored is not None and not one.problems for one in found)


def test_a_damaged_bundle_does_not_hide_the_others(bundles: Damaged) -> None:
    bundles.broken = bundle().digest
    found = {one.digest: one for one in verify(bundles, bundles.digests())}
    assert found[bundle().digest].problems == ("bundle.tar: is damaged",)
    assert found[bundle().digest].stored is None
    assert sum(bool(one.problems) for one in found.values()) == 1


def test_missing_evidence_is_a_problem_of_a_bundle_that_is_there(bundles: Damaged) -> None:
    bundles.documents.clear()
    (one,) = verify(bundles, [bundle().digest])
    assert one.stored is not None
    assert one.problems == ("the evidence is missing",)


def test_a_manifest_that_says_something_else_than_its_evidence_is_a_problem(bundles: Damaged) -> None:
    edited = replace(bundles.kept[bundle().digest].newest, isolation="a stronger one")
    bundles.kept[bundle().digest] = StoredBundle(bundle(), bundle().digest, (edited,))
    (one,) = verify(bundles, [bundle().digest])
    assert one.problems == (
        "the manifest of 2026-01-02 03:04 UTC does not fit: the manifest's isolation is not the evidence's",
    )


def test_a_bundle_that_is_not_there_is_a_wrong_call(bundles: Damaged) -> None:
    with pytest.raises(UsageError):
        verify(bundles, ["sha256:" + "0" * 64])


def test_bundles_are_listed_by_strategy_the_newest_first_and_damaged_ones_last(bundles: Damaged) -> None:
    newest, older, alpha = bundle(strategy_json=None).digest, bundle().digest, bundle("alpha").digest
    assert [one.digest for one in listed(bundles, ())] == [alpha, newest, older]
    assert [one.digest for one in listed(bundles, ("sma_trend",))] == [newest, older]
    bundles.broken = newest
    assert [one.digest for one in listed(bundles, ("alpha",))] == [alpha, newest]
