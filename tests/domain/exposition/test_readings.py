"""What is exposed is what is known: nothing made up, nothing twice, in words that the rest of the train uses."""

import dataclasses
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.domain.exposition import catalogue
from pipeline.domain.exposition.catalogue import CATALOGUE, Kind
from pipeline.domain.exposition.device import Device, Disk, Latest, Place, Totals, Written
from pipeline.domain.exposition.readings import readings
from pipeline.domain.ledger import Head
from pipeline.domain.monitor.story import Story
from pipeline.domain.trading.terms import BRAKES
from pipeline.domain.train.brakes import Limits
from pipeline.domain.train.decide import Decision
from pipeline.domain.train.decisions import Braked, DecisionMade, Observed, Soaked
from pipeline.domain.train.facts import Fact, Recorded
from pipeline.domain.train.fold import fold
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.state import EnvironmentState, HoldKind
from pipeline.domain.train.status import WatchLine
from pipeline.flows.watch_observe import DOWN, SILENT, STRANGE

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BUNDLE, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64
DEPLOYED: tuple[Fact, ...] = (
    Deploying("test", "trend", Purpose.DEPLOY, BUNDLE, "a", (), "ada"),
    Deployed("test", "trend", BUNDLE, "a", "ada"),
)
LATEST = Latest(AT - timedelta(seconds=30), "running", "USDT", 1010.0, 990.0, 1100.0, 2, 10, 6, 0.0001, AT)


def state(*facts: Fact) -> EnvironmentState:
    return fold([Recorded(n + 1, AT - timedelta(hours=1), fact) for n, fact in enumerate(facts)], "test")


def bot(slot: str = "a", bundle: str = BUNDLE, up: BotState = BotState.RUNNING) -> RunningBot:
    return RunningBot(BotSpec(f"test-trend-{slot}", "test", "trend", bundle, "/home", 18100), up, AT)


def place(*facts: Fact) -> Place:
    story = Story(state(*(facts or DEPLOYED)), Head(7, 100, "sha256:" + "0" * 64))
    return Place("test", story=story, bots=(bot(),), latest={"trend": LATEST})


def told(one: Place, now: datetime = AT) -> dict[tuple[str, ...], float]:
    return {(r.metric.name, *r.labels): r.value for r in readings(Device(now, "1", (one,)))}


def test_what_a_bundle_shows_is_exposed() -> None:
    found = told(place())
    own = ("test", "trend")
    assert found["bundle", *own, "1" * 12] == 1
    assert found["equity", *own, "USDT"] == 990
    assert found["drawdown_ratio", *own] == 0.1
    assert found["loop_age_seconds", *own] == 0
    assert found["observation_age_seconds", *own] == 30
    assert found["deployed_age_seconds", *own] == 3600
    assert found["ledger_entries", "test"] == 7
    assert (found["bot_up", *own], found["entries_allowed", *own], found["stray_bots", *own]) == (1, 1, 0)


def test_what_is_not_known_is_left_out_and_no_zero_stands_for_it() -> None:
    untold = replace(place(), latest={"trend": Latest(AT, "silent", "USDT")}, bots=None)
    names = {name for name, *_ in told(untold)}
    assert not names & {"balance", "equity", "equity_peak", "drawdown_ratio", "open_trades", "loop_age_seconds"}
    assert not names & {"bot_restarts", "bot_gave_up", "stray_bots", "decision", "watched", "brake_limit"}
    assert "bot_state" in names


def test_no_equity_above_zero_is_no_drawdown() -> None:
    assert ("drawdown_ratio", "test", "trend") not in told(
        replace(place(), latest={"trend": replace(LATEST, peak=0.0)})
    )


def test_what_is_no_number_is_left_out() -> None:
    odd = replace(LATEST, equity=float("nan"), balance=float("inf"))
    names = {name for name, *_ in told(replace(place(), latest={"trend": odd}))}
    assert not names & {"equity", "balance", "drawdown_ratio"}


def test_without_a_ledger_the_totals_and_the_parts_remain() -> None:
    lost = replace(place(), story=None, totals={"trend": Totals(3, 2, 1, {"USDT": -1.5}, {"USDT": 0.3})})
    found = told(replace(lost, problems=frozenset({"ledger"})))
    assert found["scrape_problem", "test", "ledger"] == 1
    assert found["scrape_problem", "test", "observations"] == 0
    assert found["profit", "test", "trend", "USDT"] == -1.5
    assert {name for name, *_ in found} & {"bot_up", "bundle", "hold", "ledger_entries"} == set()


def test_a_brake_is_a_hold_and_named_by_its_kind_alone() -> None:
    found = told(place(*DEPLOYED, Braked("test", "trend", BUNDLE, "daily_loss_max_ratio", "3 %, limit 2 %")))
    own = ("test", "trend")
    assert [found["hold", *own, kind] for kind in catalogue.HOLDS] == [0, 1, 0, 0, 0, 0, 0]
    assert [brake for brake in catalogue.BRAKES if found["brake", *own, brake]] == ["daily_loss_max_ratio"]
    assert found["entries_allowed", *own] == 0


