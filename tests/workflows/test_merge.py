"""test.yml, executed: what is merged runs on the device, and what fails, dies or comes late keeps nothing else."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.merge_ground import NOTHING, RIDER, SINKER, MergeGround, merge_ground, processes_of

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MergeGround]:
    folder = tmp_path_factory.mktemp("merge")
    with merge_ground(folder) as made:
        yield made
    assert processes_of(folder) == []


def test_what_passed_of_a_first_push_runs_though_another_failed_and_a_machine_died(ground: MergeGround) -> None:
    ground.write("alpha", RIDER)
    ground.write("dies", RIDER)
    ground.write("sinks", SINKER)
    push = ground.merged("Propose three strategies")
    assert push.before == NOTHING
    ran = push.execute(dies="2/3")
    assert ran.results == {
        **{"plan": "success", "judge": "failure", "gate": "failure"},
        **{"cut": "success", "wait": "success", "deploy": "success", "tell": "success"},
    }, ran.printed
    (bundle,) = ground.bundles(push.sha).values()
    assert ground.runs_bundle("alpha", bundle)
