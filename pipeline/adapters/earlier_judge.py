"""The judge of an earlier commit: its own code, policy and data reference, run as a process of its own."""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.adapters import process
from pipeline.adapters.git import GitRepository
from pipeline.domain.verdict import Finding, Outcome
from pipeline.errors import ToolFailed

TIMEOUT_SECONDS = 3600.0
VERDICTS = {0: Outcome.PASS, 10: Outcome.FAIL, 11: Outcome.INCONCLUSIVE, 12: Outcome.ERROR}


class EarlierJudgeProcess:
    """See `ports.EarlierJudge`. A data set that the caller named takes the place of the one that the earlier environment names."""

    def __init__(self, repository: GitRepository, user_data: Path, dataset: Path | None = None) -> None:
        self._repository = repository
        self._user_data = user_data
        self._dataset = dataset

    def judge(self, ref: str, strategies: Path, ids: Sequence[str]) -> Mapping[str, Finding]:
        commit = self._repository.resolve(ref)
        with tempfile.TemporaryDirectory(prefix="freqtrain-earlier-") as folder:
            there = Path(folder)
            self._repository.export(commit, ".", there)
            if not (there / "pipeline" / "flows" / "gate.py").is_file():
                return {}
            argv = [
                sys.executable,
                "-m",
                "pipeline",
                "gate",
                *ids,
                "--strategies",
                str(strategies.resolve()),
                "--json",
                "--no-cache",
            ]
            argv += ["--out", str(there / "out"), "--user-data", str(self._user_data.resolve())]
            if self._dataset is not None:
                argv += ["--dataset", str(self._dataset.resolve())]
            # Its code is that of another commit: keys and tokens of this job are none of its business, nor that it runs in one.
            env = process.for_programs({"PYTHONPATH": str(there)})
            done = process.run(argv, timeout_seconds=TIMEOUT_SECONDS, cwd=there, env=env)
            if done.code not in VERDICTS:
                raise ToolFailed(f"the judge at {commit[:12]} could not be asked: {done.err.strip()[-500:]}")
            return _read(done.out, commit)


def _read(text: str, commit: str) -> dict[str, Finding]:
    try:
        strategies = json.loads(text)["strategies"]
        return {one["id"]: _finding(Outcome[one["outcome"]], one.get("reasons", []), commit) for one in strategies}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ToolFailed(f"the judge at {commit[:12]} answered nothing that can be read") from error


def _finding(outcome: Outcome, reasons: Sequence[object], commit: str) -> Finding:
    told = f"This change touches its own judge; the judge as it was at {commit[:12]} says {outcome.name}."
    why = " ".join(str(one.get("reason", "")) for one in reasons if isinstance(one, dict))
    return Finding("earlier judge", "earlier-judge", outcome, f"{told} {why}".strip()[:2000])
