"""sandbox.yml, prod.yml and roll-back.yml, executed on a device whose bots are real and trade on an exchange of the loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.domain.train.decisions import Blocked, Soaked
from tests.bot_ground import until
from tests.github_double.double import validator
from tests.workflows.tag_ground import Ground
from tests.workflows.tag_place import ground, program

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

BETTER = "Let tide take a profit of one percent"


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Ground]:
    validator()
    with ground(tmp_path) as made:
        yield made


def test_a_tag_lets_board_who_earned_it_and_a_roll_back_brings_the_good_bundle_back(device: Ground) -> None:
    device.merge("Set the train up")
    tide, reef = device.cut("tide"), device.cut("reef")
    device.showed("test", "tide", tide, hours=30.0, trades=5)
    device.showed("test", "reef", reef, hours=30.0, trades=1)
    device.tag("v1.0")

    ran = device.pushed("v1.0")
    assert ran.results == {"wait": "success", "deploy": "success", "tell": "success"}, ran.printed
    assert device.running("sandbox") == {"tide": tide}, ran.printed["deploy"]
    until(lambda: device.bought("sandbox"), lambda: "it never bought")
    assert device.bought("prod") == 0
    lines = device.notes("v1.0").splitlines()
    assert [line.split(" | ")[2:4] for line in lines if line.startswith("| `")] == [
        ["stays", "1 of 2 closed trades"],
        ["boards", ""],
    ]
    assert (device.line("sandbox"), device.deployment()) == (("success", "1 boards, 1 stays"), "success")
    device.record("sandbox", Soaked("sandbox", "tide", tide, 30.0, 5))

    device.edit("strategies/tide/strategy.py", '{"0": 0.005}', '{"0": 0.01}')
    device.merge(BETTER)
    better = device.cut("tide")
    device.tag("v1.1", f"The second\n\nBoard: tide {BETTER}")
    ran = device.pushed("v1.1")
    assert ran.results == {"wait": "success", "deploy": "success", "tell": "success"}, ran.printed
    assert device.running("sandbox") == {"tide": better}
    assert BETTER in device.notes("v1.1")

    reason = "it lost; $(owned)"
    ran = device.pressed("roll-back.yml", environment="sandbox", strategy="tide", reason=reason)
    assert ran.results == {"roll-back": "success", "tell": "success"}, ran.printed
    assert device.running("sandbox") == {"tide": tide}
    (taken,) = device.entries("sandbox", "rolled_back")
    assert (taken.body["bundle"], taken.body["by"]) == (better, "owner")
    (blocked,) = device.entries("sandbox", "blocked")
    assert (blocked.body["bundle"], blocked.body["reason"]) == (better, reason)
    (issue,) = device.hub.world.repository("o/r").issues
    assert "tide" in issue["title"]
    assert better.removeprefix("sha256:")[:12] in issue["body"]


def test_a_tag_that_moved_is_dead_a_late_one_is_refused_and_no_name_of_a_tag_is_a_command(device: Ground) -> None:
    owned = device.root / "owned.txt"
    program(device.root / "programs" / "owned", f"touch {owned}")
    device.merge("Set the train up")
    tide = device.cut("tide")
    device.showed("test", "tide", tide, hours=30.0, trades=5)
    device.tag("v0.9")
    device.edit("strategies/reef/strategy.py", '"120": 0', '"90": 0')
    device.merge("Let reef wait for less")
    device.showed("sandbox", "tide", tide, hours=30.0, trades=1)
    device.promoted("sandbox", "tide", tide, "v1.0")
    device.edit("strategies/tide/strategy.py", '{"0": 0.005}', '{"0": 0.01}')
    device.merge(BETTER)
    device.tag("v1.0")

    before = device.entries("sandbox")
    for tag, why in (("v1.0", "tag v1.0 is dead"), ("v0.9", "which boarded already")):
        ran = device.pushed(tag)
        assert ran.results == {"wait": "success", "deploy": "failure", "tell": "success"}, ran.printed
        assert why in ran.printed["deploy"]
        assert why in device.notes(tag)
        assert (device.line("sandbox")[0], device.deployment()) == ("failure", "failure")
    assert device.entries("sandbox") == before

    name = "v2;owned;$(owned)`owned`|owned&owned"
    device.tag(name)
    ran = device.pushed(name)
    assert ran.results == {"wait": "success", "deploy": "success", "tell": "success"}, ran.printed
    assert "no bundle" in device.notes(name)

    ran = device.pressed("prod.yml", tag=f"{name};--plan")
    assert ran.results == {"wait": "success", "ask": "failure", "tell": "success"}, ran.printed
    assert device.line("prod")[0] == "failure"
    assert not [one for one in device.hub.world.repository("o/r").releases if "plan" in one["tag_name"]]
    assert device.entries("prod") == []
    assert not owned.exists()


def test_prod_boards_exactly_what_a_person_approved_for_this_run(device: Ground) -> None:
    device.merge("Set the train up")
    tide, reef = device.cut("tide"), device.cut("reef")
    device.showed("sandbox", "tide", tide, hours=30.0, trades=5)
    device.showed("sandbox", "reef", reef, hours=30.0, trades=1)
    device.tag("v1.0")

    ran = device.pressed("prod.yml", tag="v1.0")
    first = device.number
    assert ran.results == {"wait": "success", "ask": "success", "deploy": "failure", "tell": "success"}, ran.printed
    assert "Nobody approved 'prod' in this run; may: @boss." in ran.printed["deploy"]
    assert (device.line("prod")[0], device.deployment()) == ("failure", "failure")
    assert [entry.kind for entry in device.entries("prod")] == ["asked"]

    def earn_and_approve(number: int) -> None:
        device.observed("sandbox", "reef", reef, 40.0, 4)
        device.approve("prod", "boss", number)

    with device.when_asked("prod", earn_and_approve):
        ran = device.pressed("prod.yml", tag="v1.0")
    assert ran.results == {"wait": "success", "ask": "success", "deploy": "failure", "tell": "success"}, ran.printed
    assert "is no approval for 'prod', and nothing boards" in ran.printed["deploy"]
    assert [entry.kind for entry in device.entries("prod")] == ["asked", "asked"]
    assert device.running("prod") == {}

    device.record("sandbox", Blocked("sandbox", "reef", reef, "owner", "not yet"))
    device.approve("prod", "boss", first)
    ran = device.pressed("prod.yml", again=first, tag="v1.0")
    assert ran.results == {"wait": "success", "ask": "success", "deploy": "success", "tell": "success"}, ran.printed
    (approved,) = device.entries("prod", "approved")
    assert (approved.body["signer"], approved.body["bundles"], approved.body["run"]) == ("@boss", [tide], first)
    assert device.running("prod") == {"tide": tide}
    until(lambda: device.bought("prod"), lambda: "it never bought")
    assert device.bought("sandbox") == 0
    assert "boards" in device.notes("v1.0")
    assert "not yet" in device.notes("v1.0")


def test_every_day_what_earned_prod_is_asked_for_where_prod_says_so_and_elsewhere_nothing_is(device: Ground) -> None:
    device.merge("Set the train up")
    tide = device.cut("tide")
    device.showed("sandbox", "tide", tide, hours=30.0, trades=5)
    device.promoted("sandbox", "tide", tide, "v1.0")
    device.tag("v1.0")

    ran = device.daily("prod.yml")
    assert ran.results == {"ask": "success"}, ran.printed
    assert "nothing boards by itself" in ran.printed["ask"]
    assert device.entries("prod") == []

    file = device.repository / "environments" / "prod.yml"
    file.write_text(f"{file.read_text()}promotion: automatic\n")
    device.merge("Let prod board by itself")
    with device.when_asked("prod", lambda number: device.approve("prod", "boss", number)):
        ran = device.daily("prod.yml")
    assert ran.results == {"ask": "success", "deploy": "success", "tell": "success"}, ran.printed
    (approved,) = device.entries("prod", "approved")
    assert (approved.body["signer"], approved.body["bundles"]) == ("@boss", [tide])
    assert device.running("prod") == {"tide": tide}

    ran = device.daily("prod.yml")
    assert ran.results == {"ask": "success"}, "it runs there already"
