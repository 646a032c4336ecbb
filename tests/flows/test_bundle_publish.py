"""A commit's bundles become files of one release: once, whole, and never in another's place."""

from pathlib import Path

import pytest

from pipeline.domain.provenance import archive_name, evidence_name, manifest_name
from pipeline.errors import Refused, ToolFailed, UsageError
from tests.flows.travel_ground import Travel
from tests.github_double import GitHubDouble, Token, faults
from tests.github_double.routes_releases import asset, release
from tests.github_double.world import digest

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture
def travel(hub: GitHubDouble, tmp_path: Path) -> Travel:
    return Travel(tmp_path, hub)


def contents(travel: Travel) -> dict[str, bytes]:
    return {name: travel.repository.contents[f"asset-{one['id']}"] for name, one in travel.assets().items()}


def test_archive_evidence_and_manifest_are_one_release_of_the_commit_and_no_release_tag(travel: Travel) -> None:
    manifest = travel.cut()
    carried = travel.publish()
    (page,) = travel.repository.releases
    assert (page["tag_name"], page["target_commitish"], page["prerelease"]) == (
        f"bundles-{travel.commit}",
        travel.commit,
        True,
    )
    assert list(travel.assets()) == [
        archive_name(manifest.bundle),
        evidence_name(manifest.evidence),
        manifest_name(manifest.digest),
    ]
    assert digest(contents(travel)[archive_name(manifest.bundle)]) == manifest.bundle
    assert digest(contents(travel)[evidence_name(manifest.evidence)]) == manifest.evidence
    assert [(one.manifest, one.new) for one in carried.bundles] == [(manifest, True)]
    assert carried.url == page["html_url"]


def test_publishing_again_changes_nothing(travel: Travel) -> None:
    travel.cut()
    travel.publish()
    before = contents(travel)
    assert [one.new for one in travel.publish().bundles] == [False]
    assert (contents(travel), len(travel.repository.releases)) == (before, 1)
    assert [one.method for one in travel.hub.world.asked].count("POST") == 4


def test_what_was_cut_off_is_completed(travel: Travel) -> None:
    travel.cut()
    travel.hub.faults.append(faults.outage("POST .*/assets", times=1, status=500))
    travel.hub.faults.append(faults.outage(".*/assets$", times=99))
    with pytest.raises(ToolFailed):
        travel.publish()
    travel.hub.faults.clear()
    assert [one.new for one in travel.publish().bundles] == [True]
    assert len(travel.assets()) == 3


def test_an_upload_that_broke_off_is_put_anew(travel: Travel) -> None:
    manifest = travel.cut()
    page = release(travel.hub.world, travel.repository, f"bundles-{travel.commit}")
    asset(travel.hub.world, travel.repository, page, archive_name(manifest.bundle), b"half", state="open")
    travel.publish()
    assert digest(contents(travel)[archive_name(manifest.bundle)]) == manifest.bundle


def test_only_bundles_of_that_commit_are_published(travel: Travel) -> None:
    travel.cut(commit="b" * 40)
    mine = travel.cut()
    travel.cut("dip", uncommitted=True)
    carried = travel.publish()
    assert [one.manifest for one in carried.bundles] == [mine]
    assert travel.narrator.lines[0] == "dip: left out, it was cut from files that are in no commit"


def test_a_commit_of_which_nothing_was_cut_has_a_release_that_says_so(travel: Travel) -> None:
    assert travel.publish().bundles == ()
    assert travel.assets() == {}
    assert travel.narrator.lines == [f"nothing was cut of {travel.commit[:12]}"]


def test_other_content_under_our_names_is_refused_all_at_once_and_stays(travel: Travel) -> None:
    manifest = travel.cut()
    page = release(travel.hub.world, travel.repository, f"bundles-{travel.commit}")
    names = (archive_name(manifest.bundle), manifest_name(manifest.digest))
    for name in names:
        asset(travel.hub.world, travel.repository, page, name, b"another's")
    with pytest.raises(Refused) as refused:
        travel.publish()
    assert all(f"holds another file {name}" in refused.value.message for name in names)
    assert set(contents(travel).values()) == {b"another's"}


def test_other_content_that_appears_meanwhile_is_not_replaced(travel: Travel) -> None:
    manifest = travel.cut()
    name = archive_name(manifest.bundle)

    def put() -> None:
        asset(travel.hub.world, travel.repository, travel.repository.releases[0], name, b"another's")

    travel.hub.faults.append(faults.meanwhile("POST .*/assets", put))
    with pytest.raises(Refused, match="holds another file"):
        travel.publish()
    assert contents(travel) == {name: b"another's"}


def test_two_that_publish_at_once_end_with_one_release_and_one_of_each_file(travel: Travel) -> None:
    """The other one is quicker with the release, and then with the archive."""
    manifest = travel.cut()
    world, here, tag = travel.hub.world, travel.repository, f"bundles-{travel.commit}"
    archive = travel.hosted.get(manifest.bundle).bundle.archive

    def put() -> None:
        asset(world, here, here.releases[0], archive_name(manifest.bundle), archive)

    travel.hub.faults.append(faults.meanwhile("POST .*/releases$", lambda: release(world, here, tag)))
    travel.hub.faults.append(faults.meanwhile("POST .*/assets", put))
    travel.publish()
    assert (len(here.releases), len(travel.assets())) == (1, 3)


@pytest.mark.parametrize("acted", [True, False])
@pytest.mark.parametrize("where", ["POST .*/releases$", "POST .*/assets"])
def test_an_answer_that_was_lost_makes_nothing_twice(travel: Travel, where: str, acted: bool) -> None:
    travel.cut()
    travel.hub.faults.append(faults.outage(where, acted=acted))
    travel.publish()
    assert (len(travel.repository.releases), len(travel.assets())) == (1, 3)


def test_a_token_that_may_not_write_is_told_which_permission_is_missing(travel: Travel) -> None:
    travel.cut()
    travel.hub.world.tokens["reader"] = Token(permissions={"contents": "read"})
    with pytest.raises(Refused) as refused:
        travel.publish(token="reader")
    assert "contents" in f"{refused.value.message} {refused.value.hint}"
    assert travel.repository.releases == []


def test_a_damaged_bundle_stops_it_before_anything_is_asked(travel: Travel) -> None:
    travel.cut()
    for id in ("dip", "rise"):
        folder = travel.root / "hosted" / "store" / "sha256" / travel.cut(id).bundle[7:]
        (folder / "bundle.tar").chmod(0o644)
        (folder / "bundle.tar").write_bytes(b"damaged")
    with pytest.raises(Refused) as refused:
        travel.publish()
    assert refused.value.message.count("is damaged") == 2
    assert travel.hub.world.asked == []


@pytest.mark.parametrize("commit", ["main", "abc123", "A" * 40, "a" * 41])
def test_a_commit_is_named_whole(travel: Travel, commit: str) -> None:
    with pytest.raises(UsageError, match="no commit's whole name"):
        travel.publish(commit)