def test_bots_that_run_and_should_not_are_counted_unless_a_plan_is_under_way() -> None:
    strays = replace(place(), bots=(bot(), bot("b", OTHER), bot("c", OTHER, BotState.DOWN)))
    assert told(strays)["stray_bots", "test", "trend"] == 1
    swapping = replace(place(*DEPLOYED, replace(DEPLOYED[0], bundle=OTHER, slot="b")), bots=strays.bots)
    found = told(swapping)
    assert (found["stray_bots", "test", "trend"], found["deploying", "test", "trend"]) == (0, 1)


def test_a_look_that_is_old_lets_nobody_say_that_it_may_enter() -> None:
    assert told(place(), AT + timedelta(minutes=5))["entries_allowed", "test", "trend"] == 0


def test_where_no_runtime_tells_the_last_look_does_while_it_is_fresh() -> None:
    own, contained = ("test", "trend"), replace(place(), bots=None)
    found = told(contained)
    assert (found["bot_up", *own], found["entries_allowed", *own]) == (1, 1)
    found = told(replace(contained, latest={"trend": replace(LATEST, state="down")}))
    assert (found["bot_up", *own], found["entries_allowed", *own]) == (0, 0)
    found = told(contained, AT + timedelta(minutes=5))
    assert ("bot_up", *own) not in found
    assert found["entries_allowed", *own] == 0


def test_of_another_users_environment_nothing_is_said_of_bots() -> None:
    found = told(replace(place(), bots=None, latest={}, elsewhere=True))
    assert {name for name, *_ in found} & {"bot_up", "entries_allowed", "bot_state"} == set()
    assert [labels for name, *labels in found if name == "scrape_problem" and labels[0]] == [["test", "ledger"]]
    assert found["bundle", "test", "trend", "1" * 12] == 1


def test_a_decision_about_an_earlier_bundle_is_none_about_this_one() -> None:
    made = DecisionMade("test", "trend", BUNDLE, "promote", ("it shows all",))
    found = told(place(*DEPLOYED, made))
    assert [found["decision", "test", "trend", word] for word in catalogue.DECISIONS] == [1, 0, 0]
    later = (*DEPLOYED, made, *(replace(fact, bundle=OTHER) for fact in DEPLOYED))  # type: ignore[type-var]
    assert not [name for name, *_ in told(place(*later)) if name.startswith("decision")]


def test_soak_is_by_the_ledger() -> None:
    shown = (Observed("test", "trend", BUNDLE, 1.5, 3), Soaked("test", "trend", BUNDLE, 1.5, 3))
    found = told(place(*DEPLOYED, *shown))
    assert (found["healthy_seconds", "test", "trend"], found["known_good", "test", "trend"]) == (5400, 1)
    assert told(place())["known_good", "test", "trend"] == 0


def test_a_clock_that_was_set_back_makes_no_age_negative() -> None:
    assert all(value >= 0 for value in told(place(), AT - timedelta(days=1)).values())


def test_nothing_is_exposed_twice_and_every_label_has_its_value() -> None:
    full = replace(
        place(),
        written=Written("dry_run", {"drawdown_max_ratio": 0.2}),
        watch=WatchLine("test", "watched", AT, AT, True),
        totals={"trend": Totals(3, 2, 1, {"USDT": 1.0, "EUR": 2.0}, {"USDT": 0.3})},
        observations_bytes=10,
    )
    found = readings(Device(AT, "1", (full, replace(full, name="prod")), Disk(1, 2)))
    assert len({(one.metric.name, one.labels) for one in found}) == len(found)
    assert all(len(one.labels) == len(one.metric.labels) for one in found)
    order = [CATALOGUE.index(one.metric) for one in found]
    assert order == sorted(order)


def test_the_words_are_those_of_the_train() -> None:
    assert tuple(kind.value for kind in HoldKind) == catalogue.HOLDS
    assert set(BRAKES) == set(catalogue.BRAKES) > {field.name for field in dataclasses.fields(Limits)}
    assert tuple(decision.value for decision in Decision) == catalogue.DECISIONS
    assert {DOWN, SILENT, STRANGE} < set(catalogue.STATES)


def test_names_follow_the_conventions_of_prometheus() -> None:
    names = [metric.exposed for metric in CATALOGUE]
    assert len(set(names)) == len(names)
    for metric in CATALOGUE:
        assert re.fullmatch(r"freqtrain_[a-z]+(_[a-z]+)*", metric.exposed)
        assert metric.exposed.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert metric.help.endswith(".")
        assert not set(metric.labels) & {"pair", "reason", "trade", "job", "instance", "le", "quantile"}
