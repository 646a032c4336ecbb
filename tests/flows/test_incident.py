"""A case is compared with what was recorded of it, and a change in what its ledger comes to, or in what is braked and decided, is told."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.incident_cases import CasesOnDisk, cases_in, unpack_incident
from pipeline.domain.canonical import canonical
from pipeline.domain.incident import TEXTS
from pipeline.domain.incident_replay import Replayed
from pipeline.domain.ledger import Head, after, follow, line
from pipeline.domain.train import brakes, edge
from pipeline.domain.verdict import Outcome
from pipeline.errors import Refused, UsageError
from pipeline.flows.incident import check, record, replay
from pipeline.render.incident import again_text, replayed_outcome
from pipeline.testing.incidents import changed, differences
from tests.incident_ground import Wreck, wreck
from tests.incident_story import Story, disappoints, falls

CASES = CasesOnDisk()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Wreck:
    return wreck(tmp_path_factory.mktemp("device") / "home")


@pytest.fixture
def archive(ground: Wreck, tmp_path: Path) -> Path:
    ground.pack(tmp_path / "case.tar.gz")
    return tmp_path / "case.tar.gz"


def test_an_archive_and_what_is_unpacked_of_it_come_to_the_same(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "braked"
    unpack_incident(archive, folder, lambda path: TEXTS.fullmatch(path) is not None)
    assert record([archive, folder], CASES) == (tmp_path / "case.expected.json", folder / "expected.json")
    assert (tmp_path / "case.expected.json").read_bytes() == (folder / "expected.json").read_bytes()
    assert check([archive, folder], CASES) == {str(archive): (), str(folder): ()}
    assert cases_in(tmp_path) == (folder, archive)
    assert differences(folder) == ()


def test_a_case_that_comes_to_something_else_is_told_with_the_way_to_it(archive: Path, tmp_path: Path) -> None:
    (file,) = record([archive], CASES)
    expected = json.loads(file.read_text())
    expected["state"]["strategies"]["sma_trend"]["holds"] = []
    file.write_text(json.dumps(expected))
    ((told,),) = check([archive], CASES).values()
    assert told.startswith("state.strategies.sma_trend.holds: expected [], found ")
    elsewhere = tmp_path / "other.json"
    record([archive], CASES, elsewhere)
    assert check([archive], CASES, elsewhere) == {str(archive): ()}


def test_a_case_of_which_nothing_was_recorded_or_that_is_damaged_is_no_pass(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not there"):
        check([archive], CASES)
    (file,) = record([archive], CASES)
    file.write_text("{")
    with pytest.raises(Refused, match="is no expectation"):
        check([archive], CASES)
    record([archive], CASES)
    archive.write_bytes(archive.read_bytes()[:-9])
    with pytest.raises(Refused):
        check([archive], CASES)


def test_a_folder_without_a_ledger_is_no_case(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "braked"
    unpack_incident(archive, folder, lambda _: True)
    (folder / "ledger.jsonl.head").unlink()
    with pytest.raises(UsageError, match="holds no case"):
        CASES.read(folder)
    shutil.rmtree(folder)
    unpack_incident(archive, folder, lambda _: True)
    (folder / "index.json").write_text("[]")
    with pytest.raises(Refused, match="holds no case"):
        CASES.read(folder)


@pytest.fixture(scope="module")
def fell(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A packed incident in which brakes of several kinds acted."""
    return packed(falls(tmp_path_factory.mktemp("fell") / "home"), tmp_path_factory.mktemp("fell-out"))


