from pathlib import Path

import pytest

from pipeline.adapters.freqtrade.contract import run_contract
from pipeline.adapters.freqtrade.loader import load_strategy
from pipeline.domain.verdict import Finding, Outcome
from tests.testing.example import NAME, write_example


def contract(folder: Path) -> dict[str, Finding]:
    found = run_contract(lambda: load_strategy(folder, NAME), str(folder))
    assert len({finding.rule for finding in found}) == len(found)
    return {finding.rule: finding for finding in found}


def test_a_sound_strategy_fulfils_every_case_without_a_warning(tmp_path: Path) -> None:
    found = contract(write_example(tmp_path))
    assert {rule: finding.outcome for rule, finding in found.items()} == {
        "contract-raises": Outcome.PASS,
        "contract-deterministic": Outcome.PASS,
        "contract-columns": Outcome.PASS,
        "contract-pairs": Outcome.PASS,
        "contract-startup": Outcome.PASS,
        "contract-dead-volume": Outcome.PASS,
    }
    assert not any(finding.warning for finding in found.values())


def test_random_values_are_not_deterministic(tmp_path: Path) -> None:
    found = contract(write_example(tmp_path, populate='dataframe["dice"] = np.random.rand(len(dataframe))'))
    assert found["contract-deterministic"].outcome is Outcome.FAIL
    assert found["contract-deterministic"].reason == "gives other values when it is loaded a second time: dice"
    assert "contract-pairs" not in found


def test_a_counter_kept_on_self_is_not_deterministic(tmp_path: Path) -> None:
    found = contract(write_example(tmp_path, populate='self.n = getattr(self, "n", 0) + 1\ndataframe["n"] = self.n'))
    assert "when the same candles come a second time: n" in found["contract-deterministic"].reason


def test_what_one_pair_leaves_on_self_must_not_change_another(tmp_path: Path) -> None:
    populate = 'self.seen = getattr(self, "seen", set()) | {metadata["pair"]}\ndataframe["seen"] = len(self.seen)'
    found = contract(write_example(tmp_path, populate=populate))
    assert found["contract-deterministic"].outcome is Outcome.PASS
    assert found["contract-pairs"].outcome is Outcome.FAIL
    assert found["contract-pairs"].reason.endswith("(is something kept on self?): seen")


@pytest.mark.parametrize(
    ("populate", "reason"),
    [
        ('dataframe["close"] = dataframe["close"].rolling(3).mean()', "changes the candles it was given: close"),
        ("dataframe = dataframe.iloc[5:]", "no candle may be dropped or added"),
        ('dataframe = dataframe.drop(columns="low")', "drops the column low"),
    ],
)
def test_the_candles_stay_as_they_were(tmp_path: Path, populate: str, reason: str) -> None:
    kept = contract(write_example(tmp_path, populate=populate))["contract-columns"]
    assert kept.outcome is Outcome.FAIL
    assert reason in kept.reason


@pytest.mark.parametrize(
    ("populate", "market"),
    [
        ('assert dataframe["close"].nunique() > 100', "on the market flat(120)"),
        ('1 / int((dataframe["volume"] > 0).tail(60).sum())', "silent(120)"),
        ('assert dataframe["date"].diff().iloc[1:].nunique() == 1', "outage(40)"),
        ('assert dataframe["close"].max() < 1e5', "at a price of 1e+06"),
        ('assert dataframe["close"].pct_change().min() > -0.5', "gap(-0.6, 20)"),
    ],
)
def test_a_strategy_that_raises_on_an_extreme_market_is_an_error_with_its_line(
    tmp_path: Path, populate: str, market: str
) -> None:
    found = contract(write_example(tmp_path, populate=populate))
    assert list(found) == ["contract-raises"]
    raised = found["contract-raises"]
    assert raised.outcome is Outcome.ERROR
    assert market in raised.reason
    assert raised.place is not None
    assert (raised.place.file, raised.place.line) == ("strategy.py", line_of(tmp_path, populate))


def test_markets_that_nobody_thought_of_are_made_and_shrunk(tmp_path: Path) -> None:
    # Fewer candles than any market of the fixed list has.
    found = contract(write_example(tmp_path, populate="assert len(dataframe) > 90, 'few candles'"))
    assert found["contract-raises"].outcome is Outcome.ERROR
    assert "AssertionError on the market" in found["contract-raises"].reason
    assert found["contract-raises"].reason.endswith(": few candles")
    assert found == contract(tmp_path)


def test_a_forgotten_return_is_said_in_words(tmp_path: Path) -> None:
    found = contract(write_example(tmp_path, populate="return"))["contract-raises"]
    assert found.outcome is Outcome.ERROR
    assert "is `return dataframe` missing?" in found.reason


def test_a_strategy_that_cannot_be_loaded_is_an_error_with_its_line(tmp_path: Path) -> None:
    folder = write_example(tmp_path, extra="import not_installed_anywhere")
    found = contract(folder)["contract-raises"]
    assert found.outcome is Outcome.ERROR
    assert "raises ModuleNotFoundError when it is loaded" in found.reason
    assert found.place is not None
    assert found.place.line == line_of(folder, "import not_installed_anywhere")


def test_signals_within_the_start_up_are_a_warning(tmp_path: Path) -> None:
    populate = 'dataframe["fast"], dataframe["slow"] = dataframe["close"] * 2, dataframe["close"]'
    early = contract(write_example(tmp_path, populate=populate))["contract-startup"]
    assert (early.outcome, early.warning) == (Outcome.PASS, True)
    assert early.reason.startswith("signals 49 entries within its first 50 candles")


def test_signals_where_nobody_trades_are_a_warning(tmp_path: Path) -> None:
    extra = """
def populate_exit_trend(self, dataframe, metadata):
    dataframe["exit_long"] = (dataframe["volume"] == 0).astype(int)
    return dataframe
"""
    dead = contract(write_example(tmp_path, extra=extra))["contract-dead-volume"]
    assert (dead.outcome, dead.warning) == (Outcome.PASS, True)
    assert dead.reason.startswith("signals 40 exits on candles without volume")


def test_nothing_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    contract(write_example(tmp_path / "example"))
    assert list(work.iterdir()) == []


def line_of(folder: Path, code: str) -> int:
    lines = (folder / "strategy.py").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if code in line)
