"""A device's metrics, from the files that the train leaves: what cannot be read hides nothing else, and reading changes nothing."""

import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.adapters.ledger_news import LedgerNews
from pipeline.adapters.monitor_server import Address
from pipeline.adapters.notices.reach_file import ReachFile
from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.process import run
from pipeline.domain.bot import RunningBot
from pipeline.domain.notices import Reached
from pipeline.domain.train.decisions import EntriesStopped
from pipeline.errors import ToolFailed
from pipeline.wiring import monitor
from pipeline.wiring.exposition import exporter, exporter_of, exposition
from tests.fakes import FakeNarrator
from tests.monitor_ground import Ground, damage, story
from tests.monitor_served import ask, served
from tests.needs import ROOT

Told = Mapping[tuple[str, ...], float]


def numbers(text: str) -> Told:
    """(name, label values in the order of their names) -> value."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def kept(ground: Ground, environment: str, strategy: str) -> tuple[float, int, int]:
    """Balance and closed trades of the bundle that stands, and closed trades of all, as the store's own reader tells them."""
    reader = ObservationReader(ground.home / environment / "observations.sqlite")
    bundles = [bundle for name, bundle in reader.bundles() if name == strategy]
    last = reader.samples(strategy, bundles[-1])[-1]
    assert last.balance is not None
    assert last.closed_trades is not None
    return last.balance, last.closed_trades, sum(len(reader.trades(strategy, bundle)) for bundle in bundles)


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return story(tmp_path)


@pytest.fixture
def narrator() -> FakeNarrator:
    return FakeNarrator()


@pytest.fixture
def make(ground: Ground, narrator: FakeNarrator) -> Callable[[], str]:
    return exporter_of(ground.home, ground.clock, ground.runtime, ground.watches, narrator)


def problems(told: Told) -> set[tuple[str, ...]]:
    """(environment, part) of what could not be read."""
    return {labels for (name, *rest), value in told.items() if name == "freqtrain_scrape_problem" and value
            for labels in [tuple(rest)]}  # fmt: skip


def test_numbers_are_those_of_ledger_observations_runtime_and_watch(make: Callable[[], str], ground: Ground) -> None:
    with ground.watched("test"):
        told = numbers(make())
    assert problems(told) == set()
    for environment, strategy in (("test", "sma_trend"), ("test", "range_dip"), ("sandbox", "sma_trend")):
        balance, closed, all_closed = kept(ground, environment, strategy)
        assert told["freqtrain_balance", "USDT", environment, strategy] == balance
        assert told["freqtrain_bundle_closed_trades", environment, strategy] == closed
        assert told["freqtrain_closed_trades_total", environment, strategy] == all_closed
    assert kept(ground, "sandbox", "sma_trend")[1] < kept(ground, "sandbox", "sma_trend")[2]
    assert told["freqtrain_brake", "daily_loss_max_ratio", "sandbox", "sma_trend"] == 1
    assert told["freqtrain_decision", "promote", "test", "sma_trend"] == 1
    assert told["freqtrain_brake_limit", "drawdown_max_ratio", "test"] == 0.25
    assert (told["freqtrain_watched", "test"], told["freqtrain_watched", "sandbox"]) == (1, 0)
    assert told["freqtrain_lease_age_seconds", "test"] == 5


def test_a_ledger_that_cannot_be_read_hides_no_other_environment(
    make: Callable[[], str], ground: Ground, narrator: FakeNarrator
) -> None:
    damage(ground.home / "sandbox" / "ledger.jsonl")
    told = numbers(make())
    make()
    assert problems(told) == {("sandbox", "ledger")}
    assert told["freqtrain_bot_up", "test", "sma_trend"] == 1
    assert told["freqtrain_closed_trades_total", "sandbox", "sma_trend"] == kept(ground, "sandbox", "sma_trend")[2]
    assert ("freqtrain_bot_up", "sandbox", "sma_trend") not in told
    (line,) = narrator.lines
    assert line.startswith("sandbox: ledger: ")


def test_a_ledger_that_is_gone_is_a_problem_and_not_nothing(make: Callable[[], str], ground: Ground) -> None:
    (ground.home / "sandbox" / "ledger.jsonl").unlink()
    assert problems(numbers(make())) == {("sandbox", "ledger")}