@pytest.fixture(scope="module")
def broke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A packed incident in which a decision took a bundle back."""
    return packed(disappoints(tmp_path_factory.mktemp("broke") / "home"), tmp_path_factory.mktemp("broke-out"))


def packed(device: Story, folder: Path) -> Path:
    """Unpacked into a folder, with what a repository would hold of it."""
    device.pack(folder / "case.tar.gz")
    unpack_incident(folder / "case.tar.gz", folder / "case", lambda path: TEXTS.fullmatch(path) is not None)
    return folder / "case"


def planted(case: Path, to: Path, change: Callable[[Any], None]) -> Path:
    """The same case with something else in what was read."""
    shutil.copytree(case, to)
    file = to / "replay.json"
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    return to


def today(case: Path) -> Replayed:
    (found,) = replay([case], CASES).values()
    return found


def test_what_a_watch_braked_is_braked_again_for_the_same_reason(fell: Path) -> None:
    found = today(fell)
    assert found.differences == ()
    assert [one.what.removeprefix("braked by ") for one in found.again] == [
        "drawdown_max_ratio", "daily_loss_max_ratio", "account_loss_max_ratio", "account_loss_max_ratio", "consecutive_losses", "heartbeat_seconds",
    ]  # fmt: skip
    assert [one.why for one in found.left if one.kind == "released"] == ["by owner", "by owner"]


def test_what_a_watch_decided_is_decided_again_up_to_the_roll_back(broke: Path) -> None:
    found = today(broke)
    assert found.differences == ()
    assert [one.what for one in found.again] == ["decided hold"] * 11 + ["decided roll back"]
    assert "below the backtest's" in found.again[-1].today


def test_a_planted_observation_is_told_with_what_was_recorded_and_what_is_read_today(
    fell: Path, tmp_path: Path
) -> None:
    def less(document: Any) -> None:
        document["readings"]["dip"][0]["points"][-1]["value"] = 85.0

    case = planted(fell, tmp_path / "case", less)
    (one,) = today(case).differences
    assert one.recorded == "The drawdown is 21.25 % (limit 20 %)."
    assert one.today == "not braked (PASS): The drawdown is 15.00 % (limit 20 %)."
    assert changed(case) == (str(one),)
    assert "! line" in again_text(CASES.read(case))


def test_a_planted_trade_moves_the_decisions_that_it_was_there_for(broke: Path, tmp_path: Path) -> None:
    def better(document: Any) -> None:
        for trade in document["bundles"][0]["trades"][-6:]:
            trade["profit_ratio"] = 0.05

    case = planted(broke, tmp_path / "case", better)
    found = today(case)
    assert [one.same for one in found.again] == [True] * 9 + [False] * 3
    assert found.again[-1].recorded.startswith("roll back: ")
    assert found.again[-1].today.startswith("hold: ")


def test_a_threshold_that_was_changed_in_the_code_is_noticed(
    fell: Path, broke: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record([fell, broke], CASES)
    assert (differences(fell), differences(broke)) == ((), ())
    monkeypatch.setattr(brakes, "_peak", lambda points: points[-1].value)
    monkeypatch.setattr(edge, "HIGH_ERROR", 0.0001)
    assert [one.what for one in today(fell).differences] == ["braked by drawdown_max_ratio"]
    assert "decided roll back" in [one.what for one in today(broke).differences]
    assert [told.partition(":")[0] for told in differences(fell)] == ["again[0].today"]
    assert any(told.startswith("again[11].today: ") for told in differences(broke))


def test_another_policy_decides_otherwise(broke: Path, tmp_path: Path) -> None:
    def tolerant(document: Any) -> None:
        document["policy"]["staying"][0]["at_least"] = -0.5

    found = today(planted(broke, tmp_path / "case", tolerant))
    assert [one.what for one in found.differences] == ["decided roll back"]


HOSTILE: dict[str, tuple[Callable[[Any], object], str]] = {
    "no time": (lambda told: told.update(since="yesterday"), "since"),
    "no zone": (lambda told: told.update(since="2026-02-01T00:00:00"), "no zone"),
    "the end of time": (lambda told: told["bundles"][0].update(since="9999-12-31T23:59:59Z"), "after 2200"),
    "equity without times": (lambda told: told["bundles"][0]["equity_at"].pop(), "do not fit"),
    "equity that goes back": (lambda told: told["bundles"][0]["equity_at"].reverse(), "do not fit"),
    "equity beyond time": (lambda told: told["bundles"][0]["equity_at"].__setitem__(-1, 1 << 62), "do not fit"),
    "a limit of nothing": (lambda told: told["readings"]["dip"][0].update(limit="nan"), "the limit of"),
    "a candle of nothing": (
        lambda told: told["readings"]["dip"][0].update(
            candle={"began_at": "2026-02-01T00:00:00Z", "timeframe": "PT0S"}
        ),
        "lasts no time",
    ),
    "a demand of nothing": (lambda told: told["policy"]["staying"][0].update(at_least=None), "finite bounds"),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_material_that_no_device_has_written_is_refused(fell: Path, broke: Path, tmp_path: Path, how: str) -> None:
    change, told = HOSTILE[how]
    with pytest.raises(Refused, match=told):
        today(planted(fell if "limit" in how or "candle" in how else broke, tmp_path / "case", change))


def test_a_case_without_it_has_nothing_to_compute_again_and_is_no_pass(fell: Path, tmp_path: Path) -> None:
    shutil.copytree(fell, tmp_path / "case")
    (tmp_path / "case" / "replay.json").unlink()
    found = {"case": today(tmp_path / "case")}
    assert (found["case"], replayed_outcome(found)) == (Replayed(), Outcome.INCONCLUSIVE)
    assert again_text(CASES.read(tmp_path / "case")) == ""


def test_a_ledger_that_is_not_understood_is_refused(fell: Path, tmp_path: Path) -> None:
    shutil.copytree(fell, tmp_path / "case")
    entry = follow(Head(), datetime(2026, 2, 2, tzinfo=UTC), "invented_later", {})
    (tmp_path / "case" / "ledger.jsonl").write_bytes(line(entry))
    (tmp_path / "case" / "ledger.jsonl.head").write_bytes(canonical(after(Head(), entry)))
    with pytest.raises(Refused, match="unknown kind 'invented_later'"):
        today(tmp_path / "case")
