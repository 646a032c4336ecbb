"""A week in a few lines, from what the watch kept and the ledger holds; the store is a real one."""

import re
from dataclasses import replace
from pathlib import Path

from pipeline.domain.train.decisions import Braked, DecisionMade
from pipeline.domain.train.steps import short
from pipeline.flows.watch_post import Post
from pipeline.flows.weekly import weekly
from pipeline.render.sparkline import BLOCKS, COLUMNS
from tests.flows.observe_ground import SANDBOX, Sandbox, sandbox
from tests.flows.promote_ground import DIP, DIP_2
from tests.flows.watch_ground import bank


def post(ground: Sandbox) -> Post:
    return replace(ground.bank.post(), road=replace(ground.road(), watcher=None), past=ground.past)


def test_it_tells_balance_trades_of_the_week_win_rate_and_what_was_decided(tmp_path: Path) -> None:
    ground = sandbox(tmp_path)
    ground.earns(0.008, 60)
    for profit in (0.5, 5.0, -3.0):
        ground.bank.closes(profit)
        ground.is_watched()
        ground.bank.wait(7 * 3600)
    ground.bank.road().record(Braked(SANDBOX.name, DIP, DIP_2, "heartbeat_seconds", "It was silent."))
    ground.bank.road().record(DecisionMade(SANDBOX.name, DIP, DIP_2, "roll_back", ("Because.",)))
    line, curve, acts = weekly(post(ground), ground.bank.clock.now()).splitlines()
    assert len(curve) == COLUMNS
    assert [block for block in curve if block in BLOCKS][-3:] == ["▁", "█", "▄"], curve
    own = [one for one in ground.bank.closed if (ground.bank.clock.now() - one.closed_at).days < 7]
    assert len(own) > 4
    won, profit = sum(one.profit > 0 for one in own), sum(one.profit for one in own)
    balance = 100 + sum(one.profit for one in ground.bank.closed)
    found = re.fullmatch(
        rf"{DIP}: {short(DIP_2)}, balance ([0-9.]+) USDT, {len(own)} trades closed, ([0-9]+) % won, ([-+0-9.]+) earned, decided: roll back\.",
        line,
    )
    assert found is not None, line
    assert (found[1], found[2], found[3]) == (f"{balance:.2f}", f"{100 * won / len(own):.0f}", f"{profit:+.2f}")
    assert acts == "1 decisions, 1 brakes, 0 roll-backs."


def test_where_nobody_observed_anything_it_says_so(tmp_path: Path) -> None:
    made = bank(tmp_path)
    assert (
        weekly(replace(made.post(), past=lambda: None), made.clock.now())
        .splitlines()[0]
        .endswith("balance not known, no trade closed.")
    )


def test_an_environment_in_which_nothing_runs_is_told_in_a_line(tmp_path: Path) -> None:
    made = bank(tmp_path)
    made.lines.clear()
    made.head = type(made.head)()
    assert weekly(made.post(), made.clock.now()) == "Nothing runs.\n0 decisions, 0 brakes, 0 roll-backs."
