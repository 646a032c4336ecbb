"""Looking ahead, however it is written; and what only resembles it."""

import pytest

from tests.domain.lint.sources import IN_CLASS, errors, linted, warnings

CLOSE = 'close = dataframe["close"]\n'
BAD = {
    "FT201": [
        "x = close.shift(-1)",
        "x = close.shift(periods=-1)",
        "n = -2\nx = close.shift(n)",
        "n = 1\nn -= 3\nx = close.shift(n)",
        "n = 1 if len(close) > 3 else -1\nx = close.shift(n)",
        "move = close.shift\nx = move(-1)",
        "import pandas as pd\nx = pd.Series.shift(close, -1)",
        "import pandas\nmove = pandas.Series.shift\nx = move(close, periods=-1)",
        "from pandas import Series\nx = Series.shift(close, -1)",
        "import numpy as np\nx = np.roll(close, -1)",
        'x = getattr(close, "shift")(-1)',
        'x = getattr(close, "sh" + "ift")(-1)',
        "x = close.pct_change(-1)",
        "x = close.diff(periods=1 - 2)",
        "x = [close.shift(i) for i in range(-3, 0)]",
        "x = [close.shift(i) for i in (1, -1)]",
        "for i in range(2, -3, -1):\n    x = close.shift(i)",
        'x = close.apply("shift", periods=-1)',
        "from functools import partial\nimport pandas as pd\nx = partial(pd.Series.shift, periods=-1)(close)",
        'from operator import methodcaller\nx = methodcaller("shift", -1)(close)',
        "x = list(map(close.shift, [-1]))",
        "later = lambda column, by: column.shift(-by)\nx = later(close, 1)",
        "def later(column, by=-1):\n    return column.shift(by)\nx = later(close)",
        "def moved(column, by):\n    return column.shift(by)\nx = moved(close, -1)",
        "def moved(column, by):\n    return column.shift(by)\nx = close.pipe(moved, by=-1)",
        'steps = {"n": -1}\nx = close.shift(steps["n"])',
        "steps = [-1]\nx = close.shift(steps[0])",
        "(n := -1)\nx = close.shift(n)",
        "a, b = 1, -1\nx = close.shift(b)",
        "x = close.shift(min(1, -1))",
        'x = close.shift(freq="-1h")',
        'x = dataframe.groupby("volume")["close"].shift(-1)',
        "import pandas_ta as pta\nx = pta.ema(close, length=3, offset=-1)",
        "x = dataframe.ta.ema(length=3, offset=-1)",
    ],
    "FT202": [
        "x = close.iloc[-1]",
        'x = dataframe.iloc[-1]["close"]',
        "x = dataframe.iloc[-1, 3]",
        "x = dataframe.iloc[-5:]",
        "n = -1\nx = close.iat[n]",
        "x = close.values[-1]",
        "x = close.to_numpy()[-1]",
        "x = close.tolist()[-1]",
        "x = close.iloc[len(dataframe) - 1]",
        "last = len(close) - 1\nx = close.iloc[last]",
        "x = close.iloc[dataframe.shape[0] - 1]",
        'x = dataframe.loc[dataframe.index[-1], "close"]',
        "x = dataframe.tail(1)",
        "dataframe = dataframe.copy()\nx = dataframe.tail(1)",
        "x = close.rolling(3).mean().iloc[-1]",
    ],
    "FT203": [
        "x = close.mean()",
        "x = dataframe.close.max()",
        "x = (close - close.mean()) / 2",
        "import numpy as np\nx = np.mean(close)",
        "import numpy as np\nx = np.percentile(close.values, 90)",
        "import statistics\nx = statistics.mean(close)",
        "x = max(close)",
        "x = sorted(close)",
        "x = close.rank(pct=True)",
        "x = close.pct_change().abs().fillna(0).clip(0, 1).astype(float).round(2).quantile(0.9)",
        "import talib.abstract as ta\nx = ta.RSI(dataframe).max()",
        "import talib.abstract as ta\nx = getattr(ta, metadata['name'])(dataframe, timeperiod=4).max()",
        "import pandas as pd\nx = pd.qcut(close, 4)",
        "import pandas as pd\nx = pd.cut(close, 4)",
        'x = dataframe.loc[dataframe["volume"] > 0, "close"].median()',
        'x = dataframe[["open", "close"]].max()',
        "x = dataframe.describe()",
        'x = close.agg("mean")',
        'x = getattr(close, "mean")()',
        "import pandas as pd\nx = pd.Series.mean(close)",
        "def scaled(column):\n    return column / column.max()\nx = scaled(close)",
        "def scaled(column):\n    return column / column.max()\nx = close.pipe(scaled)",
        "dataframe = dataframe.dropna()\nx = dataframe['close'].std()",
    ],
    "FT204": [
        "x = close.bfill()",
        "x = close.backfill()",
        'x = close.fillna(method="bfill")',
        'x = close.reindex(dataframe.index, method="nearest")',
        'x = getattr(close, "bfill")()',
        "fill = close.bfill\nx = fill()",
        'x = close.transform("bfill")',
    ],
    "FT205": [
        "x = close.rolling(5, center=True).mean()",
        "x = close.rolling(5, 1, True).mean()",
        "middle = not False\nx = close.rolling(window=5, center=middle).mean()",
    ],
    "FT206": ["x = close.interpolate()", 'x = close.interpolate(method="linear", limit_direction="forward")'],
    "FT207": [
        "x = close[::-1].rolling(5).max()[::-1]",
        "x = dataframe.iloc[::-1]",
        "import numpy as np\nx = np.flip(close)",
        'x = dataframe.sort_values("date", ascending=False)["close"].rolling(4).max()',
        "x = dataframe.sort_index(ascending=False)",
        "x = list(reversed(close))",
    ],
    "FT208": [
        "import numpy as np\nx = np.gradient(close)",
        "import numpy as np\nx = np.fft.fft(close)",
        'import numpy as np\nx = np.convolve(close, [1, 1, 1], mode="same")',
        "import pandas_ta as pta\nx = pta.dpo(close)",
        'import technical.indicators as ti\nx = ti.ichimoku(dataframe)["chikou_span"]',
    ],
    "FT209": [
        'slow = self.dp.get_pair_dataframe(metadata["pair"], "4h")\nx = dataframe.join(slow, rsuffix="_4h")',
        'slow = self.dp.get_pair_dataframe(metadata["pair"], "4h")\nimport pandas as pd\nx = pd.concat([dataframe, slow], axis=1)',
        'slow = self.dp.get_pair_dataframe(pair="BTC/USDT", timeframe="1d")\ndataframe["slow"] = slow["close"]',
        'slow = self.dp.get_pair_dataframe("BTC/USDT", "1d").rename(columns={"close": "slow"})\n'
        'dataframe["slow"] = dataframe["date"].map(slow.set_index("date")["slow"])',
        'import pandas as pd\nx = pd.merge_asof(dataframe, dataframe, on="date", direction="nearest")',
    ],
}
GOOD = [
    "x = close.shift(1)",
    "x = close.shift()",
    "x = [close.shift(i) for i in range(3, 0, -1)]",
    "x = [close.shift(i) for i in range(5)]",
    "def back(column, by):\n    return column.shift(by)\nx = back(close, 3)",
    "x = dataframe[['open', 'close']].max(axis=1)",
    "x = dataframe.iloc[:, 1:3].mean(axis='columns')",
    "x = close.expanding().max()",
    "x = close.ewm(span=5).mean()",
    "x = close.rolling(5).quantile(0.9)",
    "x = close.rolling(5).apply(lambda w: w.iloc[-1] / w.max(), raw=False)",
    "x = close.rolling(9).corr(dataframe['volume'])",
    "def last(w):\n    return w[-1] - w.mean()\nx = close.rolling(5).apply(last, raw=True)",
    'x = metadata["pair"].split("/")[-1]',
    "x = [1, 2, 3][-1]",
    "x = max([1, 2])",
    "x = close.iloc[0]",
    "x = close.iloc[20:]",
    "x = dataframe.head()",
    "import pandas as pd\nx = pd.concat([dataframe['open'], close], axis=1).max(axis=1)",
    "import pandas as pd\nx = pd.cut(close, bins=[0, 10, 100])",
    "import numpy as np\nx = np.maximum(dataframe['open'], close)",
    "import numpy as np\nx = np.max([dataframe['open'], close], axis=0)",
    "import numpy as np\nx = np.roll(close, 1)",
    "import numpy as np\nx = np.convolve([1, 2], [1, 1], mode='full')",
    "x = [3, 2, 1][::-1]",
    "x = close.sort_index()",
    "x = close.ffill().fillna(0)",
    "x = close.rolling(5, center=False).mean()",
    "for i in range(1, len(close)):\n    x = close.iloc[i - 5]",
    "import pandas_ta as pta\nx = pta.dpo(close, lookahead=False)",
    'other = self.dp.get_pair_dataframe("BTC/USDT", "1d")\nother["mean"] = other["close"].rolling(3).mean()',
    'frames = {}\nframes["btc"] = self.dp.get_pair_dataframe("BTC/USDT", "1d")',
    'other = self.dp.get_pair_dataframe("BTC/USDT", "1d")\nx = ", ".join(other.columns)',
    "x = dataframe.query('close > open and volume > @close')",
]


