from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from pipeline.adapters.engine import FreqtradeChild
from pipeline.adapters.freqtrade.bias import run_bias
from pipeline.domain.job import Limits
from pipeline.domain.verdict import Finding, Outcome, Place
from pipeline.domain.windows import Window
from tests.adapters.freqtrade import bias_ground
from tests.adapters.freqtrade.biased import CROSS, FIVE, MORE, UNSETTLED, source, write
from tests.adapters.freqtrade.honest import KINDS

NEVER = 'dataframe["close"] < 0'
Check = dict[str, list[Finding]]


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bias_ground.lay(tmp_path_factory.mktemp("bias") / "data", days=80)


def check(
    text: str, data_dir: Path, tmp_path: Path, pairs: tuple[str, ...] = bias_ground.PAIRS, **files: str
) -> tuple[Finding, ...]:
    folder = write(tmp_path / "strategy", text, **files)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = run_bias(bias_ground.job(folder, data_dir, pairs=pairs), scratch)
    assert {finding.check for finding in found} == {"bias"}
    return found


def worst(found: tuple[Finding, ...]) -> Outcome:
    return max(finding.outcome for finding in found)


@pytest.mark.parametrize("form", FIVE)
def test_each_of_the_five_forms_of_looking_ahead_fails(form: str, data_dir: Path, tmp_path: Path) -> None:
    assert worst(check(FIVE[form], data_dir, tmp_path)) is Outcome.FAIL


@pytest.mark.parametrize("form", MORE)
def test_other_ways_of_looking_ahead_fail_too(form: str, data_dir: Path, tmp_path: Path) -> None:
    assert worst(check(MORE[form], data_dir, tmp_path)) is Outcome.FAIL


@pytest.mark.parametrize("kind", KINDS)
def test_an_honest_strategy_raises_no_alarm(kind: str, data_dir: Path, tmp_path: Path) -> None:
    found = check(KINDS[kind], data_dir, tmp_path)
    assert worst(found) is Outcome.PASS, [finding.reason for finding in found]


def test_a_finding_names_column_candle_both_values_and_the_line(data_dir: Path, tmp_path: Path) -> None:
    first, *others = check(FIVE["shift"], data_dir, tmp_path)
    text = (tmp_path / "strategy" / "strategy.py").read_text().splitlines()
    assert first.rule == "bias-lookahead"
    assert first.place is not None
    assert 'dataframe["next"] = ' in text[first.place.line - 1]
    words = first.reason.split()
    assert words[:6] == ["`next`", "looks", "ahead:", "on", "BTC/USDT", "at"]
    at = pd.Timestamp(f"{words[6]} {words[7]}", tz="UTC")
    candles = pd.read_feather(data_dir / "BTC_USDT-1h.feather").set_index("date")
    following = candles.loc[at + timedelta(hours=1), "close"]
    assert f"it is {following:.8g} when later candles are known and nothing when they are not" in first.reason
    assert "(30 of 30 comparisons)" in first.reason
    assert {finding.reason.split()[0] for finding in others} == {"`enter_long`", "`exit_long`"}


def test_a_callback_that_knows_the_future_is_named_with_its_line(data_dir: Path, tmp_path: Path) -> None:
    (found,) = check(FIVE["frame on self"], data_dir, tmp_path)
    assert found.rule == "bias-callback"
    assert "`custom_exit` looks ahead: asked about a trade" in found.reason
    assert "'falls' when later candles are known and nothing when they are not" in found.reason
    lines = (tmp_path / "strategy" / "strategy.py").read_text().splitlines()
    assert found.place == Place("strategy.py", 1 + next(n for n, line in enumerate(lines) if "def custom_exit" in line))


def test_a_value_that_is_changed_afterwards_is_said_to_repaint(data_dir: Path, tmp_path: Path) -> None:
    # Only what a bot would have seen is marked, and never the newest candle.
    lines = """
dataframe["mark"] = 0.0
dataframe.loc[dataframe.index[-2:-1] if len(dataframe) < 1900 else [], "mark"] = 1.0
"""
    found = check(source(lines=lines, enter='dataframe["mark"] > 0', leave=NEVER), data_dir, tmp_path)
    assert {(finding.rule, finding.outcome) for finding in found if not finding.warning} == {
        ("bias-repaints", Outcome.FAIL)
    }
    assert "a closed candle, it was 1 at first and became 0 when more candles came" in found[0].reason


