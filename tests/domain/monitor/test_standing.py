"""How a strategy stands is the worst that ledger, runtime and the last look say of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.domain.monitor.curve import Latest
from pipeline.domain.monitor.overview import Condition
from pipeline.domain.monitor.standing import FRESH, elsewhere, standing
from pipeline.domain.train.movements import Purpose
from pipeline.domain.train.state import EnvironmentState, Hold, HoldKind, Progress, Standing, StrategyState

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KNOWN = StrategyState("trend", 0, Standing("sha256:1", "a"))
BOT = RunningBot(BotSpec("test-trend-a", "test", "trend", "sha256:1", "/bots/a", 18100), BotState.RUNNING, NOW)
SEEN = Latest(NOW - timedelta(seconds=30), "running", 0)


def found(known: StrategyState = KNOWN, bot: RunningBot | None = BOT, latest: Latest | None = SEEN) -> Condition:
    return standing(EnvironmentState("test", {"trend": known}), known, [bot] if bot else [], latest, NOW)[0]


def test_a_bot_that_runs_and_says_so_is_trading() -> None:
    assert found() is Condition.TRADING


def test_a_bot_that_is_not_there_is_down_whatever_was_seen_last_and_whatever_holds_it() -> None:
    held = replace(KNOWN, holds=(Hold(HoldKind.BRAKE, "drawdown", NOW),))
    assert found(bot=None) is Condition.DOWN
    assert found(bot=replace(BOT, state=BotState.DOWN, reason="killed")) is Condition.DOWN
    assert found(held, bot=None) is Condition.DOWN


def test_a_hold_shows_while_the_bot_runs() -> None:
    held = replace(KNOWN, holds=(Hold(HoldKind.BRAKE, "drawdown", NOW),))
    assert found(held) is Condition.HELD
    assert found(held, latest=replace(SEEN, state="paused")) is Condition.HELD


def test_a_pause_without_a_reason_in_the_ledger_is_told_as_one() -> None:
    assert found(latest=replace(SEEN, state="paused")) is Condition.PAUSED


@pytest.mark.parametrize(
    "latest",
    [
        None,
        replace(SEEN, at=NOW - FRESH - timedelta(seconds=1)),
        *(replace(SEEN, state=s) for s in ("silent", "strange")),
    ],
)
def test_what_nobody_has_seen_lately_is_never_called_trading(latest: Latest | None) -> None:
    assert found(latest=latest) is Condition.UNSEEN


def test_a_deployment_that_is_not_ended_is_on_its_way() -> None:
    moving = Progress(Purpose.DEPLOY, Standing("sha256:2", "b"), KNOWN.standing, (), "owner", NOW)
    assert found(replace(KNOWN, progress=moving)) is Condition.DEPLOYING


def test_a_bot_that_should_not_run_is_named() -> None:
    condition, told = standing(EnvironmentState("test"), StrategyState("trend"), [BOT], None, NOW)
    assert (condition, told) == (Condition.NOTHING, "test-trend-a runs and should not")


@pytest.mark.parametrize(
    ("state", "condition"),
    [
        ("running", Condition.TRADING),
        ("paused", Condition.PAUSED),
        ("down", Condition.DOWN),
        ("silent", Condition.UNSEEN),
    ],
)
def test_where_no_runtime_can_be_asked_the_last_look_counts(state: str, condition: Condition) -> None:
    told = standing(EnvironmentState("test"), KNOWN, None, replace(SEEN, state=state), NOW)
    assert told[0] is condition
    assert standing(EnvironmentState("test"), KNOWN, None, None, NOW) == (Condition.UNSEEN, "nobody has looked yet")


def test_of_another_users_environment_the_ledger_tells_what_it_knows() -> None:
    held = replace(KNOWN, holds=(Hold(HoldKind.BRAKE, "drawdown", NOW),))
    known = {"trend": held}
    assert elsewhere(EnvironmentState("test"), KNOWN)[0] is Condition.ELSEWHERE
    assert elsewhere(EnvironmentState("test", known), held)[0] is Condition.HELD
    assert elsewhere(EnvironmentState("test"), StrategyState("trend")) == (Condition.NOTHING, "nothing should run")
