"""The samples: they pass on the embedded market, and not because they were fitted to it."""

import json
import sys
from functools import cache
from typing import Any

import pytest

from pipeline.adapters.process import run
from tests.cli.freqtrain import freqtrain
from tests.needs import ROOT

SAMPLES = ("dip_in_uptrend", "range_dip")

pytestmark = pytest.mark.processes


@cache
def on_other_seeds() -> dict[str, dict[str, float]]:
    """What each sample and its random twin came to on ten other seeds."""
    done = run([sys.executable, "-m", "benchmarks.samples"], timeout_seconds=600, cwd=ROOT)
    assert done.code == 0, done.err[-2000:]
    value: dict[str, dict[str, float]] = json.loads(done.out.splitlines()[-1])["value"]
    return value


@pytest.fixture(scope="module")
def judgements(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("user_data")
    said = freqtrain("gate", *SAMPLES, "--json", "--user-data", folder, "--out", folder / "out")
    assert said.code == 0, said.out + said.err[-2000:]
    return {judgement["id"]: judgement for judgement in json.loads(said.out)["strategies"]}


@pytest.mark.parametrize(
    ("sample", "warned"), [("dip_in_uptrend", ["strategy.json holds hyperopt's parameters"]), ("range_dip", [])]
)
def test_a_sample_passes_the_gate_without_a_warning_but_for_parameters_whose_search_nobody_counted(
    sample: str, warned: list[str], judgements: dict[str, dict[str, Any]]
) -> None:
    judgement = judgements[sample]
    assert judgement["outcome"] == "PASS", judgement["reasons"]
    assert [
        warning["reason"][: len("strategy.json holds hyperopt's parameters")] for warning in judgement["warnings"]
    ] == warned


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_passes_on_at_least_eight_of_ten_other_seeds(sample: str) -> None:
    assert on_other_seeds()[sample]["passed"] >= 0.8


@pytest.mark.parametrize("sample", SAMPLES)
def test_its_random_twin_passes_on_at_most_one_of_them(sample: str) -> None:
    assert on_other_seeds()[sample]["twin_passed"] <= 0.1


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_twin_trades_as_often_and_holds_as_long(sample: str) -> None:
    numbers = on_other_seeds()[sample]
    assert numbers["twin_trades"] == pytest.approx(numbers["trades"], rel=0.1)
    assert numbers["twin_hours_held"] == pytest.approx(numbers["hours_held"], rel=0.1)
