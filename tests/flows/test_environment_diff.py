"""Two environments side by side."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.flows.environment_diff import ABSENT, Difference, diff

LEAVES = st.dictionaries(
    st.sampled_from("abcd"), st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.text(max_size=1))
)


def test_only_what_differs_is_told_in_the_order_of_the_left_side() -> None:
    assert diff({"b": 1, "a": 2, "same": 3}, {"a": 5, "same": 3, "new": None}) == (
        Difference("b", 1, ABSENT),
        Difference("a", 2, 5),
        Difference("new", ABSENT, None),
    )


def test_true_is_not_one_but_one_is_one_point_zero() -> None:
    assert len(diff({"a": True}, {"a": 1})) == 1
    assert diff({"a": 1}, {"a": 1.0}) == ()


@given(LEAVES, LEAVES)
def test_a_difference_seen_from_the_other_side_is_the_same(left: dict[str, object], right: dict[str, object]) -> None:
    there = {(d.key, d.left, d.right) for d in diff(left, right)}  # type: ignore[arg-type]
    back = {(d.key, d.right, d.left) for d in diff(right, left)}  # type: ignore[arg-type]
    assert there == back


@given(LEAVES)
def test_nothing_differs_from_itself(leaves: dict[str, object]) -> None:
    assert diff(leaves, dict(leaves)) == ()  # type: ignore[arg-type]
