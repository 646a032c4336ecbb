"""A look at a device shows what is there, what cannot be read as just that, and never a second story after a ledger was replaced."""

import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.ledger_news import LedgerNews
from pipeline.domain.ledger import Entry, Head
from pipeline.domain.monitor.curve import Span
from pipeline.domain.train.decisions import Braked
from pipeline.domain.train.state import HoldKind
from pipeline.errors import ToolFailed
from tests.monitor_ground import NOW, POWER, REASON, Ground, damage, numbers, story


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return story(tmp_path)


def look(ground: Ground, span: Span = Span.MONTH) -> dict[str, dict]:  # type: ignore[type-arg]
    """The environments by name."""
    return {place["name"]: place for place in numbers(ground.pages.document(span))["environments"]}  # type: ignore[attr-defined]


def test_the_environments_stand_in_the_order_of_the_train_with_what_runs_in_each(ground: Ground) -> None:
    found = look(ground)
    assert list(found) == ["ci", "test", "sandbox", "prod"]
    assert [one["strategy"] for one in found["test"]["strategies"]] == ["range_dip", "sma_trend"]
    assert [place["mode"] for place in found.values()] == ["history", "dry_run", "live", "live"]
    assert found["prod"]["strategies"] == []
    assert len(found["ci"]["cut"]) == 2


def test_a_strategy_tells_since_when_by_whom_on_which_evidence_and_what_was_decided(ground: Ground) -> None:
    _, evidence = ground.stored("range_dip")
    (one, _) = look(ground)["test"]["strategies"]
    assert (one["since_at"], one["by"], one["reason"], one["evidence"]) == (
        *("2026-02-23T12:00:01Z", "owner", "tag v1.4"),
        evidence,
    )
    assert (one["decided"]["decision"], one["decided"]["reasons"], one["decided"]["power"]) == ("hold", [REASON], POWER)
    assert one["observed"]["healthy_hours"] == 140.0


def test_a_brake_is_a_hold_and_a_mark_and_the_bundle_before_is_in_the_picture(ground: Ground) -> None:
    (one,) = look(ground)["sandbox"]["strategies"]
    assert (one["condition"], [hold["kind"] for hold in one["holds"]]) == ("held", [HoldKind.BRAKE.value])
    assert [mark["kind"] for mark in one["marks"]] == ["deployed", "deployed", "braked"]
    assert [bool(ran["curve"]["points"]) for ran in one["ran"]] == [True, True]
    assert [gap["reason"] for gap in one["ran"][1]["curve"]["gaps"]] == ["nobody looked"]
    assert [position["pair"] for position in one["positions"]] == ["SOL/USDT"]


def test_a_shorter_time_shows_only_the_bundles_that_stood_in_it(ground: Ground) -> None:
    (one,) = look(ground, Span.WEEK)["sandbox"]["strategies"]
    assert len(one["ran"]) == 1
    assert numbers(ground.pages.document(Span.ALL))["since"] == "2026-02-05T12:00:00Z"


def test_a_second_look_reads_on_where_the_first_one_ended(ground: Ground) -> None:
    pages = ground.pages
    pages.document(Span.MONTH)
    ground.tell("test", Braked("test", "range_dip", ground.stored("range_dip")[0], "drawdown_max_ratio", "11 %"))
    (one, _) = next(p for p in numbers(pages.document(Span.MONTH))["environments"] if p["name"] == "test")["strategies"]  # type: ignore[attr-defined]
    assert one["condition"] == "held"


def test_a_ledger_that_was_replaced_is_read_from_its_beginning(ground: Ground, tmp_path: Path) -> None:
    pages = ground.pages
    pages.document(Span.MONTH)
    for name in ("ledger.jsonl", "ledger.jsonl.head"):
        (tmp_path / "test" / name).unlink()
    ground.runtime.bots.clear()
    ground.deploy("test", "newcomer", "sha256:" + "3" * 64, NOW)
    place = next(p for p in numbers(pages.document(Span.MONTH))["environments"] if p["name"] == "test")  # type: ignore[attr-defined]
    assert ([one["strategy"] for one in place["strategies"]], place["problems"]) == (["newcomer"], [])


