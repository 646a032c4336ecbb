"""What looks after bots takes memory too, and the page that says how much says the same."""

import re

from pipeline.domain.preflight import Standing
from pipeline.domain.preflight_device import room
from pipeline.domain.preflight_parts import KEEPER, MONITOR, SUPERVISORD, WATCH, to_come
from tests.needs import ROOT

PAGE = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")


def test_what_does_not_run_yet_is_counted_before_the_largest_bot_is() -> None:
    assert room(500.0, 400.0, "a bot at least").standing is Standing.GOOD
    first = room(500.0, 400.0, "a bot at least", to_come(watched=False, supervised=False, monitored=False))
    assert first.standing is Standing.WEAK
    assert first.found.startswith(
        "500 MiB free, 152 MiB of it for what does not run yet (watch, supervisord, monitor); the"
    )
    assert (
        room(500.0, 400.0, "a bot at least", to_come(watched=False, supervised=False, monitored=True)).standing
        is Standing.GOOD
    )
    assert to_come(watched=True, supervised=True, monitored=True) == ()


def test_the_page_has_these_numbers() -> None:
    listed = {
        name: float(mib) for name, mib in re.findall(r"^\| (?:a |the )?(.*?) \| (\d+) MiB \|", PAGE, re.MULTILINE)
    }
    for part in (WATCH, SUPERVISORD, MONITOR, KEEPER):
        assert listed[part.name.removeprefix("a ")] == part.mib, part.name


def test_how_many_bots_a_device_carries_is_calculated_from_them() -> None:
    system, bot = 700.0, 325.0
    for whole in (3800.0, 7800.0):
        (row,) = re.findall(
            rf"^\| \d GB \({whole:.0f} MiB for Linux\) \| (\d+) bots \| (\d+) bots \| (\d+) bots \|", PAGE, re.MULTILINE
        )
        carried = [
            (whole - system - MONITOR.mib - environments * (WATCH.mib + SUPERVISORD.mib) - each) // each
            for environments, each in ((1, bot), (3, bot), (3, bot + KEEPER.mib))
        ]
        assert [float(number) for number in row] == carried
