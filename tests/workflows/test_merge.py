"""test.yml, executed: what is merged runs on the device, and what fails, dies or comes late keeps nothing else."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot_ground import until
from tests.workflows.engine import Ran
from tests.workflows.merge_ground import NOTHING, MergeGround, merge_ground, processes_of
from tests.workflows.test_gate import RIDER, SINKER

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MergeGround]:
    folder = tmp_path_factory.mktemp("merge")
    with merge_ground(folder) as made:
        yield made
    until(lambda: not processes_of(folder), lambda: f"these go on: {processes_of(folder)}")


def failed(ran: Ran) -> str:
    """The last words of the jobs that did not succeed."""
    return "\n".join(ran.printed[job][-3000:] for job, result in ran.results.items() if result != "success")


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
    }, failed(ran)
    assert "FAIL: 1 of 3 strategies passed" in ran.printed["gate"]
    assert "No verdict arrived" in ran.printed["gate"]
    assert list(ground.bundles(push.sha)) == ["alpha"]
    bundle = ground.bundles(push.sha)["alpha"]
    assert f"alpha: cut: {bundle}" in ran.printed["cut"]
    assert "sinks: nothing was cut, it does not meet the policy" in ran.printed["cut"]
    assert "dies: nothing was cut, it" in ran.printed["cut"]
    assert ground.runs_bundle("alpha", bundle)
    assert [(one.body["strategy"], one.body["bundle"]) for one in ground.of_kind("deployed")] == [("alpha", bundle)]
    assert [one.body["strategy"] for one in ground.of_kind("promoted")] == ["alpha"]
    assert push.lines()[0] == ("success", "1 boards, 2 stay")
    assert push.deployment()["state"] == "success"


def test_two_merges_whose_devices_job_come_in_the_wrong_order_are_both_carried_out(
    ground: MergeGround, tmp_path: Path
) -> None:
    busy = tmp_path / "busy"
    busy.touch()
    ground.write("beta", RIDER)
    first, ended = ground.merged("Propose beta"), []
    ground.write("gamma", RIDER)
    second = ground.merged("Propose gamma")
    assert second.before == first.sha
    late = threading.Thread(target=lambda: ended.append(first.execute(busy=busy)))
    late.start()
    try:
        ran = second.execute()
        assert set(ran.results.values()) == {"success"}, failed(ran)
        assert ground.runs_bundle("gamma", ground.bundles(second.sha)["gamma"])
        waits = ("pending", "waits for the device")
        until(lambda: waits in first.lines(), lambda: "the first one did not come so far", seconds=600)
    finally:
        busy.unlink()
        late.join()
    (ran,) = ended
    assert set(ran.results.values()) == {"success"}, failed(ran)
    bundles = {**ground.bundles(first.sha), **ground.bundles(second.sha)}
    assert set(bundles) == {"beta", "gamma"}
    assert all(ground.runs_bundle(id, bundle) for id, bundle in bundles.items())
    assert [len(ground.started(id)) for id in bundles] == [1, 1], "the late job left alone what ran already"
    assert ("pending", "waits for the device") in first.lines()


def test_a_run_that_was_cancelled_half_way_leaves_nothing_half_done_and_is_carried_out_when_it_is_run_again(
    ground: MergeGround,
) -> None:
    ground.write("delta", RIDER)
    push = ground.merged("Propose delta")
    ran = push.execute(stops_at='freqtrain gate --changed-since "$BEFORE" --shard')
    assert ran.code != 0
    assert not {"cut", "deploy"} & set(ran.results), failed(ran)
    assert not ground.released(push.sha)
    ran = push.execute(stops_at="Run Main freqtrain promote test")
    assert "delta: kept" in ran.printed["deploy"]
    assert not ground.started("delta")
    ran = push.execute()
    assert set(ran.results.values()) == {"success"}, failed(ran)
    assert ground.runs_bundle("delta", ground.bundles(push.sha)["delta"])
    assert len(ground.started("delta")) == 1


def test_a_strategy_that_is_deleted_stops_and_nothing_has_to_be_judged_or_cut_for_that(ground: MergeGround) -> None:
    leaving, *staying = sorted(id for id, one in ground.status().items() if one["bundle"])
    ground.delete(leaving)
    (ground.desk / "README.md").write_text("ours\n")
    push = ground.merged("Take a strategy back")
    ran = push.execute()
    assert ran.results == dict.fromkeys(("plan", "gate", "wait", "deploy", "tell"), "success"), failed(ran)
    assert not ground.released(push.sha)
    assert (ground.status()[leaving]["bundle"], ground.status()[leaving]["bot"]) == ("", "none")
    assert [one.body["strategy"] for one in ground.of_kind("stopped")] == [leaving]
    assert all(ground.status()[id]["bot"] == "up" for id in staying)
