"""freqtrade's database as the engine that is pinned makes it: enough to tell it from others without importing freqtrade."""

from collections.abc import Mapping

MARKER = "freqtrain_database"
"""The table in which a bot's entry point writes whose the database is: mode, strategy, environment, engine."""

_WRITTEN = """
trades: id exchange pair base_currency stake_currency is_open fee_open fee_open_cost fee_open_currency fee_close fee_close_cost fee_close_currency
trades: open_rate open_rate_requested open_trade_value close_rate close_rate_requested realized_profit close_profit close_profit_abs stake_amount
trades: max_stake_amount amount amount_requested open_date close_date stop_loss stop_loss_pct initial_stop_loss initial_stop_loss_pct
trades: is_stop_loss_trailing max_rate min_rate exit_reason exit_order_status strategy enter_tag timeframe trading_mode amount_precision
trades: price_precision precision_mode precision_mode_price contract_size leverage is_short liquidation_price interest_rate funding_fees
trades: funding_fee_running record_version
orders: id ft_trade_id ft_order_side ft_pair ft_is_open ft_amount ft_price ft_cancel_reason order_id status symbol order_type side price average
orders: amount filled remaining cost stop_price order_date order_filled_date order_update_date funding_fee ft_fee_base ft_order_tag
pairlocks: id pair side reason lock_time lock_end_time active
KeyValueStore: id key value_type string_value datetime_value float_value int_value
trade_custom_data: id ft_trade_id cd_key cd_type cd_value created_at updated_at
wallet_history: id timestamp currency rate quote_currency balance total_quote total_position_value collateral leverage bot_managed
"""


def _columns(written: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in written.strip().splitlines():
        table, _, columns = line.partition(": ")
        found[table] = found.get(table, frozenset()).union(columns.split())
    return found


COLUMNS: Mapping[str, frozenset[str]] = _columns(_WRITTEN)
"""Table -> its columns, of freqtrade 2026.9 (`freqtrade.persistence`)."""

REPLACED = frozenset(("buy_tag", "fee", "isolated_liq", "sell_order_status", "sell_reason", "ticker_interval"))
"""Columns of older engines that its migration puts into others (`freqtrade.persistence.migrations`)."""


def by_newer_engine(tables: Mapping[str, set[str]], engine: tuple[int, ...], installed: tuple[int, ...]) -> list[str]:
    """Columns, `table.column`, that only a newer engine can have made; none where the pinned one can open the database.

    Args:
        tables: table -> columns, as they are there.
        engine: the version that the database's marker names; empty where it has none.
        installed: the version that would open it.
    """
    both = COLUMNS.keys() & tables.keys()
    unknown = sorted(f"{name}.{column}" for name in both for column in tables[name] - COLUMNS[name])
    behind = any(COLUMNS[name] - tables[name] for name in both)
    old = behind and all(column.partition(".")[2] in REPLACED for column in unknown)
    return [] if old and engine <= installed else unknown
