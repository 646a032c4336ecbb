"""What is attached to a bundle, and when real money may follow it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.domain.bundle_manifest import StoredBundle
from tests.bundle_samples import bundle, manifest


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"simulated": True}, "simulated data"),
        ({"uncommitted": True}, "in no commit"),
        ({"commit": ""}, "in no commit"),
    ],
)
def test_real_money_does_not_follow_a_rehearsal_or_what_is_in_no_commit(
    changes: dict[str, object], reason: str
) -> None:
    (told,) = manifest(**changes).against_live
    assert reason in told


def test_nothing_speaks_against_a_manifest_on_real_data_from_a_commit() -> None:
    assert manifest().against_live == ()


def test_a_rehearsal_with_a_real_bundle_takes_nothing_from_it() -> None:
    old, real, played = manifest(dataset="old"), manifest(), manifest(simulated=True)
    stored = StoredBundle(bundle(), bundle().digest, (old, real, played))
    assert stored.newest == played
    assert stored.for_live == real
    assert StoredBundle(bundle(), bundle().digest, (played,)).for_live is None


def test_two_manifests_say_the_same_if_only_their_times_differ() -> None:
    one = manifest()
    later = replace(one, cut_at=one.cut_at + timedelta(days=1))
    assert one.says_the_same(later)
    assert one.digest != later.digest
    assert not one.says_the_same(replace(later, commit="f" * 40))