def test_damaged_observations_hide_only_themselves(make: Callable[[], str], ground: Ground) -> None:
    damage(ground.home / "test" / "observations.sqlite")
    told = numbers(make())
    assert problems(told) == {("test", "observations")}
    assert told["freqtrain_bot_up", "test", "sma_trend"] == 1
    assert ("freqtrain_balance", "USDT", "test", "sma_trend") not in told
    assert told["freqtrain_balance", "USDT", "sandbox", "sma_trend"] == kept(ground, "sandbox", "sma_trend")[0]


def test_observations_that_somebody_edited_hide_only_themselves(make: Callable[[], str], ground: Ground) -> None:
    with closing(sqlite3.connect(ground.home / "test" / "observations.sqlite")) as database:
        database.execute("UPDATE samples SET equity = 'much'")
        database.commit()
    told = numbers(make())
    assert problems(told) == {("test", "observations")}
    assert told["freqtrain_balance", "USDT", "sandbox", "sma_trend"] == kept(ground, "sandbox", "sma_trend")[0]


def test_whether_people_are_told_is_what_the_notifier_left(make: Callable[[], str], ground: Ground) -> None:
    ReachFile(ground.home / "test").write(Reached(3, 5, 1))
    (ground.home / "sandbox" / "reach.json").unlink()
    told = numbers(make())
    names = ("notice_channels", "notice_channels_failing", "notices_undelivered")
    assert [told[f"freqtrain_{name}", "test"] for name in names] == [3, 1, 5]
    assert not [key for key in told if key[0].startswith("freqtrain_notice") and "sandbox" in key]
    (ground.home / "test" / "reach.json").write_text("{")
    told = numbers(make())
    assert problems(told) == {("test", "notices")}
    assert not [key for key in told if key[0].startswith("freqtrain_notice")]


def test_a_broken_environment_file_hides_only_its_limits(make: Callable[[], str], ground: Ground) -> None:
    (ground.home / "test" / "watch" / "environments" / "test.yml").write_text("mode: [")
    told = numbers(make())
    assert problems(told) == {("test", "environment_file")}
    assert not [key for key in told if key[0] == "freqtrain_brake_limit"]


