"""Which addresses are GitHub's own."""

import pytest

from pipeline.adapters.github.origins import Origins

DOTCOM = Origins("https://api.github.com")
SERVER = Origins("https://git.example/api/v3/")
DATA = Origins("https://api.team.ghe.com")
LOOPBACK = Origins("http://127.0.0.1:4000")


@pytest.mark.parametrize(
    ("origins", "url", "is_it"),
    [
        (DOTCOM, "https://api.github.com/repos/o/r/pulls?page=2", True),
        (DOTCOM, "https://api.github.com:443/repositories/1/pulls?page=2", True),
        (DOTCOM, "https://api.github.com:444/x", False),
        (DOTCOM, "http://api.github.com/x", False),
        (DOTCOM, "https://api.github.com.evil.example/x", False),
        (DOTCOM, "https://evil.example/api.github.com/", False),
        (DOTCOM, "https://api.github.com@evil.example/x", False),
        (DOTCOM, "https://evil.example\\@api.github.com/x", False),
        (DOTCOM, "https://x:y@api.github.com/x", False),
        (DOTCOM, "https://api.github.com /x", False),
        (DOTCOM, "https://api.gith\u00fcb.com/x", False),
        (DOTCOM, "https://[x", False),
        (DOTCOM, "https://api.github.com:port/x", False),
        (DOTCOM, "//api.github.com/x", False),
        (DOTCOM, "", False),
        (SERVER, "https://git.example/api/v3/repos/o/r", True),
        (SERVER, "https://git.example/o/r", False),
        (LOOPBACK, "http://127.0.0.1:4000/x", True),
        (LOOPBACK, "http://127.0.0.1:4001/x", False),
    ],
)
def test_the_api_is_at_one_place(origins: Origins, url: str, is_it: bool) -> None:
    assert origins.is_api(url) is is_it


@pytest.mark.parametrize(
    ("origins", "url", "takes"),
    [
        (DOTCOM, "https://uploads.github.com/repos/o/r/releases/1/assets", True),
        (DOTCOM, "https://api.github.com/repos/o/r/releases/1/assets", False),
        (DOTCOM, "https://uploads.github.com.evil.example/x", False),
        (DATA, "https://uploads.team.ghe.com/repos/o/r/releases/1/assets", True),
        (SERVER, "https://git.example/api/uploads/repos/o/r/releases/1/assets", True),
        (SERVER, "https://uploads.git.example/x", False),
        (LOOPBACK, "http://127.0.0.1:4000/repos/o/r/releases/1/assets", True),
    ],
)
def test_uploads_go_to_github_alone(origins: Origins, url: str, takes: bool) -> None:
    assert origins.takes_uploads(url) is takes


@pytest.mark.parametrize(
    ("origins", "url", "may"),
    [
        (DOTCOM, "https://objects.githubusercontent.com/x?signature=1", True),
        (DOTCOM, "http://objects.githubusercontent.com/x", False),
        (DOTCOM, "http://127.0.0.1/x", False),
        (LOOPBACK, "http://127.0.0.1:5000/x", True),
        (LOOPBACK, "http://10.0.0.1/x", False),
        (DOTCOM, "https://[x", False),
    ],
)
def test_downloads_come_from_where_somebody_is_authenticated(origins: Origins, url: str, may: bool) -> None:
    assert origins.may_store(url) is may


def test_a_path_is_below_the_repository_or_the_api() -> None:
    assert SERVER.url("o/r", "pulls/3") == "https://git.example/api/v3/repos/o/r/pulls/3"
    assert SERVER.url("o/r", "/user") == "https://git.example/api/v3/user"
    assert DOTCOM.url("o/r", "") == "https://api.github.com/repos/o/r"