def test_a_column_that_nothing_reads_is_a_warning(data_dir: Path, tmp_path: Path) -> None:
    unread = CROSS + '\ndataframe["label"] = dataframe["close"].shift(-1)'
    found = check(source(lines=unread), data_dir, tmp_path)
    assert worst(found) is Outcome.PASS
    assert found[0].warning
    assert "no signal and no callback reads it" in found[0].reason


def test_the_same_column_fails_once_a_callback_names_it(data_dir: Path, tmp_path: Path) -> None:
    more = """
    def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):
        candles, _ = self.dp.get_analyzed_dataframe(pair, self.timeframe)
        return "late" if current_profit > 0.5 and candles["label"].iloc[-2] < 0 else None
"""
    text = source(lines=CROSS + '\ndataframe["label"] = dataframe["close"].shift(-1)', more=more)
    assert worst(check(text, data_dir, tmp_path)) is Outcome.FAIL


def test_a_column_of_a_local_package_is_found_there(data_dir: Path, tmp_path: Path) -> None:
    text = source(
        imports="from future_columns import add",
        lines="dataframe = add(dataframe)",
        enter='dataframe["ahead"] > dataframe["close"]',
        leave=NEVER,
    )
    package = 'def add(frame):\n    frame["ahead"] = frame["close"].shift(-3)\n    return frame\n'
    first = check(text, data_dir, tmp_path, future_columns=package)[0]
    assert first.outcome is Outcome.FAIL
    assert first.place == Place("future_columns.py", 2, 5)


def test_what_a_local_package_remembers_is_forgotten_between_analyses(data_dir: Path, tmp_path: Path) -> None:
    text = source(
        imports="from counting_package import count",
        lines='dataframe["n"] = count(metadata["pair"])',
        enter='(dataframe["n"] < 2) & (dataframe["close"] > dataframe["open"])',
        leave=NEVER,
    )
    package = "SEEN = {}\n\n\ndef count(pair):\n    SEEN[pair] = SEEN.get(pair, 0) + 1\n    return SEEN[pair]\n"
    assert worst(check(text, data_dir, tmp_path, counting_package=package)) is Outcome.PASS


@pytest.mark.parametrize("kind", UNSETTLED)
def test_signals_that_depend_on_the_length_of_the_history_fail(kind: str, data_dir: Path, tmp_path: Path) -> None:
    found = {finding.rule: finding for finding in check(UNSETTLED[kind], data_dir, tmp_path)}
    assert found["bias-lookahead"].outcome is Outcome.PASS
    assert found["bias-unstable"].outcome is Outcome.FAIL
    assert found["bias-unstable"].place is not None
    assert found["bias-unstable"].place.line == 22
    assert "raise startup_candle_count" in found["bias-unstable"].reason


def test_an_indicator_that_is_longer_than_the_start_up_is_a_warning(data_dir: Path, tmp_path: Path) -> None:
    text = source(lines=CROSS + '\ndataframe["long"] = ta.SMA(dataframe, timeperiod=90)', startup=30)
    found = {finding.rule: finding for finding in check(text, data_dir, tmp_path)}
    assert found["bias-startup"].warning
    assert found["bias-startup"].reason.startswith("after 30 start-up candles there is no value yet in `long`")


def test_values_that_never_settle_but_decide_nothing_are_a_warning(data_dir: Path, tmp_path: Path) -> None:
    found = {finding.rule: finding for finding in check(KINDS["sessions and volume"], data_dir, tmp_path)}
    assert found["bias-values"].warning
    assert "`obv` by" in found["bias-values"].reason


def test_random_values_are_not_taken_for_looking_ahead(data_dir: Path, tmp_path: Path) -> None:
    text = source(lines=CROSS + '\ndataframe["dice"] = np.random.default_rng().random(len(dataframe))')
    (found,) = check(text, data_dir, tmp_path)
    assert (found.rule, found.outcome) == ("bias-repeatable", Outcome.ERROR)
    assert found.reason.endswith(": dice")


def test_a_strategy_without_signals_is_compared_by_its_indicators(data_dir: Path, tmp_path: Path) -> None:
    found = {finding.rule: finding for finding in check(source(enter=NEVER, leave=NEVER), data_dir, tmp_path)}
    assert {finding.outcome for finding in found.values()} == {Outcome.PASS}
    assert found["bias-signals"].warning


