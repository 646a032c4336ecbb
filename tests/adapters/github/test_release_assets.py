"""Files that are shared over releases: data sets."""

from pathlib import Path

import pytest

from pipeline.adapters.github.release_assets import ReleaseAssets
from pipeline.errors import Refused, ToolFailed
from tests.adapters.github.ground import repository, session
from tests.fakes import FakeClock
from tests.github_double import GitHubDouble, faults
from tests.github_double.routes_releases import asset, release
from tests.github_double.world import TOKEN, digest

pytestmark = pytest.mark.sockets
CONTENT = b"candles" * 1000


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "abc.tar"
    path.write_bytes(CONTENT)
    return path


def assets(hub: GitHubDouble, token: str = TOKEN) -> ReleaseAssets:
    return ReleaseAssets(session(hub, token))


def names(hub: GitHubDouble) -> list[str]:
    return [one["name"] for each in repository(hub).releases for one in each["assets"]]


def test_an_asset_comes_back_as_it_was_uploaded(hub: GitHubDouble, archive: Path, tmp_path: Path) -> None:
    url, already = assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)
    assert (url.endswith("/o/r/releases/download/data-1/abc.tar"), already) == (True, False)
    assets(hub).download("data-1", "abc.tar", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == CONTENT
    assert (repository(hub).releases[0]["body"], hub.stored_for) == ("notes", [""])


def test_uploading_again_changes_nothing(hub: GitHubDouble, archive: Path) -> None:
    assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)
    assert assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)[1] is True
    assert names(hub) == ["abc.tar"]
    assert [one.method for one in hub.world.asked].count("POST") == 2


@pytest.mark.parametrize(
    ("content", "state"),
    [(b"half", "uploaded"), (CONTENT, "open"), (CONTENT[::-1], "uploaded")],
    ids=["half", "open", "other content of that size"],
)
def test_an_upload_that_broke_off_is_replaced(
    hub: GitHubDouble, archive: Path, content: bytes, state: str, tmp_path: Path
) -> None:
    asset(hub.world, repository(hub), release(hub.world, repository(hub), "data-1"), "abc.tar", content, state=state)
    assert assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)[1] is False
    assert names(hub) == ["abc.tar"]
    assets(hub).download("data-1", "abc.tar", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == CONTENT


@pytest.mark.parametrize("acted", [True, False])
@pytest.mark.parametrize("where", ["POST .*/releases$", "POST .*/assets"])
def test_an_answer_that_was_lost_makes_nothing_twice(hub: GitHubDouble, archive: Path, where: str, acted: bool) -> None:
    hub.faults.append(faults.outage(where, acted=acted))
    assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)
    assert (len(repository(hub).releases), names(hub)) == (1, ["abc.tar"])
    assert repository(hub).contents[f"asset-{repository(hub).releases[0]['assets'][0]['id']}"] == CONTENT


def test_an_upload_that_had_to_wait_for_a_limit_is_whole(hub: GitHubDouble, archive: Path, tmp_path: Path) -> None:
    hub.faults.append(faults.secondary_limit("POST .*/assets", retry_after=1))
    assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)
    assets(hub).download("data-1", "abc.tar", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == CONTENT


def test_two_that_upload_at_once_leave_one_release_and_one_asset(hub: GitHubDouble, archive: Path) -> None:
    def other() -> None:
        made = release(hub.world, repository(hub), "data-1")
        asset(hub.world, repository(hub), made, "abc.tar", CONTENT)

    hub.faults.append(faults.meanwhile("POST .*/releases$", other))
    assert assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)[1] is True
    assert (len(repository(hub).releases), names(hub)) == (1, ["abc.tar"])


