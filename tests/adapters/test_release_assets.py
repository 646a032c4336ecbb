"""Assets of releases, against a small GitHub on the loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.release_assets import ReleaseAssets
from pipeline.errors import Refused, ToolFailed
from tests.adapters.github_double import TOKEN, GitHub, github

pytestmark = pytest.mark.sockets


@pytest.fixture
def hub() -> Iterator[GitHub]:
    with github() as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "abc.tar"
    path.write_bytes(b"candles" * 1000)
    return path


def assets(hub: GitHub, token: str = TOKEN) -> ReleaseAssets:
    return ReleaseAssets("o/r", token, hub.url)


def test_an_asset_comes_back_as_it_was_uploaded(hub: GitHub, archive: Path, tmp_path: Path) -> None:
    url, already = assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)
    assert (url.endswith("/o/r/releases/download/data-1/abc.tar"), already) == (True, False)
    assets(hub).download("data-1", "abc.tar", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == archive.read_bytes()
    assert hub.releases[0]["body"] == "notes"


def test_uploading_again_changes_nothing(hub: GitHub, archive: Path) -> None:
    assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)
    assert assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)[1] is True
    assert hub.names() == ["abc.tar"]
    assert [line.split()[0] for line in hub.asked].count("POST") == 2


@pytest.mark.parametrize(("content", "state"), [(b"half", "uploaded"), (b"candles" * 1000, "starter")])
def test_an_upload_that_broke_off_is_replaced(
    hub: GitHub, archive: Path, content: bytes, state: str, tmp_path: Path
) -> None:
    hub.asset(hub.release("data-1"), "abc.tar", content, state=state)
    assert assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)[1] is False
    assert hub.names() == ["abc.tar"]
    assets(hub).download("data-1", "abc.tar", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == archive.read_bytes()


def test_an_asset_in_another_release_is_found(hub: GitHub, tmp_path: Path) -> None:
    for number in range(130):
        hub.release(f"v{number}")
    hub.asset(hub.releases[120], "abc.tar", b"here")
    assets(hub).download("data-1", "abc.tar", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"here"


def test_an_asset_that_no_release_has_is_refused(hub: GitHub, tmp_path: Path) -> None:
    hub.asset(hub.release("data-1"), "other.tar", b"x")
    with pytest.raises(Refused, match=r"no release of o/r holds abc\.tar"):
        assets(hub).download("data-1", "abc.tar", tmp_path / "back")


def test_the_token_goes_to_the_api_and_not_to_the_storage(hub: GitHub, archive: Path, tmp_path: Path) -> None:
    hub.private = True
    assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)
    hub.private = False
    assets(hub).download("data-1", "abc.tar", tmp_path / "back")
    by_path = dict(zip(hub.asked, hub.authorized, strict=True))
    assert by_path["GET /storage/1"] == ""
    assert TOKEN in by_path["GET /repos/o/r/releases/assets/1"]


def test_a_public_repository_is_read_without_a_token_and_not_written(
    hub: GitHub, archive: Path, tmp_path: Path
) -> None:
    hub.asset(hub.release("data-1"), "abc.tar", b"here")
    assets(hub, token="").download("data-1", "abc.tar", tmp_path / "back")
    with pytest.raises(Refused, match="GITHUB_TOKEN is not set"):
        assets(hub, token="").upload("data-1", "data set", "notes", "abc.tar", archive)


def test_a_repository_that_does_not_show_itself_is_refused(hub: GitHub, tmp_path: Path) -> None:
    hub.private = True
    with pytest.raises(Refused, match="no such repository, or does not show it") as caught:
        assets(hub, token="").download("data-1", "abc.tar", tmp_path / "back")
    assert "GITHUB_TOKEN" in caught.value.hint


@pytest.mark.parametrize(("status", "error"), [(401, Refused), (403, Refused), (500, ToolFailed), (503, ToolFailed)])
def test_a_refusal_and_an_outage_are_told_apart_and_never_show_the_token(
    hub: GitHub, archive: Path, status: int, error: type[Exception]
) -> None:
    hub.broken = status
    with pytest.raises(error, match=str(status)) as caught:
        assets(hub).upload("data-1", "data set", "notes", "abc.tar", archive)
    assert TOKEN not in str(caught.value) + repr(assets(hub))


def test_a_download_that_breaks_off_is_no_download(hub: GitHub, tmp_path: Path) -> None:
    hub.asset(hub.release("data-1"), "abc.tar", b"candles" * 1000)
    hub.truncate = True
    with pytest.raises(ToolFailed):
        assets(hub).download("data-1", "abc.tar", tmp_path / "back")


def test_no_network_is_a_failed_tool(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="could not be reached"):
        ReleaseAssets("o/r", TOKEN, "http://127.0.0.1:1").download("data-1", "abc.tar", tmp_path / "back")
