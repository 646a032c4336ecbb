"""The image's health check: what it says of a bot that loops, of one that does not, and of what is no bot."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters import bot_health
from pipeline.adapters.bot_health import BOT, bot_home, main
from pipeline.adapters.clock import SystemClock
from pipeline.rehearsal.exchange import ExchangeInThread, Settings
from tests.bot_ground import PAIRS, Home, running
from tests.fakes import FakeClock

PASSWORD = "a password"


def first_process(folder: Path, *argv: str) -> Path:
    file = folder / "cmdline"
    file.write_bytes("\0".join([*argv, ""]).encode())
    return file


@contextmanager
def api(home: Path, said: str, status: int = 200) -> Iterator[list[str]]:
    """A bot's home, and an API that says that of its health."""
    asked: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers['Authorization']}")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        (home / "bot.json").write_text(json.dumps({"config_files": ["public.json", "secret.json"]}))
        (home / "public.json").write_text(json.dumps({"api_server": {"listen_port": server.server_port}}))
        (home / "secret.json").write_text(json.dumps({"api_server": {"username": "u", "password": PASSWORD}}))
        try:
            yield asked
        finally:
            server.shutdown()
            thread.join()


NOW = datetime(2026, 3, 29, 0, 59, 58, tzinfo=UTC)


def health(age: timedelta | None) -> str:
    return json.dumps({"last_process": None if age is None else (NOW - age).isoformat()})


@pytest.mark.parametrize(
    ("argv", "home"),
    [
        (("python", "-m", BOT, "/h"), Path("/h")),
        (("/sbin/docker-init", "--", "python", "-m", BOT, "/h"), Path("/h")),
        (("python3", "-I", "-m", "keeper", "/state", "900", "/h", "python", "-m", BOT, "/h"), Path("/h")),
        (("python", "-m", BOT), None),
        (("freqtrain", "watch", "test"), None),
    ],
)
def test_the_bot_is_found_by_what_the_container_was_started_with(argv: tuple[str, ...], home: Path | None) -> None:
    assert bot_home([*argv, ""]) == home


def test_what_is_no_bot_is_well_as_long_as_it_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(first_process(tmp_path, "freqtrain", "watch", "test")) == 0
    assert "no bot" in capsys.readouterr().out


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("said", "status", "code", "told"),
    [
        (timedelta(seconds=4), 200, 0, "ended 4 s ago"),
        (timedelta(seconds=400), 200, 1, "ended 400 s ago"),
        (None, 200, 1, "not finished a loop yet"),
        (json.dumps({"last_process": "soon"}), 200, 1, "something else"),
        (json.dumps({"last_process": 17}), 200, 1, "something else"),
        ("[]", 200, 1, "something else"),
        ("no JSON", 200, 1, "something else"),
        ("{}", 401, 1, "refuses to say (401)"),
    ],
)
def test_a_bot_is_well_while_its_loop_goes_round(
    said: str | timedelta | None,
    status: int,
    code: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bot_health, "SystemClock", lambda: FakeClock(NOW))
    text = said if isinstance(said, str) else health(said)
    with api(tmp_path, text, status) as asked:
        assert main(first_process(tmp_path, "python", "-m", BOT, str(tmp_path))) == code
    printed = capsys.readouterr().out
    assert told in printed
    assert PASSWORD not in printed
    assert asked == ["/api/v1/health Basic dTphIHBhc3N3b3Jk"]


@pytest.mark.sockets
def test_a_bot_whose_home_or_api_is_gone_is_not_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    process = first_process(tmp_path, "python", "-m", BOT, str(tmp_path))
    assert main(process) == 1
    with api(tmp_path, "{}"):
        pass
    assert main(process) == 1
    assert capsys.readouterr().out.count("its API does not answer") == 2


@pytest.mark.processes
@pytest.mark.sockets
def test_a_real_bot_is_well(tmp_path: Path) -> None:
    exchange = ExchangeInThread(Settings(pairs=PAIRS), SystemClock())
    with exchange, running(home := Home(tmp_path, exchange.address)) as bot:
        bot.until_looping()
        said = bot_health.last_loop(home.path)
        assert abs(datetime.now(UTC) - said) < bot_health.OLDEST
