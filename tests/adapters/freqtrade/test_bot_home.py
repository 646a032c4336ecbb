"""A bot's home: what does not fit is refused before freqtrade is even imported."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.freqtrade.bot_ending import BotRefused
from pipeline.adapters.freqtrade.bot_home import open_home
from tests.domain.test_bot_settings import written
from tests.needs import ROOT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "strategy" / "lib").mkdir(parents=True)
    (tmp_path / "strategy" / "strategy.py").write_text("x = 1\n")
    (tmp_path / "strategy" / "lib" / "more.py").write_text("y = 1\n")
    (tmp_path / "public.json").write_text("{}")
    (tmp_path / "secret.json").write_text("{}")
    return tmp_path


def settings(home: Path, **changes: object) -> None:
    digests = {
        path: "sha256:" + hashlib.sha256((home / "strategy" / path).read_bytes()).hexdigest()
        for path in ("strategy.py", "lib/more.py")
    }
    (home / "bot.json").write_text(json.dumps(written(**{"strategy_files": digests, **changes})))


def test_paths_start_at_the_home(home: Path) -> None:
    settings(home, database="../trend.sqlite", lease_file="lease")
    opened = open_home(home)
    assert opened.database == str(home.parent / "trend.sqlite")
    assert opened.strategy_dir == str(home / "strategy")
    assert opened.config_files == (str(home / "public.json"), str(home / "secret.json"))
    assert opened.lease_file == str(home / "lease")


def test_a_strategy_that_is_not_the_named_one_is_refused_file_by_file(home: Path) -> None:
    settings(home)
    open_home(home)
    (home / "strategy" / "strategy.py").write_text("x = 2\n")
    (home / "strategy" / "lib" / "more.py").unlink()
    (home / "strategy" / "strategy.json").write_text("{}")
    with pytest.raises(BotRefused) as refused:
        open_home(home)
    assert [line.partition("strategy_dir: ")[2] for line in str(refused.value).splitlines()] == [
        "lib/more.py is missing",
        "strategy.json is not named",
        "strategy.py is another one",
    ]


def test_missing_files_are_named_together(home: Path) -> None:
    settings(home, config_files=["public.json", "hidden.json"], strategy_dir="nowhere", database="a?b")
    with pytest.raises(BotRefused) as refused:
        open_home(home)
    assert len(str(refused.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Expecting value"),
        (b'"\xff"', "decode"),
        (b"[]", "holds no JSON object"),
        (b'{"name": "a", "name": "b"}', "a key stands twice"),
        (b"[" * 100_000, "recursion"),
        (b" " * (1 << 20) + b"{}", "is larger than"),
    ],
)
def test_what_is_no_settings_file_is_refused(home: Path, content: bytes, told: str) -> None:
    (home / "bot.json").write_bytes(content)
    with pytest.raises(BotRefused, match=told):
        open_home(home)


def started(*arguments: object) -> Any:
    command = [sys.executable, "-X", "importtime", "-m", "pipeline.adapters.freqtrade.bot", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.processes
def test_the_entry_point_refuses_with_exit_code_2_and_a_plain_sentence(home: Path) -> None:
    settings(home, mode="paper")
    for arguments, told in (
        ((), "usage: python -m pipeline.adapters.freqtrade.bot HOME"),
        ((home / "nowhere",), "bot.json: No such file or directory"),
        ((home,), "bot.json: mode: must be dry_run or live"),
    ):
        done = started(*arguments)
        (said,) = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
        assert (done.returncode, done.stdout) == (2, "")
        assert said.startswith("bot: ")
        assert said.endswith(told)
        assert "freqtrade.freqtradebot" not in done.stderr
