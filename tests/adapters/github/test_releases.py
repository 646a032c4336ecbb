"""Releases, and the sections of their text that are ours."""

from pathlib import Path

import pytest

from pipeline.adapters.github.releases import GitHubReleases, with_section
from pipeline.errors import Refused, ToolFailed, UsageError
from tests.adapters.github.ground import SHA, repository, session
from tests.github_double import GitHubDouble, faults
from tests.github_double.routes_releases import release
from tests.github_double.world import digest

pytestmark = pytest.mark.sockets


def test_the_release_of_a_tag_is_made_once_and_never_the_latest(hub: GitHubDouble) -> None:
    releases = GitHubReleases(session(hub))
    assert releases.of_tag("bundles-1") is None
    made = releases.made("bundles-1", "Bundles", "cut", commit=SHA)
    assert releases.made("bundles-1", "other", "other", commit=SHA) == made == releases.of_tag("bundles-1")
    (kept,) = repository(hub).releases
    assert (kept["name"], kept["body"], kept["target_commitish"]) == ("Bundles", "cut", SHA)
    posted = next(one for one in hub.world.asked if one.method == "POST")
    assert b'"make_latest": "false"' in posted.body


@pytest.mark.parametrize("tag", ["v1/../../x", "v1?x=1", "v1 #", "$(reboot)", "ü"])
def test_a_tag_of_any_name_is_only_data(hub: GitHubDouble, tag: str) -> None:
    """One that leads elsewhere is not asked; any other is quoted."""
    release(hub.world, repository(hub), tag)
    found = GitHubReleases(session(hub)).of_tag(tag)
    assert found is not None
    assert found.tag == tag


def test_a_section_is_added_then_replaced_and_the_rest_stays(hub: GitHubDouble) -> None:
    release(hub.world, repository(hub), "v1", text="What a person wrote.\r\n")
    releases = GitHubReleases(session(hub))
    page = releases.of_tag("v1")
    assert page is not None
    releases.keep_section(page, "boarding", "a boarded")
    repository(hub).releases[0]["body"] += "\n\nAnd wrote below."
    releases.keep_section(page, "boarding", "a boarded, b stayed")
    asked = len(hub.world.asked)
    releases.keep_section(page, "boarding", "a boarded, b stayed")
    assert [one.method for one in hub.world.asked[asked:]] == ["GET"]
    assert repository(hub).releases[0]["body"] == (
        "What a person wrote.\n\n<!-- freqtrain boarding -->\na boarded, b stayed\n<!-- freqtrain boarding/end -->\n\nAnd wrote below."
    )


def test_a_section_whose_end_somebody_removed_is_written_anew() -> None:
    assert (
        with_section("a\n<!-- freqtrain x -->\nold", "x", "new")
        == "a\n<!-- freqtrain x -->\nnew\n<!-- freqtrain x/end -->"
    )
    assert with_section("", "x", "new") == "<!-- freqtrain x -->\nnew\n<!-- freqtrain x/end -->"


def test_a_text_that_would_grow_too_long_is_refused_and_left(hub: GitHubDouble) -> None:
    release(hub.world, repository(hub), "v1", text="x" * 65_000)
    releases = GitHubReleases(session(hub))
    page = releases.of_tag("v1")
    assert page is not None
    with pytest.raises(Refused, match="longer than GitHub takes"):
        releases.keep_section(page, "boarding", "y" * 600)
    assert repository(hub).releases[0]["body"] == "x" * 65_000


@pytest.mark.parametrize("name", ["", ".hidden", "a b", "a/b", "a.", "é", "a?label=x"])
def test_a_name_that_github_would_change_is_refused(hub: GitHubDouble, tmp_path: Path, name: str) -> None:
    (tmp_path / "x").write_bytes(b"x")
    releases = GitHubReleases(session(hub))
    with pytest.raises(UsageError, match="no name for an asset"):
        releases.put(releases.made("v1", "", ""), name, tmp_path / "x")


def test_an_asset_is_listed_with_its_digest_and_fetched_within_bounds(hub: GitHubDouble, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"bundle")
    releases = GitHubReleases(session(hub))
    page = releases.made("v1", "", "")
    asset, there = releases.put(page, "b.tar", tmp_path / "x")
    assert (there, releases.assets(page)) == (False, (asset,))
    releases.fetch(asset, tmp_path / "y", 6)
    assert (tmp_path / "y").read_bytes() == b"bundle"
    assert asset.digest == digest(b"bundle")
    with pytest.raises(ToolFailed, match="larger than 5 bytes"):
        releases.fetch(asset, tmp_path / "y", 5)


def test_an_upload_address_at_another_host_gets_nothing(hub: GitHubDouble, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"bundle")
    made = release(hub.world, repository(hub), "v1")
    made["upload_url"] = f"{hub.world.storage_url}/steal{{?name,label}}"
    releases = GitHubReleases(session(hub))
    page = releases.of_tag("v1")
    assert page is not None
    with pytest.raises(ToolFailed, match="another host"):
        releases.put(page, "b.tar", tmp_path / "x")
    assert hub.stored_for == []


def test_a_repository_that_is_not_there_is_not_a_tag_without_a_release(hub: GitHubDouble) -> None:
    hub.faults.append(faults.Fault(times=2, status=404, body={"message": "Not Found"}))
    with pytest.raises(Refused, match="has nothing at GET /repos/o/r,"):
        GitHubReleases(session(hub)).of_tag("v1")