def test_an_upload_that_somebody_else_is_still_at_is_waited_for(hub: GitHubDouble, archive: Path) -> None:
    made = release(hub.world, repository(hub), "data-1")
    theirs = asset(hub.world, repository(hub), made, "abc.tar", CONTENT, state="open")

    class Finishing(FakeClock):
        """They finish while we wait."""

        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            theirs.update(state="uploaded", digest=digest(CONTENT))

    shared = ReleaseAssets(session(hub, clock=Finishing()))
    assert shared.upload("data-1", "data set", "notes", "abc.tar", archive)[1] is True
    assert [one.method for one in hub.world.asked].count("POST") == 0


def test_an_asset_in_another_release_is_found(hub: GitHubDouble, tmp_path: Path) -> None:
    for number in range(130):
        release(hub.world, repository(hub), f"v{number}")
    asset(hub.world, repository(hub), repository(hub).releases[5], "abc.tar", b"here")
    assets(hub).download("data-1", "abc.tar", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"here"
    assert len(hub.world.asked) < 10


def test_an_asset_that_no_release_has_whole_is_refused(hub: GitHubDouble, tmp_path: Path) -> None:
    made = release(hub.world, repository(hub), "data-1")
    asset(hub.world, repository(hub), made, "other.tar", b"x")
    asset(hub.world, repository(hub), made, "abc.tar", b"x", state="open")
    with pytest.raises(Refused, match=r"no release of o/r holds abc\.tar"):
        assets(hub).download("data-1", "abc.tar", tmp_path / "back")


def test_a_public_repository_is_read_without_a_token_and_not_written(
    hub: GitHubDouble, archive: Path, tmp_path: Path
) -> None:
    asset(hub.world, repository(hub), release(hub.world, repository(hub), "data-1"), "abc.tar", b"here")
    assets(hub, token="").download("data-1", "abc.tar", tmp_path / "back")
    with pytest.raises(Refused, match="GITHUB_TOKEN is not set"):
        assets(hub, token="").upload("data-1", "data set", "notes", "abc.tar", archive)


def test_a_repository_that_does_not_show_itself_is_refused(hub: GitHubDouble, tmp_path: Path) -> None:
    repository(hub).private = True
    with pytest.raises(Refused, match="or does not show it") as caught:
        assets(hub, token="").download("data-1", "abc.tar", tmp_path / "back")
    assert "GITHUB_TOKEN" in caught.value.hint


def test_a_download_that_breaks_off_every_time_is_no_download(hub: GitHubDouble, tmp_path: Path) -> None:
    asset(hub.world, repository(hub), release(hub.world, repository(hub), "data-1"), "abc.tar", CONTENT)
    hub.half_downloads = True
    with pytest.raises(ToolFailed, match="did not answer"):
        assets(hub).download("data-1", "abc.tar", tmp_path / "back")


@pytest.mark.parametrize(
    ("content", "said"), [(CONTENT[:-1], "broke off after 6999 of 7000"), (CONTENT[::-1], "is not what")]
)
def test_a_download_of_something_else_is_no_download(
    hub: GitHubDouble, tmp_path: Path, content: bytes, said: str
) -> None:
    made = asset(hub.world, repository(hub), release(hub.world, repository(hub), "data-1"), "abc.tar", CONTENT)
    repository(hub).contents[f"asset-{made['id']}"] = content
    with pytest.raises(ToolFailed, match=said):
        assets(hub).download("data-1", "abc.tar", tmp_path / "back")


def test_a_state_that_githubs_description_does_not_know_is_not_whole(hub: GitHubDouble, tmp_path: Path) -> None:
    """Its text says that an upload that broke off may stay as `starter`."""
    made = release(hub.world, repository(hub), "data-1")
    asset(hub.world, repository(hub), made, "abc.tar", b"", state="starter")
    hub.faults += [
        faults.Fault("GET .*/tags/data-1", status=200, body=made),
        faults.Fault("GET .*/releases", status=200, body=[made]),
    ]
    with pytest.raises(Refused, match=r"no release of o/r holds abc\.tar"):
        assets(hub).download("data-1", "abc.tar", tmp_path / "back")