@pytest.mark.parametrize(
    ("code", "snippet"), [(code, snippet) for code, snippets in BAD.items() for snippet in snippets]
)
def test_looking_ahead_is_found(code: str, snippet: str):
    imports = "".join(f"{line}\n" for line in snippet.splitlines() if line.startswith(("import ", "from ")))
    rest = "\n".join(line for line in snippet.splitlines() if not line.startswith(("import ", "from ")))
    assert code in errors(linted(imports + CLOSE + rest))


@pytest.mark.parametrize("snippet", GOOD)
def test_what_only_resembles_it_is_fine(snippet: str):
    imports = "".join(f"{line}\n" for line in snippet.splitlines() if line.startswith(("import ", "from ")))
    rest = "\n".join(line for line in snippet.splitlines() if not line.startswith(("import ", "from ")))
    found = linted(imports + CLOSE + rest)
    assert [finding for finding in found if finding.rule.startswith("FT2") or not finding.warning] == []


def test_attributes_of_the_class_and_bounds_of_parameters_are_followed():
    snippet = f"""{IN_CLASS}
AHEAD = -3

def populate_exit_trend(self, dataframe, metadata):
    dataframe["x"] = dataframe["close"].shift(self.AHEAD)
    return dataframe
"""
    assert errors(linted(snippet)) == ["FT201"]
    searched = snippet.replace(
        "AHEAD = -3", "from freqtrade.strategy import IntParameter\nAHEAD = IntParameter(-5, 5, default=1)"
    )
    assert errors(linted(searched.replace("self.AHEAD", "self.AHEAD.value"))) == ["FT201"]


