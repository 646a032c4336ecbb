"""Attempts: contents are counted, not commits, and a name is no new life."""

from datetime import UTC, datetime

from pipeline.domain.ledger import Entry
from pipeline.domain.lineage import JUDGED, OPTIMISED, Attempts, Optimisation, attempts, is_known, judged, optimised
from pipeline.domain.strategy import Candidate, StrategySpec


def candidate(code: str, id: str = "trend", *, description: str = "class: Trend", **files: bytes) -> Candidate:
    contents = {"strategy.py": code.encode(), "strategy.yml": description.encode(), **files}
    return Candidate(StrategySpec(id, "Trend"), {name.replace("_json", ".json"): c for name, c in contents.items()})


def kept(*candidates: Candidate, results: tuple[Optimisation, ...] = ()) -> list[Entry]:
    bodies = [(JUDGED, judged(c)) for c in candidates] + [(OPTIMISED, optimised(r)) for r in results]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return [Entry(n, at, kind, body, "", "") for n, (kind, body) in enumerate(bodies, start=1)]


ONE, TWO, THREE = (candidate(code) for code in ("one", "two", "three"))


def test_a_first_candidate_is_the_first_attempt() -> None:
    assert attempts(ONE, {}) == Attempts(1)
    assert attempts(ONE, {}).total == 1


def test_each_content_counts_once() -> None:
    assert attempts(THREE, {"trend": kept(ONE, TWO, ONE)}).total == 3
    assert attempts(ONE, {"trend": kept(ONE, TWO, ONE)}).total == 2


def test_what_was_forgotten_by_a_branch_still_counts() -> None:
    """A force-push takes commits away; the contents that were judged stay."""
    assert attempts(ONE, {"trend": kept(ONE, TWO, THREE)}).total == 3


def test_other_strategies_do_not_count() -> None:
    assert attempts(ONE, {"trend": kept(ONE), "other": kept(TWO)}) == Attempts(1)


def test_a_renamed_strategy_takes_its_attempts_along() -> None:
    renamed = candidate("one", "fresh")
    assert attempts(renamed, {"trend": kept(ONE, TWO)}) == Attempts(2, others=("trend",))


def test_a_renamed_strategy_with_another_description_takes_its_attempts_along() -> None:
    renamed = candidate("one", "fresh", description="class: Trend\ntitle: All new")
    assert attempts(renamed, {"trend": kept(ONE, TWO)}).total == 3


def test_what_followed_a_renaming_counts_as_well() -> None:
    lineages = {"trend": kept(ONE, TWO), "fresh": kept(candidate("two", "fresh"), THREE)}
    assert attempts(candidate("four", "fresh"), lineages) == Attempts(4, others=("trend",))


def test_the_epochs_of_each_results_file_count_once() -> None:
    files = (Optimisation("sha256:a", 100), Optimisation("sha256:a", 100), Optimisation("sha256:b", 7))
    assert attempts(TWO, {"trend": kept(ONE, results=files)}) == Attempts(2, 107)


def test_parameters_of_hyperopt_without_results_are_noticed() -> None:
    tuned = candidate("one", strategy_json=b"{}")
    assert attempts(tuned, {}).uncounted
    assert not attempts(tuned, {"trend": kept(results=(Optimisation("sha256:a", 3),))}).uncounted


def test_what_is_known_is_not_kept_again() -> None:
    entries = kept(ONE, results=(Optimisation("sha256:a", 3),))
    assert is_known(JUDGED, judged(ONE), entries)
    assert not is_known(JUDGED, judged(TWO), entries)
    assert is_known(OPTIMISED, optimised(Optimisation("sha256:a", 3)), entries)
    assert not is_known(OPTIMISED, optimised(Optimisation("sha256:b", 3)), entries)
