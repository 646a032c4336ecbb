"""The judge of an earlier commit is a process of that commit's own code, and is handed nothing of this job's that it could give away."""

import json
from pathlib import Path

import pytest

from pipeline.adapters.earlier_judge import EarlierJudgeProcess
from pipeline.adapters.git import GitRepository
from pipeline.domain.verdict import Outcome
from pipeline.errors import ToolFailed
from tests.adapters.test_git import git

pytestmark = pytest.mark.processes

SAYS = """
import json, os, sys
from pathlib import Path
Path({seen!r}).write_text(json.dumps({{"env": dict(os.environ), "argv": sys.argv[1:]}}))
print({answer!r})
sys.exit({code})
"""
STRATEGIES = {"strategies": [{"id": "dip", "outcome": "FAIL", "reasons": [{"reason": "It lost."}]}]}


def judge(folder: Path, code: int, answer: str) -> tuple[EarlierJudgeProcess, Path]:
    """A repository whose commit has a judge that writes down what it was given."""
    root, seen = folder / "repository", folder / "seen.json"
    (root / "pipeline" / "flows").mkdir(parents=True)
    (root / "README.md").write_text("")
    (root / "pipeline" / "flows" / "gate.py").write_text("")
    (root / "pipeline" / "__main__.py").write_text(SAYS.format(seen=str(seen), answer=answer, code=code))
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "main")
    return EarlierJudgeProcess(GitRepository(root), folder / "user_data"), seen


def test_its_own_code_judges_and_no_key_or_token_of_this_job_reaches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_TOKEN", "EXCHANGE_ACCESS_SECRET", "APPRISE_URL", "MY_OWN_NAME_FOR_A_KEY"):
        monkeypatch.setenv(name, "canary-41a7")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    earlier, seen = judge(tmp_path, 10, json.dumps(STRATEGIES))
    (found,) = earlier.judge("main", tmp_path / "strategies", ["dip"]).items()
    assert (found[0], found[1].outcome) == ("dip", Outcome.FAIL)
    assert found[1].reason.endswith("says FAIL. It lost.")
    given = json.loads(seen.read_text())
    assert "canary-41a7" not in given["env"].values()
    assert "GITHUB_ACTIONS" not in given["env"]
    assert given["env"]["PATH"]
    assert given["argv"][:2] == ["gate", "dip"]


def test_one_that_breaks_is_no_verdict(tmp_path: Path) -> None:
    earlier, _ = judge(tmp_path, 1, "")
    with pytest.raises(ToolFailed, match="could not be asked"):
        earlier.judge("main", tmp_path / "strategies", ["dip"])


def test_a_commit_without_a_judge_says_nothing(tmp_path: Path) -> None:
    earlier, _ = judge(tmp_path, 0, "{}")
    git(tmp_path / "repository", "rm", "-q", "-r", "pipeline")
    git(tmp_path / "repository", "commit", "-q", "-m", "gone")
    assert earlier.judge("main", tmp_path / "strategies", ["dip"]) == {}
