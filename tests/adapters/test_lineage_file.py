"""Lineages on the disk: kept, counted, and not believed once somebody edited them."""

from pathlib import Path

import pytest

from pipeline.adapters.lineage_file import LineageFolder
from pipeline.domain.lineage import Attempts, Optimisation
from pipeline.domain.verdict import Outcome
from pipeline.errors import Refused
from pipeline.flows.gate_attempts import count
from tests.domain.test_lineage import ONE, THREE, TWO, candidate
from tests.fakes import FakeClock, FakeNarrator


def lineages(folder: Path) -> LineageFolder:
    return LineageFolder(folder / "lineage", FakeClock(), FakeNarrator())


def test_attempts_are_kept_from_one_gate_to_the_next(tmp_path: Path) -> None:
    assert [lineages(tmp_path).attempt(c).total for c in (ONE, TWO, ONE, THREE, TWO)] == [1, 2, 2, 3, 3]
    assert len((tmp_path / "lineage" / "trend.jsonl").read_bytes().splitlines()) == 3


def test_results_of_hyperopt_are_kept_once(tmp_path: Path) -> None:
    results = Optimisation("sha256:a", 50)
    assert lineages(tmp_path).attempt(ONE, results) == Attempts(1, 50)
    assert lineages(tmp_path).attempt(ONE, results) == Attempts(1, 50)
    assert lineages(tmp_path).attempt(ONE) == Attempts(1, 50)


def test_another_name_for_the_same_code_continues_its_lineage(tmp_path: Path) -> None:
    for tried in (ONE, TWO):
        lineages(tmp_path).attempt(tried)
    assert lineages(tmp_path).attempt(candidate("two", "fresh")) == Attempts(2, others=("trend",))


def edit(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'"class":"Trend"', b'"class":"Tronc"', 1))


def shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])


def delete(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(
    ("harm", "told"),
    [(edit, "line 1: was edited"), (shorten, "was cut"), (delete, "the ledger is missing")],
)
def test_a_lineage_that_was_changed_is_refused_with_its_place(tmp_path: Path, harm: object, told: str) -> None:
    for tried in (ONE, TWO):
        lineages(tmp_path).attempt(tried)
    assert callable(harm)
    harm(tmp_path / "lineage" / "trend.jsonl")
    with pytest.raises(Refused, match=told) as refused:
        lineages(tmp_path).attempt(THREE)
    assert "trend.jsonl" in refused.value.message


def test_a_changed_lineage_is_an_error_of_the_strategy(tmp_path: Path) -> None:
    for tried in (ONE, TWO):
        lineages(tmp_path).attempt(tried)
    edit(tmp_path / "lineage" / "trend.jsonl")
    attempts, findings = count(THREE, lineages(tmp_path))
    assert attempts is None
    assert [(f.check, f.outcome) for f in findings] == [("robustness", Outcome.ERROR)]
    assert "line 1: was edited" in findings[0].reason


def test_a_sound_lineage_has_no_findings(tmp_path: Path) -> None:
    assert count(ONE, lineages(tmp_path)) == (Attempts(1), ())
