"""What is attached to a bundle, and when real money may follow it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.domain.bundle import Bundle, bundle_of
from pipeline.domain.bundle_manifest import StoredBundle, contradictions
from pipeline.domain.evidence_record import EvidenceRecord
from tests.bundle_samples import ENGINE, bundle, candidate, manifest, record


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


def test_bundle_manifest_and_evidence_that_belong_together_do_not_contradict_each_other() -> None:
    assert contradictions(bundle(), manifest(), record().document) == ()


@pytest.mark.parametrize(
    ("of", "changes", "evidence", "complaint"),
    [
        (bundle(strategy_json=None), {}, record(), "the evidence is for other files"),
        (bundle(strategy_py=b"x = 1\n"), {}, record(), "the evidence is for other files"),
        (bundle(), {"bundle": "sha256:" + "0" * 64}, record(), "the manifest speaks of sma_trend"),
        (bundle(), {"strategy": "other"}, record(), "the manifest's strategy"),
        (bundle(), {"simulated": True}, record(), "the manifest's simulated"),
        (bundle(), {"content": "sha256:" + "0" * 64}, record(), "the manifest's content_digest"),
        (bundle(), {"policy_digest": "sha256:" + "0" * 64}, record(), "the manifest's policy_digest"),
        (bundle(), {"dataset_digest": "sha256:" + "0" * 64}, record(), "the manifest's dataset_digest"),
        (bundle(), {"versions": {}}, record(), "the manifest's versions"),
        (bundle(), {}, record(simulated=True), "the manifest's simulated"),
        (bundle_of(candidate(), {**ENGINE, "ccxt": "5"}), {}, record(), "the evidence was made with another ccxt"),
    ],
)
def test_what_does_not_belong_together_is_told(
    of: Bundle, changes: dict[str, object], evidence: EvidenceRecord, complaint: str
) -> None:
    told = contradictions(of, manifest(of, **changes), evidence.document)
    assert any(words.startswith(complaint) for words in told), told


def test_evidence_that_is_no_pass_or_says_nothing_contradicts_every_bundle() -> None:
    assert contradictions(bundle(), manifest(), {**record().document, "outcome": "FAIL"}) == (
        "the evidence is no PASS",
    )
    assert len(contradictions(bundle(), manifest(), {})) == 1


def test_two_manifests_say_the_same_if_only_their_times_differ() -> None:
    one = manifest()
    later = replace(one, cut_at=one.cut_at + timedelta(days=1))
    assert one.says_the_same(later)
    assert one.digest != later.digest
    assert not one.says_the_same(replace(later, commit="f" * 40))
