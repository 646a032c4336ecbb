"""How a gate is spread over machines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.selection import Chosen, shard
from pipeline.domain.shards import MOST_SHARDS, spread


def chosen(count: int) -> tuple[Chosen, ...]:
    return tuple(Chosen(f"s{number}", "changed") for number in range(count))


@given(st.integers(0, 400), st.integers(1, MOST_SHARDS))
def test_every_strategy_is_judged_once_and_no_machine_for_nothing(count: int, most: int) -> None:
    shards = spread(chosen(count), most)
    assert sorted(id for one in shards for id in one.strategies) == sorted(one.id for one in chosen(count))
    assert all(one.strategies for one in shards)
    assert len(shards) == min(count, most)


@given(st.integers(1, 50), st.integers(1, 20))
def test_a_shard_holds_what_its_name_makes_the_gate_choose(count: int, most: int) -> None:
    for one in spread(chosen(count), most):
        index, _, parts = str(one).partition("/")
        assert tuple(c.id for c in shard(chosen(count), int(index), int(parts))) == one.strategies


@pytest.mark.parametrize("most", [0, -1, 257])
def test_no_more_shards_than_github_has_jobs_and_at_least_one(most: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 256"):
        spread(chosen(3), most)
