"""The week's picture from what the watch kept and the ledger holds; the store is a real one."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.domain.train.decisions import Braked
from pipeline.errors import ToolFailed
from pipeline.flows.weekly_picture import weekly_picture
from tests.flows.observe_ground import SANDBOX, sandbox
from tests.flows.promote_ground import DIP, DIP_2
from tests.flows.test_weekly import post
from tests.flows.watch_ground import bank


def test_a_strategy_is_drawn_as_it_was_seen_and_its_brake_is_marked(tmp_path: Path) -> None:
    ground = sandbox(tmp_path)
    for profit in (5.0, 5.0, -30.0):
        ground.bank.closes(profit)
        ground.is_watched()
        ground.bank.wait(7 * 3600)
    ground.bank.road().record(Braked(SANDBOX.name, DIP, DIP_2, "daily_loss_max_ratio", "It lost."))
    now = ground.bank.clock.now()
    made = weekly_picture(post(ground), now)
    assert made is not None
    assert (made.environment, made.since, made.until) == (SANDBOX.name, now - timedelta(days=7), now)
    (line,) = made.lines
    assert line.strategy == DIP
    first, second, third = [value for value in line.returns if value is not None]
    assert (first, second) == (0.0, pytest.approx(5 / 105, abs=1e-6))
    assert third == pytest.approx(-25 / 105, abs=1e-6)
    assert [mark.kind for mark in made.marks if mark.strategy == DIP][-1] == "braked"


def test_where_nobody_observed_anything_there_is_no_picture(tmp_path: Path) -> None:
    made = bank(tmp_path)
    assert weekly_picture(replace(made.post(), past=lambda: None), made.clock.now()) is None
    assert weekly_picture(replace(made.post(), past=None), made.clock.now()) is None


def test_observations_that_cannot_be_read_are_no_picture_but_a_reason(tmp_path: Path) -> None:
    def broken() -> None:
        raise ToolFailed("the observations cannot be read")

    made = bank(tmp_path)
    with pytest.raises(ToolFailed):
        weekly_picture(replace(made.post(), past=broken), made.clock.now())