@pytest.mark.parametrize("error", [ToolFailed("it does not answer"), ZeroDivisionError("a mistake of ours")])
def test_a_runtime_that_does_not_answer_leaves_the_word_to_the_last_look(
    make: Callable[[], str], ground: Ground, narrator: FakeNarrator, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> tuple[RunningBot, ...]:
        raise error

    monkeypatch.setattr(ground.runtime, "running", fails)
    told = numbers(make())
    assert problems(told) == {("", "runtime")}
    assert not [key for key in told if key[0] in ("freqtrain_stray_bots", "freqtrain_bot_gave_up")]
    assert (told["freqtrain_bot_up", "test", "sma_trend"], told["freqtrain_entries_allowed", "test", "sma_trend"]) == (
        1,
        1,
    )
    assert told["freqtrain_balance", "USDT", "test", "sma_trend"] == kept(ground, "test", "sma_trend")[0]
    assert narrator.lines[0].startswith("the device: runtime: ")


def test_a_problem_is_told_again_only_after_it_had_ended(
    make: Callable[[], str], ground: Ground, narrator: FakeNarrator
) -> None:
    file = ground.home / "test" / "watch" / "environments" / "test.yml"
    whole = file.read_bytes()
    for content in (b"mode: [", b"mode: [", whole, b"mode: ["):
        file.write_bytes(content)
        make()
    assert len(narrator.lines) == 2


def test_only_what_is_new_in_a_ledger_is_read_and_one_that_was_replaced_is_read_anew(
    make: Callable[[], str], ground: Ground
) -> None:
    before = numbers(make())["freqtrain_ledger_entries_total", "test"]
    ground.tell("test", EntriesStopped("test", "sma_trend", "ada", "a look"))
    told = numbers(make())
    assert told["freqtrain_ledger_entries_total", "test"] == before + 1
    assert told["freqtrain_hold", "test", "stop", "sma_trend"] == 1
    for name in ("ledger.jsonl", "ledger.jsonl.head"):
        (ground.home / "test" / name).write_bytes((ground.home / "sandbox" / name).read_bytes())
    assert problems(numbers(make())) == {("test", "ledger")}, "it is another environment's"


def test_an_environment_of_another_user_shows_its_ledger(
    make: Callable[[], str], ground: Ground, tmp_path: Path
) -> None:
    other = tmp_path.with_name(f"{tmp_path.name}-other")
    other.mkdir()
    (ground.home / "sandbox").rename(other / "sandbox")
    (ground.home / "sandbox").symlink_to(other / "sandbox")
    told = numbers(make())
    assert problems(told) == set()
    assert told["freqtrain_brake", "daily_loss_max_ratio", "sandbox", "sma_trend"] == 1
    assert not [key for key in told if key[0] in ("freqtrain_bot_up", "freqtrain_watched") and "sandbox" in key]


def test_an_environment_of_another_user_who_shares_it_shows_what_was_observed(
    make: Callable[[], str], ground: Ground, tmp_path: Path
) -> None:
    before = numbers(exporter_of(ground.home, ground.clock, ground.runtime, ground.watches, FakeNarrator())())
    other = tmp_path.with_name(f"{tmp_path.name}-other")
    other.mkdir()
    (ground.home / "sandbox").rename(other / "sandbox")
    (ground.home / "sandbox").symlink_to(other / "sandbox")
    (other / "sandbox" / "observations.sqlite").chmod(0o640)
    told = numbers(make())
    assert problems(told) == set()
    shown = ("freqtrain_balance", "freqtrain_notices_undelivered")
    kept = [key for key in before if key[0] in shown and "sandbox" in key]
    assert {name for name, *_ in kept} == set(shown)
    assert {key: told[key] for key in kept} == {key: before[key] for key in kept}
    assert not [key for key in told if key[0] == "freqtrain_watched" and "sandbox" in key]


def test_reading_changes_nothing(make: Callable[[], str], ground: Ground) -> None:
    def files() -> dict[str, bytes]:
        return {str(file): file.read_bytes() for file in ground.home.rglob("*") if file.is_file()}

    before = files()
    make()
    assert files() == before


def test_a_home_that_is_not_there_is_a_problem_and_no_crash(tmp_path: Path, narrator: FakeNarrator) -> None:
    told = numbers(exposition(tmp_path / "nowhere", narrator))
    assert ("", "disk") in problems(told)
    assert not (tmp_path / "nowhere").exists()


def test_a_device_on_which_nothing_was_deployed_is_well(tmp_path: Path, narrator: FakeNarrator) -> None:
    told = numbers(exposition(tmp_path, narrator))
    assert problems(told) == set()
    assert [key for key in told if key[0] == "freqtrain_build_info"]
    assert narrator.lines == []


@pytest.mark.sockets
def test_the_monitor_answers_with_it(ground: Ground, narrator: FakeNarrator) -> None:
    server = monitor.server(ground.home, Address("127.0.0.1", 0), None, narrator)
    with served(server) as address:
        answer = ask(address, "/metrics")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    told = numbers(answer.body)
    assert told["freqtrain_balance", "USDT", "test", "sma_trend"] == kept(ground, "test", "sma_trend")[0]
    assert told["freqtrain_bot_up", "test", "sma_trend"] == 0, "no runtime holds a bot here"
    same = numbers(exporter(ground.home, narrator)())
    assert {key for key in told} == {key for key in same}


def test_what_was_read_for_the_page_is_not_read_again_for_the_metrics(
    ground: Ground, narrator: FakeNarrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, began, news = monitor.server(ground.home, Address("127.0.0.1", 0), None, narrator), [], LedgerNews.news
    monkeypatch.setattr(LedgerNews, "news", lambda ledger, known: began.append(known.length) or news(ledger, known))
    server.pages.begin()
    assert set(began) == {0}
    began.clear()
    assert numbers(server.texts["/metrics"][1]())
    assert began
    assert 0 not in began


@pytest.mark.processes
def test_it_loads_nothing_heavy() -> None:
    heavy = ("pandas", "numpy", "pydantic", "freqtrade", "ccxt")
    code = f"import sys, pipeline.wiring.exposition; print([m for m in {heavy!r} if m in sys.modules])"
    done = run([sys.executable, "-c", code], timeout_seconds=120, cwd=ROOT)
    assert (done.code, done.out.strip()) == (0, "[]"), done.err
