"""What is judged purely: the edges between what agrees and what does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.domain.doctor.examine import examine
from pipeline.domain.doctor.facts import (
    DatabaseFacts,
    DoubtFacts,
    Facts,
    HomeFacts,
    LedgerFacts,
    Leftover,
    ObservationFacts,
    OpenTradeFacts,
    WatchFacts,
)
from pipeline.domain.doctor.kinds import Disagreement, Kind
from pipeline.domain.train.movements import Purpose
from pipeline.domain.train.sight import Says, SeenBot
from pipeline.domain.train.state import (
    Deployment,
    EnvironmentState,
    Hold,
    HoldKind,
    Progress,
    Retirement,
    Standing,
    StrategyState,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
RAN = Deployment(ONE, "a", NOW - 24 * HOUR, "ada", "", "", Purpose.DEPLOY)
WELL = Says(ONE, True, 0)
KNOWN = StrategyState("dip", 0, Standing(ONE, "a"), deployments=(RAN,), released_at=NOW - 23 * HOUR)


def state(known: StrategyState = KNOWN, **more: object) -> EnvironmentState:
    return EnvironmentState("prod", {known.strategy: known}, **more)  # type: ignore[arg-type]


def bot(
    slot: str = "a",
    bundle: str = ONE,
    *,
    strategy: str = "dip",
    says: Says | None = WELL,
    up: bool = True,
    since: datetime = NOW - 23.5 * HOUR,
    gave_up: bool = False,
) -> SeenBot:
    spec = BotSpec(f"prod-{strategy}-{slot}", "prod", strategy, bundle, "/x", 1)
    seen = RunningBot(spec, BotState.RUNNING if up else BotState.DOWN, since, reason="" if up else "it was stopped")
    return SeenBot(seen, says if up else None, gave_up)


def facts(**more: object) -> Facts:
    """A device of which only what runs was seen, and that is as it should be."""
    given: dict[str, object] = {"state": state(), "bots": (bot(),), "homes": None}
    return Facts("prod", NOW, **{**given, **more})  # type: ignore[arg-type]


def told(**more: object) -> list[tuple[Kind, str]]:
    return [(one.kind, one.command) for one in found(**more)]


def found(**more: object) -> tuple[Disagreement, ...]:
    return examine(facts(**more)).disagreements


def test_what_is_as_it_should_be_is_not_told() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("bots", "expected"),
    [
        ((), [(Kind.BOT_MISSING, "freqtrain converge prod")]),
        ((bot(up=False),), [(Kind.BOT_MISSING, "freqtrain converge prod")]),
        ((bot(up=False, gave_up=True),), [(Kind.BOT_GAVE_UP, "freqtrain converge prod --again")]),
        ((bot(), bot("b", TWO)), [(Kind.BOT_STRAY, "freqtrain converge prod")]),
        ((bot(), bot("b", TWO, up=False)), []),
        ((bot(), bot("c")), [(Kind.BOT_STRAY, "freqtrain converge prod")]),
        ((bot(says=None),), [(Kind.BOT_SILENT, "freqtrain deploy prod 111111111111 --again")]),
        ((bot(says=None, since=NOW - timedelta(seconds=179)),), []),
        ((bot(says=Says(TWO, True, 0)),), [(Kind.BOT_OTHER, "freqtrain converge prod")]),
        ((bot(says=Says("", True, 0)),), [(Kind.BOT_OTHER, "freqtrain converge prod")]),
        ((bot(says=Says(ONE, False, 0)),), [(Kind.BOT_PAUSED, 'freqtrain stop prod dip --release --reason "…"')]),
        ((bot(says=Says(ONE, False, 0), since=NOW - HOUR),), [(Kind.BOT_PAUSED, "freqtrain converge prod")]),
        ((bot(says=Says(ONE, False, 0, halted=True)),), [(Kind.BOT_PAUSED, 'freqtrain stop prod dip --release --reason "…"')]),
    ],
)  # fmt: skip
def test_bots_beside_the_ledger(bots: tuple[SeenBot, ...], expected: list[tuple[Kind, str]]) -> None:
    assert told(bots=bots) == expected


def test_a_stranger_is_held_first_and_then_sold_out() -> None:
    stranger = bot(strategy="moon", says=Says(TWO, True, 1), bundle=TWO)
    assert told(bots=(bot(), stranger)) == [(Kind.BOT_STRAY, "freqtrain converge prod")]
    held = replace(stranger, says=Says(TWO, False, 1))
    assert told(bots=(bot(), held)) == [(Kind.BOT_STRAY, 'freqtrain stop prod moon --exit --reason "…"')]


def test_a_bot_that_is_held_as_the_ledger_says_is_right_and_one_that_enters_is_not() -> None:
    stopped = state(replace(KNOWN, holds=(Hold(HoldKind.STOP, "asked", NOW - HOUR),)))
    assert told(state=stopped, bots=(bot(says=Says(ONE, False, 0)),)) == []
    assert told(state=stopped) == [(Kind.BOT_ENTERS, "freqtrain converge prod")]
    halted = bot(says=Says(ONE, False, 0, halted=True))
    assert told(state=stopped, bots=(halted,)) == [(Kind.BOT_PAUSED, "freqtrain converge prod")]


def test_a_plan_that_was_not_ended_is_told_instead_of_its_bots() -> None:
    going = replace(KNOWN, progress=Progress(Purpose.DEPLOY, Standing(TWO, "b"), KNOWN.standing, (), "ada", NOW - HOUR))
    assert told(state=state(going), bots=()) == [(Kind.INTERRUPTED, "freqtrain converge prod")]
    assert told(state=state(going), bots=(), at_work="deploy by ada") == []
    converging = replace(KNOWN, progress=Progress(Purpose.CONVERGE, None, KNOWN.standing, (), "", NOW - HOUR))
    assert told(state=state(converging)) == []


def test_what_retires_should_run_until_it_is_stopped() -> None:
    retiring = replace(KNOWN, retirement=Retirement(ONE, NOW - HOUR, False, "deleted"))
    assert told(state=state(retiring), bots=()) == [(Kind.BOT_MISSING, "freqtrain converge prod")]


@pytest.mark.parametrize(
    ("watch", "live", "expected"),
    [
        (WatchFacts(False, ""), True, []),
        (WatchFacts(True, ""), True, [Kind.WATCH_MISSING]),
        (WatchFacts(True, "ada", NOW - 900 * SECOND), True, []),
        (WatchFacts(True, "ada", NOW - 901 * SECOND), True, [Kind.LEASE_OLD]),
        (WatchFacts(True, "ada", None), True, [Kind.LEASE_OLD]),
        (WatchFacts(True, "ada", NOW + HOUR), True, [Kind.LEASE_OLD]),
        (WatchFacts(True, "ada", None), False, []),
    ],
)
def test_watch_and_lease(watch: WatchFacts, live: bool, expected: list[Kind]) -> None:
    assert [one.kind for one in found(watch=watch, live=live)] == expected


def database(**more: object) -> tuple[DatabaseFacts, ...]:
    return (DatabaseFacts("dip", "/x/dip.live.sqlite", **more),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("opened", "known"),
    [
        (NOW - HOUR, True),
        (NOW - 24 * HOUR - timedelta(minutes=10), True),
        (NOW - 24 * HOUR - timedelta(minutes=11), False),
    ],
)
def test_trades_belong_to_the_time_in_which_a_bundle_ran(opened: datetime, known: bool) -> None:
    trades = (OpenTradeFacts("BTC/USDT", opened),)
    expected = [] if known else [(Kind.TRADES_UNKNOWN, 'freqtrain stop prod dip --reason "…"')]
    assert told(databases=database(trades=trades)) == expected
    assert told(databases=database(trades=trades), adopted=frozenset({"dip"})) == []


def test_trades_between_two_deployments_are_nobodys() -> None:
    ended = replace(RAN, until_at=NOW - 20 * HOUR)
    later = replace(RAN, bundle=TWO, since_at=NOW - 2 * HOUR)
    both = state(replace(KNOWN, deployments=(ended, later), holds=(Hold(HoldKind.STOP, "asked", NOW),)))
    trades = (OpenTradeFacts("BTC/USDT", NOW - 10 * HOUR),)
    held = (bot(says=Says(ONE, False, 1)),)
    assert told(state=both, bots=held, databases=database(trades=trades), adopted=frozenset({"dip"})) == [
        (Kind.TRADES_UNKNOWN, 'freqtrain stop prod dip --exit --reason "…"')
    ]


def test_what_the_ledger_never_heard_of_is_no_verbs_to_mend() -> None:
    nobody = EnvironmentState("prod")
    trades = database(trades=(OpenTradeFacts("BTC/USDT", NOW - HOUR),))
    assert told(state=nobody, bots=(), databases=trades) == [(Kind.TRADES_UNKNOWN, "freqtrain log prod --verify")]
    homes = (HomeFacts("prod-dip-a", "dip", path="/x y/prod-dip-a"),)
    assert told(state=nobody, bots=(), homes=homes) == [(Kind.HOME_LEFT, "rm -r -- '/x y/prod-dip-a'")]


def test_a_database_of_nothing_that_should_run_may_be_missing() -> None:
    gone = state(replace(KNOWN, standing=None, deployments=(replace(RAN, until_at=NOW - HOUR),)))
    assert told(state=gone, bots=(), databases=database(exists=False)) == []
    assert [one.kind for one in found(databases=database(exists=False))] == [Kind.DATABASE_MISSING]


def test_simulated_trades_that_nobody_manages_are_no_loss() -> None:
    gone = state(replace(KNOWN, standing=None, deployments=(replace(RAN, until_at=NOW - HOUR),)))
    trades = database(trades=(OpenTradeFacts("BTC/USDT", NOW - 2 * HOUR),))
    assert told(state=gone, bots=(), databases=trades) == []
    assert told(state=gone, bots=(), databases=trades, live=True) == [
        (Kind.TRADES_LEFT, "freqtrain deploy prod 111111111111")
    ]


def test_the_lock_of_its_own_bot_is_in_order_and_a_change_half_done_is_only_told() -> None:
    assert told(databases=database(held_by="prod-dip-a")) == []
    assert [one.kind for one in found(databases=database(held_by="prod-dip-b"))] == [Kind.DATABASE_LOCKED]
    assert [one.kind for one in found(databases=database(busy=True))] == [Kind.DATABASE_LOCKED]
    assert told(databases=database(held_by="prod-dip-b"), bots=None) == []
    half = examine(facts(databases=database(half_changed=True)))
    assert (half.disagreements, half.unseen[0].what) == ((), "database of dip")


def test_a_young_doubt_is_waited_for() -> None:
    doubt = DoubtFacts("an order to buy was sent", NOW - 59 * SECOND)
    assert told(doubts={"dip": doubt}) == []
    assert [one.kind for one in found(doubts={"dip": replace(doubt, since=NOW - 60 * SECOND)})] == [Kind.DOUBT]


def test_a_clock_that_differs_by_a_minute_is_noise() -> None:
    assert told(ledger=LedgerFacts(last_at=NOW + 60 * SECOND)) == []
    assert [one.kind for one in found(ledger=LedgerFacts(last_at=NOW + 61 * SECOND))] == [Kind.LEDGER_AHEAD]
    assert told(observations=ObservationFacts(last_at=NOW + 60 * SECOND)) == []
    assert [one.kind for one in found(observations=ObservationFacts(last_at=NOW + 61 * SECOND))] == [
        Kind.OBSERVATIONS_AHEAD
    ]


def test_what_is_younger_than_an_hour_may_still_be_written() -> None:
    assert told(leftovers=(Leftover("/x/.a.part", NOW - HOUR),)) == []
    many = tuple(Leftover(f"/x/.{number}.part", NOW - 2 * HOUR) for number in range(7))
    (one,) = found(leftovers=many)
    assert one.found.endswith("/x/.4.part and 2 more")


def test_a_broken_ledger_lets_nothing_else_be_judged_by_it() -> None:
    broken = LedgerFacts(("line 2: was edited", "line 3: x", "line 4: x", "line 5: x"))
    (one,) = found(ledger=broken, state=None, bots=(bot(),), databases=database(trades=()))
    assert (one.kind, one.command) == (Kind.LEDGER_BROKEN, "freqtrain log prod --verify")
    assert one.found.endswith("; and 1 more")


def test_what_stops_a_start_comes_before_the_start() -> None:
    kinds = [
        one.kind
        for one in found(bots=(), databases=database(exists=False), leftovers=(Leftover("/x", NOW - 2 * HOUR),))
    ]
    assert kinds == [Kind.DATABASE_MISSING, Kind.BOT_MISSING, Kind.LEFTOVERS]
