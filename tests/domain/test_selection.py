"""Which strategies a change touches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.selection import Chosen, select, shard, touches_own_judge

IDS = ("dip", "sma", "trend")


def ids(*changed: str) -> tuple[str, ...]:
    return tuple(one.id for one in select(IDS, changed))


def test_a_strategys_own_files_touch_only_it() -> None:
    assert select(IDS, ("strategies/sma/strategy.py",)) == (Chosen("sma", "strategy.py changed"),)


def test_a_file_of_the_local_package_touches_its_strategy() -> None:
    assert ids("strategies/sma/sma_lib/bands.py") == ("sma",)


@pytest.mark.parametrize(
    "path", ["environments/ci.yml", "pyproject.toml", "requirements.lock", "pipeline/domain/judge.py"]
)
def test_policy_pins_and_judge_affect_every_strategy_and_say_so(path: str) -> None:
    chosen = select(IDS, (path,))
    assert tuple(one.id for one in chosen) == IDS
    assert all(path in one.because for one in chosen)


@pytest.mark.parametrize(
    "path", ["README.md", "docs/tour.md", "environments/prod.yml", "tests/test_x.py", "strategies_old/sma/strategy.py"]
)
def test_other_files_affect_nothing(path: str) -> None:
    assert ids(path) == ()


def test_a_strategy_that_is_gone_is_not_judged() -> None:
    assert ids("strategies/old/strategy.py") == ()


def test_a_change_of_strategy_and_policy_touches_its_own_judge() -> None:
    assert touches_own_judge(("strategies/sma/strategy.py", "environments/ci.yml")) == ("environments/ci.yml",)


def test_a_change_of_only_one_of_the_two_does_not() -> None:
    assert touches_own_judge(("strategies/sma/strategy.py", "README.md")) == ()
    assert touches_own_judge(("environments/ci.yml", "pipeline/errors.py")) == ()


@given(st.integers(1, 9), st.integers(0, 40))
def test_shards_hold_every_strategy_exactly_once(count: int, strategies: int) -> None:
    chosen = [Chosen(f"s{number}", "") for number in range(strategies)]
    parts = [shard(chosen, index, count) for index in range(1, count + 1)]
    assert sorted(one.id for part in parts for one in part) == sorted(one.id for one in chosen)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
