"""Which job's evidence counts on a device, and what a hostile or broken GitHub does to it: nothing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ToolFailed, UsageError
from tests.flows.travel_ground import Travel, refused, zipped
from tests.github_double import GitHubDouble, Token, faults
from tests.github_double.routes_runs import artifact, job
from tests.github_double.world import digest

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture
def travel(hub: GitHubDouble, tmp_path: Path) -> Travel:
    return Travel(tmp_path, hub)


@pytest.mark.parametrize(
    ("ended", "more", "words"),
    [
        ("failure", {}, "its job cut ended with failure"),
        ("cancelled", {}, "its job cut ended with cancelled"),
        ("skipped", {}, "its job cut ended with skipped"),
        (None, {}, "its job cut has not ended"),
        ("success", {"event": "pull_request"}, "there is no such run"),
        ("success", {"event": "workflow_dispatch"}, "there is no such run"),
        ("success", {"branch": "idea"}, "there is no such run"),
        ("success", {"head": "fork/r"}, "there is no such run"),
        ("success", {"path": ".github/workflows/sub/test.yml"}, "there is no such run"),
        ("success", {"workflow": "gate.yml"}, "has nothing at"),
        ("success", {"name": "other"}, "left no artifact evidence"),
    ],
)
def test_evidence_of_another_job_does_not_count(travel: Travel, ended: str | None, more: Any, words: str) -> None:
    manifest = travel.cut()
    travel.publish()
    travel.ran(travel.left(manifest), ended=ended, **more)
    refused(travel, words)


def test_a_filter_that_github_passes_over_makes_no_strangers_run_ours(travel: Travel) -> None:
    manifest = travel.cut()
    travel.publish()
    travel.ran(travel.left(manifest), event="pull_request", head="fork/r")
    runs = travel.repository.runs
    travel.hub.faults.append(faults.Fault("GET .*/runs$", status=200, body={"total_count": 1, "workflow_runs": runs}))
    refused(travel, "there is no such run")


def test_a_second_job_of_that_name_is_ambiguous(travel: Travel) -> None:
    manifest = travel.cut()
    travel.publish()
    job(travel.hub.world, travel.repository, travel.ran(travel.left(manifest)), "cut", conclusion="failure")
    refused(travel, "has 2 jobs called cut")


def test_of_several_runs_the_latest_counts_that_succeeded(travel: Travel) -> None:
    manifest = travel.cut()
    travel.publish()
    travel.ran({})
    travel.ran(travel.left(manifest))
    travel.ran({}, ended="failure")
    assert [one.new for one in travel.fetch().bundles] == [True]


def test_after_a_re_run_the_latest_attempt_counts_and_earlier_manifests_are_passed_over(travel: Travel) -> None:
    first = travel.cut()
    travel.publish()
    of = travel.ran(travel.left(first))
    travel.hosted = type(travel.hosted)(travel.root / "again" / "store")
    second = travel.cut(title="Cut again")
    travel.publish()
    of["run_attempt"] = 2
    job(travel.hub.world, travel.repository, of, "cut")
    artifact(travel.hub.world, travel.repository, of, "evidence", zipped(travel.left(second)))
    assert [one.manifest for one in travel.fetch().bundles] == [second]
    assert any("another manifest was passed over" in line for line in travel.narrator.lines)


def test_a_re_run_that_failed_takes_the_evidence_back(travel: Travel) -> None:
    manifest = travel.cut()
    travel.publish()
    of = travel.ran(travel.left(manifest))
    of["run_attempt"] = 2
    job(travel.hub.world, travel.repository, of, "cut", conclusion="failure")
    refused(travel, "its job cut ended with failure")


def test_an_artifact_that_is_not_what_github_says_changes_nothing(travel: Travel) -> None:
    travel.published()
    (one,) = travel.repository.artifacts
    travel.repository.contents[f"artifact-{one['id']}"] = zipped({"evidence.json": b"{}"})
    refused(travel, "is not what GitHub says it is", kind=ToolFailed)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expired": True}, "has expired"),
        ({"digest": None}, "reports no digest"),
        ({"size_in_bytes": 2**40}, "has 1099511627776 bytes"),
    ],
)
def test_an_artifact_that_cannot_be_believed_is_refused(travel: Travel, changes: Any, words: str) -> None:
    travel.published()
    travel.repository.artifacts[0].update(changes)
    refused(travel, words)


def hostile(travel: Travel, content: bytes) -> None:
    one = travel.repository.artifacts[0]
    travel.repository.contents[f"artifact-{one['id']}"] = content
    one.update(digest=digest(content), size_in_bytes=len(content))


def test_a_zip_bomb_is_refused_within_bounds(travel: Travel, monkeypatch: pytest.MonkeyPatch) -> None:
    travel.published()
    monkeypatch.setattr("pipeline.wiring.bundle_github.MOST_UNPACKED_BYTES", 2**20)
    hostile(travel, zipped({"evidence.json": b"0" * (2**20 + 1)}))
    refused(travel, "is larger than 1048576 bytes when it is unpacked")


@pytest.mark.parametrize("content", [b"no zip", zipped({"../../evidence.json": b"{}"}), zipped({}) + b"x" * 99])
def test_an_artifact_that_no_honest_job_leaves_is_refused(travel: Travel, content: bytes) -> None:
    travel.published()
    hostile(travel, content)
    refused(travel, "evidence")


def test_a_download_that_breaks_off_changes_nothing(travel: Travel) -> None:
    travel.published()
    travel.hub.half_downloads = True
    refused(travel, kind=ToolFailed)
    travel.hub.half_downloads = False
    assert [one.new for one in travel.fetch().bundles] == [True]


def test_an_outage_that_ends_is_waited_for_and_one_that_does_not_changes_nothing(travel: Travel) -> None:
    travel.published()
    travel.hub.faults.append(faults.outage("artifacts", times=2))
    travel.hub.faults.append(faults.outage("jobs", times=99))
    refused(travel, "502", kind=ToolFailed)
    travel.hub.faults.pop()
    assert [one.new for one in travel.fetch().bundles] == [True]


def test_a_rate_limit_changes_nothing_and_says_when_it_ends(travel: Travel) -> None:
    travel.published()
    reset = int(datetime.now(UTC).timestamp()) + 3600  # the double answers with the date that it is
    travel.hub.faults.append(faults.primary_limit(times=99, reset=reset))
    assert "asked 1 times" in refused(travel, "rate limit", kind=ToolFailed).message


def test_a_token_without_the_permission_is_told_which(travel: Travel) -> None:
    travel.published()
    travel.repository.private = True
    travel.hub.world.tokens["half"] = Token(permissions={"contents": "read", "metadata": "read"})
    refused(travel, "actions", token="half")
    travel.hub.world.tokens["whole"] = Token(permissions={"contents": "read", "actions": "read", "metadata": "read"})
    assert [one.new for one in travel.fetch(token="whole").bundles] == [True]


def test_a_damaged_bundle_in_the_store_is_put_right(travel: Travel) -> None:
    manifest = travel.published()
    travel.fetch()
    archive = travel.root / "device" / "store" / "sha256" / manifest.bundle[7:] / "bundle.tar"
    archive.chmod(0o644)
    archive.write_bytes(b"damaged")
    assert [one.manifest for one in travel.fetch().bundles] == [manifest]
    assert travel.device.get(manifest.bundle).manifests == (manifest,)


@pytest.mark.parametrize("commit", ["main", "HEAD", "abc123", "--all"])
def test_a_commit_is_named_whole(travel: Travel, commit: str) -> None:
    refused(travel, "no commit's whole name", kind=UsageError, commit=commit)