@pytest.mark.parametrize("value", ["1.0", "np.nan", "None", '""', "pd.NaT", "np.inf", "True", "dataframe['date']"])
def test_constant_and_empty_indicators_are_no_alarm(value: str, data_dir: Path, tmp_path: Path) -> None:
    found = check(source(lines=f'{CROSS}\ndataframe["constant"] = {value}'), data_dir, tmp_path)
    assert worst(found) is Outcome.PASS
    assert not any(finding.warning for finding in found)


def test_a_single_pair_is_enough(data_dir: Path, tmp_path: Path) -> None:
    found = check(FIVE["shift"], data_dir, tmp_path, pairs=("ETH/USDT",))
    assert worst(found) is Outcome.FAIL
    assert "(10 of 10 comparisons)" in found[0].reason


def test_too_few_candles_decide_nothing(data_dir: Path, tmp_path: Path) -> None:
    (found,) = check(source(startup=80 * 24 - 59), data_dir, tmp_path)
    assert (found.rule, found.outcome) == ("bias-candles", Outcome.INCONCLUSIVE)
    assert "too few candles" in found.reason


def test_a_pair_without_candles_decides_nothing(data_dir: Path, tmp_path: Path) -> None:
    (found,) = check(source(), data_dir, tmp_path, pairs=("BTC/USDT", "XRP/USDT"))
    assert found.outcome is not Outcome.PASS


def test_short_data_are_searched_for_looking_ahead_all_the_same(data_dir: Path, tmp_path: Path) -> None:
    found = check(source(startup=80 * 24 - 100), data_dir, tmp_path)
    assert worst(found) is Outcome.PASS
    assert "too few candles to try how values depend on the history" in found[1].reason
    assert found[1].warning


def test_nothing_after_the_last_window_is_looked_at(data_dir: Path, tmp_path: Path) -> None:
    dates = pd.read_feather(data_dir / "BTC_USDT-1h.feather")["date"]
    end = dates.iloc[900].to_pydatetime()
    text = source(lines=f'{CROSS}\nassert dataframe["date"].iloc[-1] < pd.Timestamp("{end.isoformat()}")')
    job = bias_ground.job(write(tmp_path / "strategy", text), data_dir)
    job = replace(job, windows=(Window("w", end - timedelta(days=10), end),))
    (tmp_path / "scratch").mkdir()
    assert worst(run_bias(job, tmp_path / "scratch")) is Outcome.PASS


def test_a_strategy_that_needs_later_candles_to_run_at_all_is_an_error(data_dir: Path, tmp_path: Path) -> None:
    found = check(source(lines=CROSS + "\nassert len(dataframe) > 1900"), data_dir, tmp_path)
    assert [finding.outcome for finding in found] == [Outcome.ERROR]
    assert found[0].place == Place("strategy.py", 24)
    assert "raises AssertionError when there are no candles after" in found[0].reason


def test_a_strategy_that_raises_is_an_error_with_its_line(data_dir: Path, tmp_path: Path) -> None:
    (found,) = check(source(lines='dataframe["rzi"]'), data_dir, tmp_path)
    assert (found.outcome, found.place) == (Outcome.ERROR, Place("strategy.py", 22))
    assert found.reason == "raises KeyError on the candles of the data set: 'rzi'"


def test_equal_input_gives_equal_findings(data_dir: Path, tmp_path: Path) -> None:
    text = FIVE["uncut informative"]
    first = check(text, data_dir, tmp_path / "one")
    assert first == check(text, data_dir, tmp_path / "two")


@pytest.mark.processes
def test_the_engine_s_child_answers_for_the_check(data_dir: Path, tmp_path: Path) -> None:
    job = bias_ground.job(write(tmp_path, FIVE["frame on self"]), data_dir)
    measured = FreqtradeChild().measure(replace(job, limits=Limits(seconds=60.0)))
    assert [finding.rule for finding in measured.bias] == ["bias-callback"]
    assert measured.behaviour == ()
    killed = write(tmp_path, source(lines="import os; os._exit(0)"))
    (finding,) = FreqtradeChild().measure(replace(job, strategy_dir=str(killed))).bias
    assert finding.outcome is Outcome.ERROR
    assert finding.reason.startswith("The process of the bias check ended itself")
