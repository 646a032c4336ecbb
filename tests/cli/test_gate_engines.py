"""`freqtrain gate --changed-since` where the lock pins another engine: both run, and the trades that changed are shown."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from pipeline.adapters.earlier_engine import engine_home
from tests.adapters.test_git import git
from tests.cli.freqtrain import freqtrain
from tests.planted import HEAD, TESTS, quick_policy, write_waves

pytestmark = pytest.mark.processes

OLD, NEW = b"technical==1 \\\n    --hash=sha256:00\n", b"technical==1.7.0 \\\n    --hash=sha256:00\n"
FOLLOWS_THE_ENGINE = HEAD.format(
    roi="10",
    indicators='dataframe["up"] = dataframe["close"] > dataframe["close"].shift(24 * len(technical.__version__))',
    enter='dataframe["up"] & (dataframe["date"].dt.hour == 0)',
    leave='(dataframe["date"].dt.hour == 18)',
).replace("import talib.abstract as ta", "import technical")


def earlier(home: Path) -> None:
    """An installed engine as its lock would have made it: this one's packages, but for another `technical`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    (packages,) = home.glob("lib/python3*/site-packages")
    ours = Path(sysconfig.get_path("purelib")).resolve()  # as the walls of a child show it
    (packages / "engine.pth").write_text(f"{ours}\n")
    (packages / "technical").mkdir()
    (packages / "technical" / "__init__.py").write_text(f"__version__ = '1'\n__path__.append('{ours}/technical')\n")


def test_a_bumped_engine_shows_which_trades_of_an_unchanged_strategy_are_others(tmp_path: Path) -> None:
    root, user_data = tmp_path / "repository", tmp_path / "user_data"
    here = root / "strategies" / "rider"
    here.mkdir(parents=True)
    (here / "strategy.py").write_text(FOLLOWS_THE_ENGINE)
    (here / "strategy.yml").write_text("class: Planted\n")
    (here / "test_strategy.py").write_text(TESTS)
    (root / "environments").mkdir()
    quick_policy(root / "environments" / "ci.yml")
    (root / "requirements.lock").write_bytes(OLD)
    (root / ".gitignore").write_text("out/\n__pycache__/\n")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "main")
    (root / "requirements.lock").write_bytes(NEW)
    earlier(engine_home(OLD, user_data / "cache" / "engines"))
    assert freqtrain("data", "import", write_waves(tmp_path / "waves"), "--out", tmp_path / "data").code == 0

    options = ("--changed-since", "main", "--dataset", tmp_path / "data", "--user-data", user_data)
    said = freqtrain("gate", *options, cwd=root)
    assert said.code in (0, 10, 11), said.out + said.err
    assert "the engine changed since main" in said.err
    assert "The engine changed (technical 1 -> 1.7.0), and trades with it" in said.out
    assert "only the candidate makes it" in said.out or "the incumbent's is" in said.out
    document = json.loads((root / "out" / "rider" / "evidence.json").read_text())
    told = [finding for finding in document["findings"] if finding["check"] == "engines"]
    assert {finding["window"] for finding in told} == {"early", "middle", "late"}
    assert {finding["outcome"] for finding in told} == {"PASS"}
    assert document["incumbent"]["provenance"]["content_digest"] == document["provenance"]["content_digest"]
