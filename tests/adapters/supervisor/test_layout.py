"""Where the files lie, and where a socket fits."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.supervisor import layout as layouts
from pipeline.adapters.supervisor.layout import LONGEST_SOCKET_PATH, layout
from pipeline.errors import Refused


def test_a_short_home_holds_its_own_socket() -> None:
    assert str(layout(Path("/srv/train")).socket) == "/srv/train/runtime/supervisor.sock"


def test_a_long_home_gets_a_socket_elsewhere_whose_path_fits() -> None:
    first, second = layout(Path("/srv") / ("ü" * 60)), layout(Path("/srv") / ("ö" * 60))
    assert first.socket.parent == Path(f"/tmp/freqtrain-{os.getuid()}")
    assert len(os.fsencode(first.socket)) <= LONGEST_SOCKET_PATH
    assert first.socket != second.socket
    assert first.identifier != second.identifier


def test_the_socket_does_not_depend_on_the_environment_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path("/srv") / ("x" * 120)
    before = layout(home).socket
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    assert layout(home).socket == before


def test_a_link_to_a_home_is_the_same_home(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert layout(tmp_path / "link") == layout(tmp_path / "real")


@pytest.mark.parametrize("name", ["*", "a?", "[x]", "a\nb"])
def test_a_home_that_supervisord_would_misread_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="in its path"):
        layout(Path("/srv") / name)


def test_a_folder_for_sockets_that_others_can_enter_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "SHORT_FOLDER", str(tmp_path / "sockets"))
    long = layout(tmp_path / ("x" * 120))
    long.make()
    assert (tmp_path / "sockets").stat().st_mode & 0o777 == 0o700
    (tmp_path / "sockets").chmod(0o755)
    with pytest.raises(Refused, match="is not a folder of yours alone"):
        long.make()
    (tmp_path / "sockets").rmdir()
    (tmp_path / "sockets").symlink_to(tmp_path)
    with pytest.raises(Refused, match="is not a folder of yours alone"):
        replace(long).make()


def test_only_folders_that_say_what_to_start_are_bots(tmp_path: Path) -> None:
    found = layout(tmp_path)
    assert found.names() == ()
    for name in ("b", "a", ".a.1234.old", "empty"):
        found.bot("a").folder.with_name(name).mkdir(parents=True)
        if name != "empty":
            (found.bots / name / "launch.json").touch()
    assert found.names() == ("a", "b")
