"""What main has and the device lacks is fetched from whichever commit it was cut of, and nothing that a fetch would refuse."""

from pathlib import Path

import pytest

from pipeline.adapters.git_tags import GitTags
from pipeline.adapters.github.releases import GitHubReleases
from pipeline.domain.bundle_manifest import BundleManifest
from pipeline.domain.provenance import CarriedBundles
from pipeline.errors import ToolFailed
from pipeline.flows.bundle_missing import Missing, fetch_missing
from tests.flows.travel_ground import MAIN, Travel
from tests.github_double import GitHubDouble
from tests.github_double.world import TOKEN

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture
def travel(hub: GitHubDouble, tmp_path: Path) -> Travel:
    return Travel(tmp_path, hub)


def missing(travel: Travel, asked: list[str] | None = None) -> Missing:
    def fetch(commit: str) -> CarriedBundles:
        if asked is not None:
            asked.append(commit)
        return travel.fetch(commit)

    releases = GitHubReleases(travel._session(TOKEN))
    return fetch_missing(GitTags(travel.clone, MAIN), travel.device, releases.tags, fetch, travel.narrator)


def merged(travel: Travel, id: str, **files: bytes) -> BundleManifest:
    """A strategy is merged, cut, and published with the run that made it; no device takes the job."""
    travel.commit = travel.write(id, **files)
    travel.pulled()
    manifest = travel.cut(id)
    travel.publish()
    travel.ran(travel.left(manifest))
    return manifest


def kept(found: Missing) -> set[str]:
    return {one.manifest.strategy for carried in found.carried for one in carried.bundles if one.new}


def test_a_device_that_took_no_job_has_all_of_main_at_once(travel: Travel) -> None:
    first = travel.published()
    second = merged(travel, "dip")
    travel.commit = travel.committed()
    travel.pulled()
    found = missing(travel)
    assert (kept(found), found.lacking, found.refused) == ({"sma_trend", "dip"}, (), ())
    assert set(travel.device.digests()) == {first.bundle, second.bundle}


def test_where_nothing_is_lacking_nobody_is_asked(travel: Travel) -> None:
    travel.published()
    missing(travel)
    travel.hub.world.asked.clear()
    assert missing(travel) == Missing((), (), ())
    assert travel.hub.world.asked == []


def test_only_commits_that_help_are_looked_into_the_newest_first(travel: Travel) -> None:
    travel.published()
    oldest = travel.commit
    merged(travel, "dip")
    asked: list[str] = []
    missing(travel, asked)
    assert asked == [travel.commit, oldest]
    travel.write("dip", **{"strategy.py": b"# changed\n"})
    travel.pulled()
    asked.clear()
    found = missing(travel, asked)
    assert (asked, found.lacking, found.refused) == ([], ("dip",), ())


def test_what_is_refused_is_told_and_keeps_no_other_one(travel: Travel) -> None:
    travel.published()
    travel.commit = travel.write("dip")
    travel.pulled()
    travel.cut("dip")
    travel.publish()  # Somebody published it, and no run made it.
    found = missing(travel)
    assert (kept(found), found.lacking) == ({"sma_trend"}, ("dip",))
    (refused,) = found.refused
    assert refused.startswith(travel.commit[:12])


def test_a_release_of_a_commit_that_is_on_no_main_is_passed_over(travel: Travel) -> None:
    travel.published()
    (travel.origin / "elsewhere").write_text("x")
    away = travel.committed()
    travel.publish(away)
    asked: list[str] = []
    missing(travel, asked)
    assert asked == [travel.commit]


def test_where_github_fails_what_was_fetched_stays_and_it_is_said(travel: Travel) -> None:
    travel.published()

    def fetch(commit: str) -> CarriedBundles:
        raise ToolFailed("GitHub does not answer")

    releases = GitHubReleases(travel._session(TOKEN))
    with pytest.raises(ToolFailed, match="does not answer"):
        fetch_missing(GitTags(travel.clone, MAIN), travel.device, releases.tags, fetch, travel.narrator)
