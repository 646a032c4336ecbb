"""Honest strategies of many kinds, as people write them; none of them knows what had not happened yet."""

from tests.adapters.freqtrade.biased import CROSS, source

ATR_STOP = """
    use_custom_stoploss = True

    def custom_stoploss(self, pair, trade, current_time, current_rate, current_profit, after_fill, **kwargs):
        candles, _ = self.dp.get_analyzed_dataframe(pair, self.timeframe)
        if candles.empty:
            return None
        wanted = current_rate - 3 * candles["atr"].iloc[-1]
        return stoploss_from_absolute(wanted, current_rate, is_short=trade.is_short, leverage=trade.leverage)
"""

KINDS = {
    "averages": source(),
    "heikin-ashi": source(
        imports="from technical import qtpylib",
        lines="""
heikin = qtpylib.heikinashi(dataframe)
dataframe["ha_open"], dataframe["ha_close"] = heikin["open"], heikin["close"]
dataframe["ha_green"] = dataframe["ha_close"] > dataframe["ha_open"]
""",
        enter='dataframe["ha_green"] & ~dataframe["ha_green"].shift(1, fill_value=False)',
        leave='~dataframe["ha_green"]',
        startup=60,
    ),
    "informative decorators": source(
        more="""
    @informative("4h")
    @informative("1d")
    def populate_indicators_longer(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["mean"] = ta.SMA(dataframe, timeperiod=10)
        return dataframe

    @informative("4h", "BTC/{stake}")
    def populate_indicators_btc(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["rsi"] = ta.RSI(dataframe, timeperiod=14)
        return dataframe
""",
        enter='(dataframe["close"] > dataframe["mean_4h"]) & (dataframe["btc_usdt_rsi_4h"] > 45)',
        leave='dataframe["close"] < dataframe["mean_1d"]',
        startup=120,
    ),
    "informative pairs": source(
        lines="""
for timeframe in ("1h", "4h"):
    btc = self.dp.get_pair_dataframe("BTC/USDT", timeframe)
    btc["btc_mean"] = ta.SMA(btc, timeperiod=12)
    btc["btc_close"] = btc["close"]
    btc = btc[["date", "btc_mean", "btc_close"]]
    dataframe = merge_informative_pair(dataframe, btc, self.timeframe, timeframe, ffill=True)
dataframe["strength"] = dataframe["close"] / dataframe["btc_close_1h"]
dataframe["strength_mean"] = dataframe["strength"].rolling(24).mean()
""",
        more="""
    def informative_pairs(self):
        return [("BTC/USDT", "1h"), ("BTC/USDT", "4h")]
""",
        enter='(dataframe["btc_close_4h"] > dataframe["btc_mean_4h"]) & (dataframe["strength"] > dataframe["strength_mean"])',
        leave='dataframe["btc_close_1h"] < dataframe["btc_mean_1h"]',
    ),
    "pivots": source(
        lines="""
wing = 4
high = dataframe["high"]
middle = high.shift(wing)
confirmed = middle == high.rolling(2 * wing + 1).max()
dataframe["pivot_high"] = middle.where(confirmed).ffill()
lows = dataframe["low"].to_numpy()
found = np.full(len(lows), np.nan)
for row in range(2 * wing, len(lows)):
    window = lows[row - 2 * wing : row + 1]
    if window[wing] == window.min():
        found[row] = window[wing]
dataframe["pivot_low"] = pd.Series(found, index=dataframe.index).ffill()
""",
        enter='dataframe["close"] > dataframe["pivot_high"]',
        leave='dataframe["close"] < dataframe["pivot_low"]',
        startup=60,
    ),
    "pivots with a column of their middles": source(
        lines="""
wing = 4
dataframe["pivot"] = dataframe["high"].where(dataframe["high"] == dataframe["high"].rolling(2 * wing + 1, center=True).max())
dataframe["resistance"] = dataframe["pivot"].shift(wing).ffill()
""",
        enter='dataframe["close"] > dataframe["resistance"]',
        leave='dataframe["close"] < dataframe["resistance"] * 0.97',
        startup=60,
    ),
    "atr trailing": source(
        lines=CROSS + '\ndataframe["atr"] = ta.ATR(dataframe, timeperiod=14)', more=ATR_STOP, startup=90
    ),
    "custom stop and exit": source(
        lines=CROSS + '\ndataframe["rsi"] = ta.RSI(dataframe, timeperiod=14)',
        more="""
    use_custom_stoploss = True
    use_custom_roi = True

    def custom_stoploss(self, pair, trade, current_time, current_rate, current_profit, after_fill, **kwargs):
        if current_time - timedelta(hours=24) > trade.open_date_utc:
            return -0.03
        return -0.06 if current_profit < 0.03 else stoploss_from_absolute(trade.open_rate, current_rate)

    def custom_roi(self, pair, trade, current_time, trade_duration, entry_tag, side, **kwargs):
        return 0.08 if trade_duration < 600 else 0.02

    def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):
        candles, _ = self.dp.get_analyzed_dataframe(pair, self.timeframe)
        last = candles.iloc[-1].squeeze()
        if current_profit > 0.02 and last["rsi"] > 70:
            return f"rsi {last['rsi']:.0f}"
        return None

    def confirm_trade_entry(self, pair, order_type, amount, rate, time_in_force, current_time, entry_tag, side, **kwargs):
        candles, _ = self.dp.get_analyzed_dataframe(pair, self.timeframe)
        return rate < candles["close"].iloc[-1] * 1.01

    def custom_entry_price(self, pair, trade, current_time, proposed_rate, entry_tag, side, **kwargs):
        hours = self.dp.get_pair_dataframe(pair, "4h")
        return min(proposed_rate, hours["close"].iloc[-1] * 1.02)
""",
        startup=90,
    ),
    "position adjustment": source(
        lines=CROSS + '\ndataframe["rsi"] = ta.RSI(dataframe, timeperiod=14)',
        more="""
    position_adjustment_enable = True
    max_entry_position_adjustment = 3

    def custom_stake_amount(self, pair, current_time, current_rate, proposed_stake, min_stake, max_stake, leverage, entry_tag, side, **kwargs):
        return proposed_stake / 4

    def adjust_trade_position(self, trade, current_time, current_rate, current_profit, min_stake, max_stake, **kwargs):
        candles, _ = self.dp.get_analyzed_dataframe(trade.pair, self.timeframe)
        if current_profit > 0.05 and trade.nr_of_successful_exits == 0:
            return -(trade.stake_amount / 2), "half"
        if current_profit > -0.03 or len(candles) < 2:
            return None
        last, previous = candles.iloc[-1], candles.iloc[-2]
        if last["close"] < previous["close"]:
            return None
        first = trade.select_filled_orders(trade.entry_side)[0]
        return first.stake_amount * (1 + 0.25 * trade.nr_of_successful_entries)
""",
        startup=90,
    ),
    "protections": source(
        more="""
    @property
    def protections(self):
        return [
            {"method": "CooldownPeriod", "stop_duration_candles": 5},
            {"method": "MaxDrawdown", "lookback_period_candles": 48, "trade_limit": 4, "stop_duration_candles": 8, "max_allowed_drawdown": 0.2},
        ]
"""
    ),
    "merges": source(
        lines="""
day = dataframe["date"].dt.floor("1D")
days = dataframe.groupby(day).agg(top=("high", "max"), bottom=("low", "min"), last=("close", "last")).shift(1)
days["turn"] = (days["top"] + days["bottom"] + days["last"]) / 3
dataframe["day"] = day
dataframe = dataframe.merge(days[["turn", "top"]], left_on="day", right_index=True, how="left").drop(columns="day")
eth = self.dp.get_pair_dataframe("ETH/USDT", self.timeframe)[["date", "close"]].rename(columns={"close": "eth"})
dataframe = pd.merge_asof(dataframe, eth, on="date", direction="backward")
dataframe["eth_mean"] = dataframe["eth"].rolling(10).mean()
""",
        enter='(dataframe["close"] > dataframe["turn"]) & (dataframe["eth"] > dataframe["eth_mean"])',
        leave='dataframe["close"] > dataframe["top"]',
        startup=72,
    ),
    "resampling": source(
        imports="from technical.util import resample_to_interval, resampled_merge",
        lines="""
longer = resample_to_interval(dataframe, 240)
longer["mean"] = ta.SMA(longer, timeperiod=6)
dataframe = resampled_merge(dataframe, longer, fill_na=True)
own = dataframe.set_index("date")["close"].resample("6h", label="right", closed="right").last().rolling(4).mean()
dataframe["own"] = own.reindex(dataframe["date"], method="ffill").to_numpy()
""",
        enter='dataframe["close"] > dataframe["resample_240_mean"]',
        leave='dataframe["close"] < dataframe["resample_240_mean"]',
        startup=60,
    ),
    "pandas-ta": source(
        imports="import pandas_ta as pta",
        lines="""
supertrend = pta.supertrend(dataframe["high"], dataframe["low"], dataframe["close"], length=10, multiplier=2.0)
dataframe["direction"] = supertrend["SUPERTd_10_2.0"] if "SUPERTd_10_2.0" in supertrend else supertrend.iloc[:, 1]
macd = pta.macd(dataframe["close"])
dataframe["macd"], dataframe["histogram"] = macd.iloc[:, 0], macd.iloc[:, 1]
dataframe["cmf"] = pta.cmf(dataframe["high"], dataframe["low"], dataframe["close"], dataframe["volume"])
""",
        enter='(dataframe["direction"] > 0) & (dataframe["histogram"] > 0)',
        leave='dataframe["direction"] < 0',
        startup=150,
    ),
    "technical": source(
        imports="import technical.indicators as ftt\nfrom technical import qtpylib",
        lines="""
dataframe["rmi"] = ftt.RMI(dataframe, length=20, mom=5)
dataframe["zema"] = ftt.zema(dataframe, period=14)
dataframe["vwma"] = ftt.vwma(dataframe, 20)
bands = qtpylib.bollinger_bands(qtpylib.typical_price(dataframe), window=20, stds=2)
dataframe["bb_lower"], dataframe["bb_middle"] = bands["lower"], bands["mid"]
""",
        enter='qtpylib.crossed_above(dataframe["close"], dataframe["bb_lower"]) & (dataframe["rmi"] < 60)',
        leave='qtpylib.crossed_above(dataframe["close"], dataframe["bb_middle"])',
        startup=150,
    ),
    "numpy": source(
        lines="""
close = dataframe["close"].to_numpy()
weights = np.arange(1, 21) / 210
weighted = np.full(len(close), np.nan)
weighted[19:] = np.convolve(close, weights[::-1], mode="valid")
dataframe["weighted"] = weighted
windows = np.lib.stride_tricks.sliding_window_view(close, 48)
rank = np.full(len(close), np.nan)
rank[47:] = (windows < windows[:, -1:]).mean(axis=1)
dataframe["rank"] = rank
""",
        enter='(dataframe["close"] > dataframe["weighted"]) & (dataframe["rank"] < 0.6)',
        leave='dataframe["rank"] > 0.95',
        startup=60,
    ),
    "supertrend in a loop": source(
        lines="""
atr = ta.ATR(dataframe, timeperiod=10).to_numpy()
middle = ((dataframe["high"] + dataframe["low"]) / 2).to_numpy()
close = dataframe["close"].to_numpy()
upper, lower = middle + 2 * atr, middle - 2 * atr
rising = np.ones(len(close), dtype=bool)
for row in range(1, len(close)):
    if not np.isnan(upper[row - 1]):
        if close[row - 1] <= upper[row - 1]:
            upper[row] = min(upper[row], upper[row - 1])
        if close[row - 1] >= lower[row - 1]:
            lower[row] = max(lower[row], lower[row - 1])
        rising[row] = close[row] > upper[row - 1] or (rising[row - 1] and close[row] >= lower[row - 1])
dataframe["rising"] = rising
""",
        enter='dataframe["rising"] & ~dataframe["rising"].shift(1, fill_value=True)',
        leave='~dataframe["rising"]',
        startup=150,
    ),
    "stateful but causal": source(
        lines=CROSS
        + """
self.analyses = getattr(self, "analyses", 0) + 1
armed, count = [], 0
for rising in (dataframe["fast"] > dataframe["slow"]).to_numpy():
    count = count + 1 if rising else 0
    armed.append(count)
dataframe["armed"] = armed
self.columns[metadata["pair"]] = dataframe[["date", "slow"]].copy()
""",
        more="""
    columns: dict = {}
    best: dict = {}

    def order_filled(self, pair, trade, order, current_time, **kwargs):
        self.best[trade.id] = order.average
        trade.set_custom_data("entries", trade.nr_of_successful_entries)

    def bot_loop_start(self, current_time, **kwargs):
        self.loops = getattr(self, "loops", 0) + 1

    def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):
        self.best[trade.id] = max(self.best.get(trade.id, 0.0), current_rate)
        past = self.columns[pair]
        past = past[past["date"] <= current_time - timedelta(hours=1)]
        if self.loops > 1 or len(self.best) > 5 or past.empty:
            return "kept too much"
        return "fell back" if current_rate < self.best[trade.id] * 0.97 else None

    def confirm_trade_exit(self, pair, trade, order_type, amount, rate, time_in_force, exit_reason, current_time, **kwargs):
        return trade.get_custom_data("entries") == 1
""",
        enter='dataframe["armed"] == 3',
        leave='dataframe["armed"] == 0',
        startup=60,
    ),
    "hyperopt parameters": source(
        imports="from freqtrade.strategy import CategoricalParameter, IntParameter",
        lines="""
for length in self.length.range:
    dataframe[f"mean_{length}"] = ta.SMA(dataframe, timeperiod=length)
dataframe["rsi"] = ta.RSI(dataframe, timeperiod=14)
""",
        more="""
    length = IntParameter(10, 14, default=12, space="buy")
    filtered = CategoricalParameter([True, False], default=True, space="buy")
""",
        enter='(dataframe["close"] > dataframe[f"mean_{self.length.value}"]) & ((dataframe["rsi"] < 65) | (not self.filtered.value))',
        leave='dataframe["close"] < dataframe[f"mean_{self.length.value}"]',
        startup=100,
    ),
    "candle patterns and tags": source(
        lines="""
dataframe["hammer"] = ta.CDLHAMMER(dataframe)
dataframe["engulfing"] = ta.CDLENGULFING(dataframe)
dataframe["adx"] = ta.ADX(dataframe, timeperiod=14)
dataframe["sar"] = ta.SAR(dataframe)
""",
        more="""
    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[dataframe["hammer"] > 0, ["enter_long", "enter_tag"]] = (1, "hammer")
        dataframe.loc[dataframe["engulfing"] > 0, ["enter_long", "enter_tag"]] = (1, "engulfing")
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[dataframe["close"] < dataframe["sar"], ["exit_long", "exit_tag"]] = (1, "sar")
        return dataframe
""",
        startup=150,
    ),
    "sessions and volume": source(
        lines="""
typical = (dataframe["high"] + dataframe["low"] + dataframe["close"]) / 3
day = dataframe["date"].dt.date
turnover = (typical * dataframe["volume"]).groupby(day).cumsum()
dataframe["vwap"] = turnover / dataframe["volume"].groupby(day).cumsum()
dataframe["obv"] = ta.OBV(dataframe)
dataframe["obv_mean"] = dataframe["obv"].rolling(20).mean()
dataframe["busy"] = dataframe["date"].dt.hour.between(8, 20)
""",
        enter='(dataframe["close"] > dataframe["vwap"]) & (dataframe["obv"] > dataframe["obv_mean"]) & dataframe["busy"]',
        leave='dataframe["close"] < dataframe["vwap"]',
        startup=48,
    ),
    "exponential averages": source(
        lines="""
dataframe["fast"] = dataframe["close"].ewm(span=8, adjust=False).mean()
dataframe["slow"] = dataframe["close"].ewm(span=24, adjust=False).mean()
dataframe["z"] = (dataframe["close"] - dataframe["close"].rolling(48).mean()) / dataframe["close"].rolling(48).std()
""",
        enter='(dataframe["fast"] > dataframe["slow"]) & (dataframe["z"] < 1)',
        leave='dataframe["fast"] < dataframe["slow"]',
        startup=120,
    ),
    "market breadth": source(
        lines="""
above = None
for pair in self.dp.current_whitelist():
    other = self.dp.get_pair_dataframe(pair, self.timeframe)
    other["above"] = (other["close"] > ta.SMA(other, timeperiod=24)).astype(int)
    one = other.set_index("date")["above"]
    above = one if above is None else above.add(one, fill_value=0)
dataframe["breadth"] = above.reindex(dataframe["date"]).to_numpy() / len(self.dp.current_whitelist())
""",
        enter='dataframe["breadth"] > 0.6',
        leave='dataframe["breadth"] < 0.4',
    ),
}
"""Kind -> the text of its strategy.py."""