def test_functions_of_the_local_package_are_followed():
    package = {
        "sample_lib/__init__.py": b"STEP = -1\n",
        "sample_lib/moves.py": b"""\
def moved(column, by):
    return column.shift(by)


def scaled(column):
    return column / column.max()


def unused(column):
    return column / column.max()
""",
    }
    snippet = """\
from sample_lib import STEP
from sample_lib.moves import moved, scaled as in_scale
dataframe["x"] = moved(dataframe["close"], STEP)
dataframe["y"] = in_scale(dataframe["close"])
"""
    found = linted(snippet, **package)
    assert [(str(f.place), f.rule) for f in found if not f.warning] == [
        ("sample_lib/moves.py:2:12", "FT201"),
        ("sample_lib/moves.py:6:21", "FT203"),
    ]


def test_callbacks_may_look_at_the_last_candle_and_at_all_that_is_known():
    snippet = f"""{IN_CLASS}
def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):
    frame, _ = self.dp.get_analyzed_dataframe(pair, self.timeframe)
    return "top" if frame["close"].iloc[-1] >= frame["close"].max() else None
"""
    assert errors(linted(snippet)) == []


def test_a_method_marked_as_informative_sees_whole_columns_too():
    snippet = f"""{IN_CLASS}
from freqtrade.strategy import informative

@informative("4h")
def on_longer_candles(self, frame, metadata):
    frame["x"] = frame["close"] / frame["close"].max()
    return frame
"""
    assert errors(linted(snippet)) == ["FT203"]


def test_candles_of_the_same_timeframe_joined_by_hand_are_a_warning():
    snippet = 'other = self.dp.get_pair_dataframe("BTC/USDT", self.timeframe)\ndataframe["btc"] = other["close"]'
    assert (errors(linted(snippet)), warnings(linted(snippet))) == ([], ["FT209"])


def test_the_place_counts_characters_from_one():
    found = linted('größe = dataframe["close"].shift(1); x = dataframe["close"].shift(-1)')
    (place,) = [finding.place for finding in found if finding.rule == "FT201"]
    assert place is not None
    assert place.column == 8 + len('größe = dataframe["close"].shift(1); x = ') + 1


def test_a_comment_silences_no_rule():
    found = linted('dataframe["x"] = dataframe["close"].shift(-1)  # noqa: FT201')
    assert errors(found) == ["FT201"]
    assert warnings(found) == ["FT005"]
