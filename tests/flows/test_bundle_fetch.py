"""A device keeps a bundle that it makes itself and whose evidence GitHub saw made, and no other."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.manifest_text import manifest_text
from pipeline.domain.provenance import manifest_name
from pipeline.errors import ConfigError
from tests import bundle_samples as samples
from tests.flows.travel_ground import MAIN, Travel, git, refused
from tests.github_double import GitHubDouble
from tests.github_double.routes_releases import asset

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture
def travel(hub: GitHubDouble, tmp_path: Path) -> Travel:
    return Travel(tmp_path, hub)


def test_a_bundle_is_kept_with_its_manifest_and_evidence_while_the_run_goes_on(travel: Travel) -> None:
    manifest = travel.published()
    carried = travel.fetch()
    assert [(one.manifest, one.new) for one in carried.bundles] == [(manifest, True)]
    stored = travel.device.get(manifest.bundle)
    assert (stored.bundle.digest, stored.manifests) == (manifest.bundle, (manifest,))
    assert travel.device.evidence(manifest) == samples.record(samples.candidate()).document


def test_what_is_here_is_not_asked_for(travel: Travel) -> None:
    travel.published()
    travel.fetch()
    travel.hub.world.asked.clear()
    assert [one.new for one in travel.fetch(token="no-such-token").bundles] == [False]
    assert travel.hub.world.asked == []


def test_a_bundle_that_stayed_the_same_gets_the_manifest_of_the_new_commit(travel: Travel) -> None:
    travel.published()
    travel.fetch()
    travel.commit = travel.committed()
    travel.pulled()
    newer = travel.cut()
    travel.publish()
    travel.ran(travel.left(newer))
    assert [(one.manifest, one.new) for one in travel.fetch().bundles] == [(newer, True)]
    assert len(travel.device.get(newer.bundle).manifests) == 2


def test_several_bundles_are_kept_together_or_not_at_all(travel: Travel) -> None:
    travel.commit = travel.write("dip")
    travel.pulled()
    both = travel.cut(), travel.cut("dip")
    travel.publish()
    travel.ran(travel.left(both[0]))
    refused(travel, "dip: The artifact evidence of", "holds no evidence", "does not hold this manifest")
    travel.ran(travel.left(*both))
    assert len(travel.fetch().bundles) == len(travel.device.digests()) == 2


def test_a_strategy_that_did_not_pass_is_no_reason_to_refuse_the_others(travel: Travel) -> None:
    travel.commit = travel.write("dip")
    travel.pulled()
    travel.published()
    assert [one.manifest.strategy for one in travel.fetch().bundles] == ["sma_trend"]
    assert [one.new for one in travel.fetch().bundles] == [False]


def test_a_commit_of_which_nothing_was_cut_is_told_from_one_that_was_not_published(travel: Travel) -> None:
    refused(travel, f"no release of o/r holds the bundles of {travel.commit}")
    travel.publish()
    assert travel.fetch().bundles == ()


def test_a_commit_that_is_not_on_main_is_refused_before_anything_is_asked(travel: Travel) -> None:
    git(travel.clone, "checkout", "-q", "-b", "idea")
    git(travel.clone, "commit", "-q", "--allow-empty", "-m", "idea")
    travel.commit = git(travel.clone, "rev-parse", "HEAD")
    git(travel.clone, "tag", "main")
    git(travel.clone, "branch", "-f", "main")
    travel.published()
    travel.hub.world.asked.clear()
    refused(travel, "is not on the protected main of this device's clone")
    assert travel.hub.world.asked == []
    assert refused(travel, "is not on the protected main", commit="c" * 40)


def test_a_main_that_was_moved_back_takes_its_bundles_with_it(travel: Travel) -> None:
    first = travel.commit
    travel.commit = travel.committed()
    travel.pulled()
    travel.published()
    git(travel.origin, "reset", "-q", "--hard", first)
    travel.pulled()
    refused(travel, "is not on the protected main")


def test_a_clone_without_the_protected_main_is_refused(travel: Travel) -> None:
    travel.published()
    git(travel.clone, "update-ref", "-d", MAIN)
    refused(travel, "has no refs/remotes/origin/main")


def test_another_engine_on_the_device_makes_another_bundle_and_says_which(travel: Travel) -> None:
    travel.published()
    travel.versions = {**samples.VERSIONS, "ccxt": "4.5.91"}
    refused(travel, "This device makes sha256:", "(ccxt 4.5.91 here and 4.5.90 there)", kind=ConfigError)


def test_other_files_than_the_commits_are_refused_whatever_the_evidence_says(travel: Travel) -> None:
    """The hosted machine judged and cut something else than what is on main."""
    travel.commit = travel.write("sma_trend", strategy_py=samples.FILES["strategy.py"] + b"\nSTAKE = 100\n")
    travel.pulled()
    travel.published()
    refused(travel, "The manifest is for other files than the commit's", "This device makes sha256:", kind=ConfigError)


def test_a_strategy_that_the_commit_does_not_have_is_refused(travel: Travel) -> None:
    manifest = travel.cut("stranger")
    travel.publish()
    travel.ran(travel.left(manifest))
    refused(travel, "The commit's own files make no bundle: there is no such strategy", kind=ConfigError)


def test_a_manifest_with_a_hostile_strategy_reaches_no_folder(travel: Travel) -> None:
    travel.published()
    hostile = samples.manifest(commit=travel.commit, strategy="../../escape")
    page = travel.repository.releases[0]
    for one in list(page["assets"]):
        if one["name"].startswith("manifest"):
            page["assets"].remove(one)
    asset(travel.hub.world, travel.repository, page, manifest_name(hostile.digest), manifest_text(hostile))
    refused(travel, "there is no such strategy", kind=ConfigError)


def test_a_manifest_of_another_commit_does_not_pass_for_this_one(travel: Travel) -> None:
    manifest = travel.cut(commit="b" * 40)
    travel.publish("b" * 40)
    travel.repository.releases[0]["tag_name"] = f"bundles-{travel.commit}"
    travel.ran(travel.left(manifest))
    refused(travel, f"The manifest speaks of {'b' * 40}, not of {travel.commit}", kind=ConfigError)


def edited(text: bytes, **changes: Any) -> bytes:
    return json.dumps({**json.loads(text), **changes}).encode()


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("bundle", lambda text: text + b"\0", "is another file"),
        ("evidence", lambda text: edited(text, note="better"), "is another file"),
        ("manifest", lambda text: edited(text, simulated=False), "was changed"),
        ("manifest", lambda text: b"{" * 9999, "is no manifest"),
        ("manifest", lambda text: b" " * (2**20 + 1), "has 1048577 bytes, and may have 1048576"),
        ("bundle", lambda text: b" " * (2**23), "bytes, and may have"),
    ],
    ids=["archive", "evidence", "manifest", "nested", "large manifest", "large archive"],
)
def test_a_file_that_somebody_exchanged_is_refused(
    travel: Travel, kind: str, change: Callable[[bytes], bytes], words: str
) -> None:
    travel.published()
    travel.swap(kind, change)
    refused(travel, words, kind=ConfigError)


def test_a_manifest_that_is_sound_in_itself_and_that_cut_did_not_make_is_refused(travel: Travel) -> None:
    """Its facts are what a person sees before real money: nothing but the job may say them."""
    manifest = travel.cut(title="Somebody else's")
    travel.publish()
    travel.ran(travel.left(samples.manifest(commit=travel.commit)))
    refused(travel, "does not hold this manifest", kind=ConfigError)
    assert manifest.title == "Somebody else's"


def test_evidence_that_cut_did_not_leave_is_refused(travel: Travel) -> None:
    manifest = travel.cut()
    travel.publish()
    other = samples.evidence_text(samples.candidate(), simulated=True)
    travel.ran({**travel.left(manifest), "out/sma_trend/evidence.json": other})
    refused(travel, f"holds no evidence {manifest.evidence}", kind=ConfigError)


def test_evidence_that_was_edited_in_the_artifact_counts_as_missing(travel: Travel) -> None:
    manifest = travel.cut()
    travel.publish()
    files = travel.left(manifest)
    path = "out/sma_trend/evidence.json"
    travel.ran({**files, path: edited(files[path], note="better"), "deep/evidence.json": b"[" * 9999})
    refused(travel, f"holds no evidence {manifest.evidence}", kind=ConfigError)


@pytest.mark.parametrize("kind", ["bundle", "evidence"])
@pytest.mark.parametrize("state", [None, "open"], ids=["missing", "not whole"])
def test_a_missing_file_is_refused(travel: Travel, kind: str, state: str | None) -> None:
    travel.published()
    if state is None:
        travel.repository.releases[0]["assets"].remove(travel.asset(kind))
    else:
        travel.asset(kind).update(state=state, digest=None)
    refused(travel, f"The release does not hold {kind}-", ", whole", kind=ConfigError)


def test_everything_that_speaks_against_it_is_told_at_once(travel: Travel) -> None:
    travel.commit = travel.write("dip")
    travel.pulled()
    travel.cut(), travel.cut("dip")
    travel.publish()
    travel.versions = {**samples.VERSIONS, "ccxt": "4.5.91"}
    travel.ran({}, ended="failure")
    error = refused(
        travel, "dip: This device", "sma_trend: This device", "job cut ended with failure", kind=ConfigError
    )
    assert isinstance(error, ConfigError)
    assert len(error.problems) == 3
