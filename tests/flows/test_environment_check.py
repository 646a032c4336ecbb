"""Every file is checked, and every problem is kept."""

from pathlib import Path

from pipeline.domain.environment import DatasetReference, Environment, Mode
from pipeline.domain.job import Account
from pipeline.domain.policy import Policy
from pipeline.errors import ConfigError, ExitCode, Problem
from pipeline.flows.environment_check import check, outcome

GOOD = Environment(
    "ci", Mode.HISTORY, "binance", DatasetReference(), Account("USDT", 1.0, None, 1), (), Policy(("lint",))
)


def load(path: Path) -> Environment:
    if path.stem == "bad":
        raise ConfigError((Problem(str(path), 1, 2, "is wrong"), Problem(str(path), 3, 4, "is wrong too")))
    return GOOD


def test_a_bad_file_does_not_keep_the_others_from_being_checked() -> None:
    checked = check([Path("bad.yml"), Path("good.yml")], load)
    assert [len(item.problems) for item in checked] == [2, 0]
    assert [item.environment for item in checked] == [None, GOOD]


def test_any_problem_refuses() -> None:
    assert outcome(check([Path("good.yml"), Path("bad.yml")], load)) is ExitCode.REFUSED
    assert outcome(check([Path("good.yml")], load)) is ExitCode.DONE
