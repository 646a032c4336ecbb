"""The benchmarks of the watch say what they measured in their last line; how fast this machine is today is nobody's business here."""

import json
import sys

import pytest

from pipeline.adapters.process import run
from tests.needs import ROOT

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("words", "measured"),
    [
        (("watch_round", "--bots", "6", "--times", "1"), None),
        (("brake", "--times", "1", "--interval", "1", "--hung"), {"median_seconds", "longest_seconds"}),
        (("resident", "--bots", "1", "--rounds", "2", "--days", "2"), {"mb", "watch_mb", "monitor_mb"}),
    ],
    ids=["watch_round", "brake", "resident"],
)
def test_a_benchmark_ends_with_one_object_that_names_what_was_measured_against_what(
    words: tuple[str, ...], measured: set[str] | None
) -> None:
    name, *more = words
    done = run([sys.executable, "-m", f"benchmarks.{name}", *more], timeout_seconds=600, cwd=ROOT)
    assert done.code in (0, 1), done.err[-2000:]
    said = json.loads(done.out.splitlines()[-1])
    assert list(said) == ["name", "value", "unit", "against", "goal"]
    values = said["value"].values() if measured else [said["value"]]
    assert all(value > 0 for value in values)
    assert measured is None or (set(said["value"]) == measured and set(said["goal"]) <= measured)