def test_a_damaged_ledger_is_told_and_what_was_observed_is_shown_without_saying_what_should_run(
    ground: Ground, tmp_path: Path
) -> None:
    damage(tmp_path / "test" / "ledger.jsonl")
    place = look(ground)["test"]
    assert any("ledger" in problem for problem in place["problems"])
    assert [one["strategy"] for one in place["strategies"]] == ["range_dip", "sma_trend"]
    assert {one["condition"] for one in place["strategies"]} == {"not seen"}
    assert all(one["bundle"] == "" and one["ran"][0]["curve"]["points"] for one in place["strategies"])
    assert look(ground)["sandbox"]["problems"] == []


def test_a_damaged_ledger_is_read_again_only_when_it_has_changed(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, pages = tmp_path / "test" / "ledger.jsonl", ground.pages
    whole, reads = ledger.read_bytes(), list[str]()
    damage(ledger)
    read = LedgerNews.news

    def counted(self: LedgerNews, known: Head) -> Iterator[tuple[Head, Sequence[Entry]]]:
        reads.append(self._path.parent.name)
        return read(self, known)

    monkeypatch.setattr(LedgerNews, "news", counted)
    for _ in range(3):
        assert "not seen" in pages.document(Span.MONTH)
    assert reads.count("test") == 1
    ledger.write_bytes(whole)
    place = next(p for p in numbers(pages.document(Span.MONTH))["environments"] if p["name"] == "test")  # type: ignore[attr-defined]
    assert (place["problems"], place["strategies"][0]["condition"]) == ([], "trading")


def test_damaged_observations_and_a_damaged_database_are_told_and_the_rest_is_shown(
    ground: Ground, tmp_path: Path
) -> None:
    for name in ("observations.sqlite-wal", "observations.sqlite-shm"):
        (tmp_path / "test" / name).unlink(missing_ok=True)
    (tmp_path / "test" / "observations.sqlite").write_bytes(b"\xff" * 8192)
    damage(tmp_path / "test" / "databases" / "sma_trend.dry_run.sqlite")
    dip, trend = look(ground)["test"]["strategies"]
    assert any("observations" in problem for problem in dip["problems"])
    assert any("open trades of sma_trend" in problem for problem in trend["problems"])
    assert (trend["by"], trend["condition"], trend["positions"]) == ("owner", "not seen", None)
    assert numbers(ground.pages.document(Span.MONTH))["outcome"] == "LOOK"


def test_evidence_that_is_gone_is_told_and_lets_expect_nothing(ground: Ground, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "store")
    (one, _) = look(ground)["test"]["strategies"]
    assert one["expectation"] is None
    assert any("evidence" in problem for problem in one["problems"])


def test_an_environment_whose_file_is_broken_is_shown_by_its_name(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "test" / "watch" / "environments" / "sandbox.yml").write_text("mode: [live\n")
    found = numbers(ground.pages.document(Span.MONTH))
    assert any("sandbox.yml" in problem for problem in found["problems"])  # type: ignore[attr-defined]
    assert [one["strategy"] for one in look(ground)["sandbox"]["strategies"]] == ["sma_trend"]


def test_where_the_runtime_cannot_be_asked_the_watchs_word_counts_and_not_for_long(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> None:
        raise ToolFailed("supervisord cannot be asked")

    monkeypatch.setattr(ground.runtime, "running", refused)
    found = numbers(ground.pages.document(Span.MONTH))
    assert found["problems"] == ["supervisord cannot be asked"]
    (one, _) = look(ground)["test"]["strategies"]
    assert (one["condition"], one["told"]) == ("trading", "by the last look, it trades")
    ground.clock.at = NOW + timedelta(minutes=10)
    assert {one["condition"] for one in look(ground)["test"]["strategies"]} == {"not seen"}


def test_bots_that_are_no_plain_processes_are_not_called_down_because_supervisord_has_none(
    ground: Ground, tmp_path: Path
) -> None:
    file = tmp_path / "test" / "watch" / "environments" / "sandbox.yml"
    file.write_text("mode: live\nafter: test\nruntime: compose\n")
    ground.runtime.bots.clear()
    assert look(ground)["sandbox"]["strategies"][0]["condition"] == "held"
    assert {one["condition"] for one in look(ground)["test"]["strategies"]} == {"down"}


def test_an_environment_of_another_user_is_shown_by_its_ledger_and_nothing_of_it_is_a_problem(
    ground: Ground, tmp_path: Path
) -> None:
    home = tmp_path / "later"
    home.mkdir()
    (home / "test").symlink_to(tmp_path / "test")
    later = Ground(home)
    later.environments("prod")
    for private in ("observations.sqlite", "databases"):
        (tmp_path / "test" / private).rename(tmp_path / private)
    found = numbers(later.pages.document(Span.MONTH))
    place = next(p for p in found["environments"] if p["name"] == "test")  # type: ignore[attr-defined]
    assert [one["condition"] for one in place["strategies"]] == ["elsewhere", "elsewhere"]
    assert [one["decided"]["decision"] for one in place["strategies"]] == ["hold", "promote"]
    assert (found["outcome"], place["problems"], place["watch"]) == ("DONE", [], None)
    assert [one["problems"] for one in place["strategies"]] == [[], []]


def test_what_another_user_shares_is_drawn_and_its_bots_stand_as_the_last_look_found_them(
    ground: Ground, tmp_path: Path
) -> None:
    home = tmp_path / "monitor"
    home.mkdir()
    for name in ("test", "store"):
        (home / name).symlink_to(tmp_path / name)
    (tmp_path / "test" / "observations.sqlite").chmod(0o640)
    later = Ground(home)
    later.environments("prod")
    later.clock = ground.clock
    place = next(p for p in numbers(later.pages.document(Span.MONTH))["environments"] if p["name"] == "test")  # type: ignore[attr-defined]
    own = look(ground)["test"]
    curves = [[ran["curve"] for ran in one["ran"]] for one in place["strategies"]]
    assert curves == [[ran["curve"] for ran in one["ran"]] for one in own["strategies"]]
    assert all(curve["points"] for drawn in curves for curve in drawn)
    assert [one["positions"] for one in place["strategies"]] == [None, None]
    assert "elsewhere" not in {one["condition"] for one in place["strategies"]}
    assert [one["problems"] for one in place["strategies"]] == [[], []]
    assert place["problems"] == []


def test_who_watches_is_told_and_who_does_not(ground: Ground) -> None:
    assert look(ground)["test"]["watch"]["well"] is False
    with ground.watched("test"):
        found = look(ground)
        assert found["test"]["watch"]["well"] is True
        assert found["sandbox"]["watch"]["well"] is False
        assert found["prod"]["watch"] is None


def test_an_empty_device_is_shown_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = numbers(Ground(tmp_path / "home").pages.document(Span.ALL))
    assert (found["outcome"], found["environments"], found["since"]) == ("DONE", [], "2026-03-01T11:50:00Z")
    assert not (tmp_path / "home").exists()


def test_looking_changes_no_file_and_leaves_none(ground: Ground, tmp_path: Path) -> None:
    def files() -> dict[str, tuple[int, float]]:
        return {
            str(path): (path.stat().st_size, path.stat().st_mtime) for path in tmp_path.rglob("*") if path.is_file()
        }

    before = files()
    ground.pages.page(Span.ALL)
    ground.pages.document(Span.DAY)
    assert files() == before


def test_a_secret_that_lies_in_a_bots_home_is_never_opened(ground: Ground, tmp_path: Path) -> None:
    """Where the file cannot even be read, the page is the same."""
    secret = tmp_path / "test" / "bots" / "test-sma_trend-a" / "secret.json"
    secret.write_text('{"api_server": {"password": "hunter2hunter2"}}')
    before = ground.pages.page(Span.MONTH)
    secret.unlink()
    os.mkfifo(secret)  # Whoever opened it would wait for ever.
    assert ground.pages.page(Span.MONTH) == before
    assert "hunter2" not in before


def test_a_bot_that_has_been_silent_is_not_called_trading(ground: Ground) -> None:
    ground.clock.at = NOW + timedelta(minutes=10)
    assert {one["condition"] for one in look(ground)["test"]["strategies"]} == {"not seen"}
