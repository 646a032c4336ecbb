"""`freqtrain policy simulate` as a person calls it."""

import json

import pytest

from tests.cli.freqtrain import freqtrain

pytestmark = pytest.mark.processes


def test_a_simulation_ends_well_and_its_object_begins_with_the_outcome() -> None:
    said = freqtrain("policy", "simulate", "--runs", "2", "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert next(iter(found)) == "outcome"
    assert found["outcome"] == "DONE"
    assert {row["edge"] for row in found["rows"]} == {0.0, 0.1, 0.15, 0.2}


def test_an_unknown_environment_is_refused() -> None:
    said = freqtrain("policy", "simulate", "--environment", "nowhere")
    assert said.code == 3
    assert "nowhere.yml" in said.err


def test_where_bots_run_the_watch_is_simulated() -> None:
    said = freqtrain("policy", "simulate", "--environment", "prod", "--runs", "20", "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert (found["outcome"], found["environment"], found["trades"]) == ("DONE", "prod", 300)
    assert found["rows"][0]["taken_back"]["promise_kept"]["of"] == 20
