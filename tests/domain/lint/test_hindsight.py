"""Dates that are written out, however they are written and compared; and every honest use of the calendar."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.domain.lint import lint
from tests.adapters.freqtrade.honest import KINDS
from tests.domain.lint.sources import IN_CLASS, PINNED, candidate, errors, linted, strategy, warnings
from tests.trading_styles import HONEST, write_style

DT = "from datetime import date, datetime, timedelta, timezone\n"
PD = "import pandas as pd\n"
NP = "import numpy as np\n"
EXIT = "def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):\n    "

COMPARED = [
    'x = dataframe["date"] > "2024-03-01"',
    'x = "2024-03-01 12:00:00+00:00" <= dataframe["date"]',
    'x = dataframe.date >= "2024-03"',
    'x = dataframe["date"] > "2024"',
    'x = dataframe["date"] > "20240301"',
    'x = dataframe["date"] < "3/1/2024"',
    'x = dataframe["date"] < "Mar 5, 2024"',
    'x = dataframe["date_4h"] == "2024-03-01"',
    'x = ("2024-03-01" < dataframe["date"]) & (dataframe["date"] < "2024-04-01")',
    DT + 'x = dataframe["date"] > datetime(2024, 3, 1, tzinfo=timezone.utc)',
    DT + 'x = dataframe["date"].dt.date == date(2024, 3, 1)',
    "import datetime as dt\nx = dataframe['date'] > dt.datetime(year=2024, month=3, day=1)",
    DT + 'x = dataframe["date"] > datetime.strptime("2024-03-01", "%Y-%m-%d")',
    DT + 'x = dataframe["date"] > datetime.fromtimestamp(1709251200, timezone.utc)',
    DT + 'x = dataframe["date"] > datetime(1970, 1, 1) + timedelta(days=19783)',
    DT + 'x = dataframe["date"] > datetime(2024, 3, 1) + timedelta(hours=12)',
    PD + 'x = dataframe["date"] > pd.Timestamp("2024-03-01", tz="UTC")',
    PD + 'x = dataframe["date"] > pd.Timestamp(2024, 3, 1).tz_localize("UTC")',
    PD + 'x = dataframe["date"] > pd.Timestamp(1709251200, unit="s")',
    PD + 'x = dataframe["date"] > pd.to_datetime("2024-03-01", utc=True)',
    PD + 'x = dataframe["date"].isin(pd.date_range("2024-03-01", "2024-03-05"))',
    "from pandas import Timestamp as T\nx = dataframe['date'] > T('2024-03-01')",
    NP + 'x = dataframe["date"].to_numpy() > np.datetime64("2024-03-01")',
    NP + 'x = dataframe["date"].values >= np.datetime64("2024")',
    "from freqtrade.util import dt_utc\nx = dataframe['date'] > dt_utc(2024, 3, 1)",
    'x = dataframe["date"].between("2024-01-01", "2024-02-01")',
    'x = dataframe["date"].between(left="2024-01-01", right="2024-02-01")',
    'x = dataframe["date"].isin(["2024-01-01", "2024-02-01"])',
    'x = dataframe["date"].ge("2024-01-01")',
    'x = dataframe["date"].dt.year == 2024',
    'x = dataframe["date"].dt.year.isin([2023, 2024])',
    'x = (dataframe["date"].dt.year == 2024) & (dataframe["date"].dt.month == 5) & (dataframe["date"].dt.day == 3)',
    'x = dataframe["date"].dt.year - 2000 == 24',
    'x = dataframe["date"].dt.year % 100 == 24',
    'x = dataframe["date"].astype("int64") // 10**9 - 1714521600 < 86400',
    'x = dataframe["date"].dt.year * 100 + dataframe["date"].dt.month == 202405',
    'x = dataframe["date"].dt.strftime("%Y-%m-%d") == "2024-05-03"',
    'x = dataframe["date"].dt.strftime("%Y%m").isin({"202405", "202406"})',
    'x = dataframe["date"].astype(str).str.startswith("2024-05")',
    'x = dataframe["date"].astype("int64") // 10**9 > 1714521600',
    'x = dataframe["date"].astype("int64") > 1714521600 * 1000 * 1000 * 1000',
    'x = dataframe["date"].map(lambda d: d.year == 2024)',
    'x = dataframe["date"].map(lambda d: d.timestamp()) > 1.7e9',
    PD + 'x = (dataframe["date"] - pd.Timestamp("1970-01-01", tz="UTC")) // pd.Timedelta("1s") > 1714521600',
    PD + 'x = (dataframe["date"] - pd.Timestamp("2024-01-01", tz="UTC")).dt.days.between(10, 20)',
    PD + 'x = (dataframe["date"] - pd.Timestamp("2024-01-01", tz="UTC")) > pd.Timedelta(days=30)',
    NP + 'x = np.isin(dataframe["date"].dt.year, [2024])',
    NP + 'x = np.where(dataframe["date"] > "2024-03-01", 1, 0)',
    NP + 'x = np.searchsorted(dataframe["date"], np.datetime64("2024-03-01"))',
    PD + 'x = pd.cut(dataframe["date"], bins=pd.to_datetime(["2024-01-01", "2024-02-01"]))',
    "import operator\nx = operator.gt(dataframe['date'], '2024-03-01')",
]
INDEXED = [
    'dataframe = dataframe.set_index("date")\nx = dataframe.loc["2024-01-01":"2024-02-01"]',
    'dataframe = dataframe.set_index("date")\nx = dataframe.loc["2024-01"]',
    'dataframe = dataframe.set_index("date")\ndataframe.loc["2024-01-01", "enter_long"] = 1',
    'x = dataframe.set_index("date")["2024-01-01":]',
    'x = dataframe.set_index("date").truncate(before="2024-01-01")',
    'dataframe = dataframe.set_index("date")\nx = dataframe.index > "2024-01-01"',
    'dataframe = dataframe.set_index("date")\nx = dataframe.index.get_loc("2024-01-01")',
    PD + "x = dataframe.set_index('date').at[pd.Timestamp('2024-01-01'), 'close']",
    "x = dataframe.query(\"date > '2024-03-01'\")",
    'x = dataframe.query("date.dt.year == 2024")',
    'start = "2024-03-01"\nx = dataframe.query("date > @start")',
    PD + 'x = pd.DataFrame({"date": pd.to_datetime(["2024-01-01"]), "signal": [1]})',
    PD + 'x = dataframe["date"].map({pd.Timestamp("2024-01-01", tz="UTC"): 1})',
]
NAMED = [
    'start = "2024-03-01"\nx = dataframe["date"] > start',
    'start, end = "2024-03-01", "2024-04-01"\nx = dataframe["date"].between(start, end)',
    'for start, end in [("2024-03-01", "2024-03-05"), ("2024-05-01", "2024-05-05")]:\n'
    '    dataframe.loc[dataframe["date"].between(start, end), "x"] = 1',
    'windows = [("2024-03-01", "2024-03-05")]\nfor start, end in windows:\n    x = dataframe["date"].between(start, end)',
    'days = {"2024-03-01": 1}\nfor day, value in days.items():\n    dataframe.loc[dataframe["date"] == day, "x"] = value',
    'x = any(str(day) in ("2024-03-01",) for day in dataframe["date"])',
    'year, month = "2024", "03"\nx = dataframe["date"] > f"{year}-{month}-01"',
    'x = dataframe["date"] > "2024" + "-03-01"',
    'dataframe["year"] = dataframe["date"].dt.year\nx = dataframe["year"] == 2024',
    'when = dataframe["date"]\nx = when > "2024-03-01"',
    'days = set(["2024-03-01"])\nx = dataframe["date"].dt.strftime("%Y-%m-%d").isin(days)',
    "for row in dataframe.itertuples():\n    x = row.date > '2024-03-01'",
    "for _, row in dataframe.iterrows():\n    x = row['date'].year in (2023, 2024)",
    "from freqtrade.strategy import CategoricalParameter\nday = CategoricalParameter(['2024-03-01', '2024-04-01'])\n"
    "x = dataframe['date'] > day.value",
    "from freqtrade.strategy import IntParameter\nyear = IntParameter(2020, 2026)\nx = dataframe['date'].dt.year == year.value",
    "match dataframe['date'].iloc[0].year:\n    case 2024:\n        x = 1",
]
IN_CALLBACKS = [
    EXIT + 'return "now" if str(current_time.date()) == "2024-03-01" else None',
    EXIT + 'return "now" if current_time.year == 2024 and current_time.month == 3 else None',
    EXIT + 'return "now" if (current_time.year, current_time.month) == (2024, 3) else None',
    EXIT + 'return "now" if current_time.timestamp() > 1709251200 else None',
    EXIT + 'return "now" if trade.open_timestamp > 1709251200000 else None',
    EXIT + 'return "now" if trade.open_date_utc.strftime("%Y%m%d") == "20240301" else None',
    EXIT + 'return "now" if f"{current_time:%Y-%m}" in ("2024-03", "2024-04") else None',
    EXIT + 'return "now" if f"{current_time.year}-{current_time.month}" == "2024-3" else None',
    EXIT + 'return "now" if current_time.isoformat().startswith("2024-03") else None',
    EXIT + 'return "now" if current_time.timetuple()[0] == 2024 else None',
    EXIT + 'return "now" if int(str(trade.open_date)[:4]) == 2024 else None',
    EXIT + 'return {"2024-03-01": "now"}.get(str(current_time.date()))',
    EXIT + 'return {"2024-03-01": "now"}[str(current_time.date())]',
    EXIT + 'return "now" if current_time.toordinal() == 738946 else None',
    EXIT
    + 'return "now" if self.late(current_time) else None\n\ndef late(self, when):\n    return str(when) > "2024-03-01"',
    'DAYS = {"2024-03-01": "now"}\n\n' + EXIT + 'return "now" if str(current_time.date()) in self.DAYS else None',
    EXIT + "self.lock_pair(pair, until=datetime(2024, 3, 1))",
    EXIT + 'return "x" if Trade.get_trades_proxy(pair=pair, open_date=datetime(2024, 3, 1)) else None',
    EXIT + 'return "x" if max(current_time, datetime(2024, 3, 1)) == current_time else None',
    EXIT + 'return "x" if current_time.replace(year=2024) == current_time else None',
    'LAST = "2024-03-01"\n\n' + EXIT + 'return "now" if current_time.isoformat() > self.LAST else None',
]

GOOD = [
    'x = dataframe["date"].dt.hour > 20',
    'x = dataframe["date"].dt.year % 4 == 0',
    'x = dataframe["date"].dt.hour * 100 + dataframe["date"].dt.minute > 1930',
    'x = dataframe["date"].dt.dayofweek.isin([5, 6])',
    'x = dataframe["date"].dt.day_name() == "Monday"',
    'x = dataframe["date"].dt.month.isin([10, 11, 12])',
    'x = (dataframe["date"].dt.month == 12) & (dataframe["date"].dt.day > 20)',
    'x = dataframe["date"].dt.quarter == 4',
    'x = dataframe["date"].dt.strftime("%H:%M") == "08:00"',
    'x = dataframe["date"].dt.strftime("%H%M").astype(int) > 2015',
    'x = dataframe["date"].dt.strftime("%m-%d") == "12-24"',
    "from datetime import time\nx = dataframe['date'].dt.time >= time(20, 15)",
    'x = dataframe.set_index("date").between_time("08:00", "20:15")',
    'x = dataframe["date"] >= dataframe["date"].shift(1)',
    'x = dataframe["date"].diff().dt.total_seconds() > 3600',
    'x = dataframe["date"] - dataframe["date"].iloc[0]',
    'x = dataframe["date"].astype("int64") // 10**9 % 86400 < 3600',
    PD + 'x = (dataframe["date"] - pd.Timestamp("1970-01-01", tz="UTC")) // pd.Timedelta("1h") % 4 == 0',
    PD + 'x = (dataframe["date"] - pd.Timestamp("2000-01-06", tz="UTC")).dt.days % 29.53 < 2',
    PD + 'x = (dataframe["date"] - pd.Timestamp("2020-05-11", tz="UTC")).dt.days % 1460 < 400',
    PD + 'x = (dataframe["date"] - pd.Timestamp("2009-01-03", tz="UTC")).dt.days ** 5.8 < dataframe["close"]',
    PD + 'x = pd.Timestamp("2024-01-01")',
    'x = dataframe["close"] > 2024',
    'x = dataframe["close"] > 1709251200',
    'x = dataframe["volume"] > 20240301',
    'x = dataframe["close"].rolling(2016).mean() > 2016',
    'x = dataframe["index"] > 2000',
    "x = dataframe.index > 2000",
    'x = metadata["pair"] in ("BTC/USDT", "ETH/USDT")',
    'x = metadata["pair"] == "2024"',
    "x = len(dataframe) > 2000",
    "dataframe['update'] = dataframe['close'] * 2\nx = dataframe['update'] > 2024",
    'dataframe.loc[dataframe["close"] > 2024, "enter_tag"] = "since 2024-03-01"',
    "import logging\nlogging.getLogger(__name__).info('revised 2024-03-01')",
    'x = {"2024": 1}["2024"]',
    "day = dataframe['date'].dt.date\nx = dataframe['volume'].groupby(day).cumsum() > 5000",
    "merged = dataframe[['date']].merge(dataframe, on='date')\nx = merged['close'] > 2024",
    DT + "assert date(2024, 1, 1) < date(2024, 2, 1)",
]
GOOD_IN_CALLBACKS = [
    EXIT + "return 'late' if current_time.hour == 20 and current_time.weekday() < 5 else None",
    EXIT + "return 'old' if (current_time - trade.open_date_utc).total_seconds() > 7200 else None",
    EXIT + "return 'old' if current_time.timestamp() * 1000 - trade.open_timestamp > 86400000 else None",
    EXIT + "return 'old' if (current_time - trade.open_date_utc).days > 30 else None",
    EXIT + "return 'old' if trade.nr_of_successful_entries > 3000 else None",
    EXIT + "return 'rich' if current_rate > 2024 and trade.open_rate < 1709251200 else None",
    EXIT + "return 'month' if current_time.strftime('%B') == 'March' else None",
    EXIT + "return 'same' if current_time.year == trade.open_date_utc.year else None",
    EXIT + "year = datetime(current_time.year, 1, 1)\n    return 'x' if current_time > year else None",
    EXIT + "return 'old' if trade.open_date_utc + timedelta(days=2) < current_time else None",
    EXIT + "self.lock_pair(pair, until=current_time + timedelta(hours=20))",
    EXIT + "latest = max(trade.open_date_utc, current_time)\n    return 'x' if latest > current_time else None",
    EXIT + "return 'first' if current_time.date() != trade.open_date_utc.date() else None",
    'opened = 0.0\n\n' + EXIT + "self.opened = current_time.timestamp()\n    return 'x' if current_time.timestamp() - self.opened > 7200 else None",
    EXIT + 'candles, _ = self.dp.get_analyzed_dataframe(pair, self.timeframe)\n'
    '    past = candles[candles["date"] <= trade.open_date_utc]\n    return "x" if past["close"].iloc[-1] > 2024 else None',
    "def version(self):\n    return '2024-03-01'",
]  # fmt: skip


@pytest.mark.parametrize("snippet", [*COMPARED, *INDEXED, *NAMED])
def test_a_date_that_is_written_out_is_found(snippet: str):
    assert "FT214" in errors(linted(snippet))


@pytest.mark.parametrize("snippet", IN_CALLBACKS)
def test_a_date_in_a_callback_is_found(snippet: str):
    text = "from datetime import datetime\nfrom freqtrade.persistence import Trade\n" + strategy(
        f"{IN_CLASS}\n{snippet}"
    )
    assert set(errors(lint(candidate(text), PINNED))) == {"FT214"}


@pytest.mark.parametrize("snippet", GOOD)
def test_what_comes_round_again_or_is_no_date_is_fine(snippet: str):
    found = linted(snippet)
    assert "FT214" not in errors(found) + warnings(found), found


@pytest.mark.parametrize("snippet", GOOD_IN_CALLBACKS)
def test_durations_and_seasons_in_callbacks_are_fine(snippet: str):
    found = lint(candidate("from datetime import datetime, timedelta\n" + strategy(f"{IN_CLASS}\n{snippet}")), PINNED)
    assert errors(found) == [], found


@pytest.mark.parametrize("name", KINDS)
def test_the_kinds_of_the_bias_check_know_no_dates(name: str):
    found = lint(candidate(KINDS[name], "Sample"), PINNED)
    assert not {"FT214", "FT407", "FT108"} & set(errors(found)), found


@pytest.mark.parametrize("name", HONEST)
def test_the_styles_of_the_audit_know_no_dates(name: str, tmp_path: Path):
    text = (write_style(tmp_path, HONEST[name]) / "strategy.py").read_text()
    found = lint(candidate(text, "Styled"), PINNED)
    assert not {"FT214", "FT407"} & set(errors(found) + warnings(found)), found


def test_the_sample_that_freqtrade_brings_along_knows_no_dates():
    folder = next(iter(find_spec("freqtrade").submodule_search_locations))
    text = (Path(folder) / "templates" / "sample_strategy.py").read_text()
    found = lint(candidate(text, "SampleStrategy"), PINNED)
    assert not {"FT214", "FT402", "FT407"} & set(errors(found) + warnings(found)), found


def test_the_finding_names_the_date_its_place_and_what_to_do():
    (found,) = [f for f in linted('x = dataframe["date"] > "2024-03-01"') if f.rule == "FT214"]
    assert found.reason == (
        '"2024-03-01" is a day that does not come again: who chose it knew what happened then. '
        "Decide by what the candles show; hour, weekday and month may be used, a date or year may not."
    )
    assert str(found.place) == "strategy.py:16:13"


def test_a_date_that_is_written_elsewhere_is_told_with_both_places():
    (found,) = [
        f
        for f in linted(
            f"{IN_CLASS}\nSTART = \"2024-03-01\"\n{EXIT}return 'x' if str(current_time) > self.START else None"
        )
        if f.rule == "FT214"
    ]
    assert '"2024-03-01" (strategy.py:13)' in found.reason
    assert found.place is not None
    assert found.place.line == 15


def test_a_constant_of_the_local_package_is_followed():
    package = {"sample_lib/__init__.py": b"", "sample_lib/days.py": b'DAYS = ("2024-03-01", "2024-03-02")\n'}
    snippet = 'from sample_lib.days import DAYS\nx = dataframe["date"].dt.strftime("%Y-%m-%d").isin(DAYS)'
    (found,) = [f for f in lint(candidate(strategy(snippet), **package), PINNED) if not f.warning]
    assert (found.rule, found.place and found.place.file) == ("FT214", "strategy.py")
    assert "sample_lib/days.py:1" in found.reason


def test_a_moment_to_begin_with_that_is_replaced_later_is_a_warning():
    snippet = f"""{IN_CLASS}
def bot_start(self, **kwargs):
    self.last = datetime(2020, 1, 1)

{EXIT}waited = current_time > self.last
    self.last = current_time
    return "x" if waited else None"""
    found = lint(candidate("from datetime import datetime\n" + strategy(snippet)), PINNED)
    assert (errors(found), warnings(found)) == ([], ["FT214"])


def test_dates_in_tests_are_nobodys_business():
    tests = b'def test_x(strategy):\n    assert strategy.frame["date"].iloc[0] > "2024-01-01"\n'
    assert lint(candidate(strategy(), **{"test_strategy.py": tests}), PINNED) == ()
