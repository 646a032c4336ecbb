"""Trading environments: the real ones are what the train promises, and whatever could cost money by mistake is refused at its place."""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.config.any_environment import examine
from pipeline.config.environment import load_environment
from pipeline.config.environment_leaves import leaves
from pipeline.config.environment_schema import trading_key_rows
from pipeline.config.trading import LoadedTradingEnvironment, load_trading_environment, parse_trading_environment
from pipeline.domain.environment import Mode
from pipeline.domain.policy import Scope, Span, Threshold
from pipeline.domain.trading import (
    Boarding,
    Brake,
    BrakeAction,
    DateSpan,
    OpenTrades,
    Promotion,
    RollBack,
    RuntimeKind,
    Team,
    TradingEnvironment,
    TradingLimits,
    WallTimeSpan,
)
from pipeline.domain.trading.order import disagreements, in_order
from pipeline.domain.trading.terms import KEEPS_ITS_PROMISE
from pipeline.errors import ConfigError
from tests.needs import ROOT

FOLDER = ROOT / "environments"
TEXTS = {name: (FOLDER / f"{name}.yml").read_text(encoding="utf-8") for name in ("test", "sandbox", "prod")}
BOARDING = "  closed_trades: 1\n"
FREEZE = "windows: []"


def load(text: str, **variables: str) -> LoadedTradingEnvironment:
    return parse_trading_environment(text, "x.yml", "x", variables)


def changed(old: str, new: str, name: str = "sandbox") -> str:
    assert TEXTS[name].count(old) == 1, f"{old!r} is not there exactly once"
    return TEXTS[name].replace(old, new)


def environment(old: str, new: str, name: str = "sandbox", **variables: str) -> TradingEnvironment:
    return load(changed(old, new, name), **variables).environment


def told(text: str, **variables: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, **variables)
    return [re.sub(r"^x\.yml:\d+:\d+: ", "", str(problem)) for problem in caught.value.problems]


def test_the_train_is_complete_and_in_order() -> None:
    train = {path.stem: examine(path, {}).environment for path in sorted(FOLDER.glob("*.yml"))}
    assert disagreements(train) == ()
    assert in_order({name: one for name, one in train.items() if one is not None}) == ("ci", "test", "sandbox", "prod")


def test_test_runs_with_simulated_money_and_by_itself() -> None:
    test = load_trading_environment(FOLDER / "test.yml", {}).environment
    assert (test.name, test.mode, test.after, test.boarding) == ("test", Mode.DRY_RUN, "ci", None)
    assert (test.dry_run_wallet, test.limits) == (Decimal(1000), TradingLimits(Decimal(1000), None, 5))
    assert (test.promotion, test.roll_back) == (Promotion.AUTOMATIC, RollBack.AUTOMATIC)


def test_sandbox_trades_with_little_money_after_a_day_and_a_trade() -> None:
    sandbox = load_trading_environment(FOLDER / "sandbox.yml", {}).environment
    assert (sandbox.mode, sandbox.after, sandbox.boarding) == (Mode.LIVE, "test", Boarding(24.0, 1))
    assert (sandbox.stake, sandbox.limits) == (Decimal(20), TradingLimits(Decimal(100), Decimal(300), 3))
    assert (sandbox.promotion, sandbox.roll_back) == (Promotion.MANUAL, RollBack.BRAKES)
    assert sandbox.brakes.drawdown_max_ratio == Brake(0.2, BrakeAction.STOP_AND_ROLL_BACK)


def test_prod_trades_with_full_weight_after_two_weeks_thirty_trades_and_an_approval() -> None:
    prod = load_trading_environment(FOLDER / "prod.yml", {}).environment
    edge = Threshold("edge_low_ratio", Scope(Span.ALL_TOGETHER), above=0.0)
    assert (prod.mode, prod.after, prod.boarding) == (Mode.LIVE, "sandbox", Boarding(14 * 24.0, 30, (edge,)))
    assert (prod.stake, prod.limits) == (None, TradingLimits(Decimal(1000), Decimal(3000), 5))
    assert (prod.promotion, prod.roll_back) == (Promotion.MANUAL, RollBack.BRAKES)
    assert (prod.approval.required, prod.approval.team) == (True, Team.SOLO)
    assert prod.runtime is RuntimeKind.PROCESS
    assert prod.open_trades is OpenTrades.CARRY


@pytest.mark.parametrize("name", TEXTS)
def test_a_bundle_stays_as_long_as_it_is_not_shown_to_break_its_promise(name: str) -> None:
    assert load_trading_environment(FOLDER / f"{name}.yml", {}).environment.staying == (KEEPS_ITS_PROMISE,)


def test_without_a_word_about_staying_the_promise_is_to_be_kept_and_an_empty_list_demands_nothing() -> None:
    section = re.search(r"^staying:\n(?:  .*\n)+", TEXTS["sandbox"], re.MULTILINE)
    assert section is not None
    assert environment(section[0], "").staying == (KEEPS_ITS_PROMISE,)
    assert environment(section[0], "staying: {thresholds: []}\n").staying == ()


@pytest.mark.parametrize("metric", ["slippage_mean_ratio", "parity_ratio", "parity_trades"])
def test_what_orders_lose_and_how_far_a_bot_is_its_backtest_can_be_demanded(metric: str) -> None:
    demand = f"thresholds: [{{metric: {metric}, scope: all_together, at_least: 0.5}}]"
    boarding = environment("thresholds: []", demand).boarding
    assert boarding is not None
    assert [one.metric for one in boarding.thresholds] == [metric]


@pytest.mark.parametrize(
    ("threshold", "message"),
    [
        (
            "{metric: sharpe, scope: all_together, relative_to: backtest, at_least: 0}",
            "relative_to: no backtest promises sharpe",
        ),
        ("{metric: trades, scope: all_together, at_least: 3}", "metric: says nothing about staying"),
        ("{metric: attempts, scope: all_together, at_most: 3}", "metric: attempts is not measured of a running bot"),
        ("{metric: win_rate_ratio, scope: each, at_least: 30%}", "scope: must be all_together"),
        (
            "{metric: profit_total_ratio, scope: all_together, relative_to: market, at_least: 0}",
            "relative_to: is not known here",
        ),
        ("{metric: win_rate_ratio, scope: all_together}", "demands nothing"),
    ],
)
def test_a_demand_on_staying_that_cannot_be_judged_is_refused(threshold: str, message: str) -> None:
    written = "{metric: edge_high_ratio, scope: all_together, relative_to: backtest, at_least: 0%}"
    found = told(changed(written, threshold))
    assert any(line.startswith("staying.thresholds[0]") and message in line for line in found), found


def test_the_files_are_complete() -> None:
    written = {re.sub(r"\[[^]]*\]", "[]", key) for name in TEXTS for key in leaves(FOLDER / f"{name}.yml")}
    shown = {key if not key.startswith("freqtrade.") else "freqtrade" for key in written}
    lists = {"boarding.thresholds[]", "freeze.windows[]", "own_keys[]"}
    rows = {row.key for row in trading_key_rows() if row.takes not in ("object", "list of objects")} | {"freqtrade"}
    inner = {key for key in rows if key.startswith((*lists, "staying.thresholds[]"))}
    assert rows - shown - inner == {"rehearsal"}, "keys that no file shows; a rehearsal's files are its own"
    assert {key.removesuffix("[]") for key in lists} <= shown


def test_money_is_exact() -> None:
    assert environment("stake: 20\n", "stake: 0.1\n").stake == Decimal("0.1")
    found = environment("capital_in_all: 300 ", "capital_in_all: 123456.78901234 ")
    assert found.limits.capital_in_all == Decimal("123456.78901234")


@pytest.mark.parametrize(
    ("written", "stake"),
    [("unlimited", None), ("25", 25), ("12.5", Decimal("12.5")), ("20%", 20), ("33.3 %", Decimal("33.3")), ("100%", 100)],
)  # fmt: skip
def test_a_stake_is_unlimited_an_amount_or_a_share_of_the_bots_capital(written: str, stake: Decimal | None) -> None:
    assert environment("stake: 20\n", f"stake: {written}\n").stake == stake


def test_a_dry_run_without_a_limit_of_its_own_is_limited_by_its_wallet() -> None:
    text = changed("  capital_per_bot: 1000 ", "  # ", "test")
    assert load(text).environment.limits == TradingLimits(Decimal(1000), None, 5)


def test_promotion_and_roll_back_have_defaults_that_follow_from_the_mode() -> None:
    texts = {name: re.sub(r"^(promotion|roll_back):.*\n", "", TEXTS[name], flags=re.MULTILINE) for name in TEXTS}
    assert {name: (one.promotion, one.roll_back) for name, one in ((n, load(t).environment) for n, t in texts.items())} == {
        "test": (Promotion.AUTOMATIC, RollBack.AUTOMATIC),
        "sandbox": (Promotion.MANUAL, RollBack.BRAKES),
        "prod": (Promotion.MANUAL, RollBack.BRAKES),
    }  # fmt: skip


def test_freeze_windows_are_of_the_week_of_the_day_or_of_the_calendar() -> None:
    windows = (
        "windows: [{name: weekend, from: Fri 18:00, to: Mon 06:00}, {name: night, from: '22:00', to: 06:00}, "
        "{name: year, from: 2026-12-24, to: 2027-01-02}]"
    )
    text = changed(FREEZE, windows).replace("time_zone: UTC", "time_zone: Europe/Vienna")
    freeze = load(text).environment.freeze
    assert freeze.time_zone == "Europe/Vienna"
    assert str(freeze.zone) == "Europe/Vienna"
    assert freeze.windows[:2] == (WallTimeSpan("weekend", 6840, 360), WallTimeSpan("night", 1320, 360, daily=True))
    assert isinstance(freeze.windows[2], DateSpan)


PLACES = [
    ("mode: live #", "mode: paper #", "mode: must be 'dry_run' or 'live', not the text 'paper'"),
    ("after: test", "after: Test", "after: must be the name of another environment, such as test, not the text 'Test'"),
    ("stake: 20\n", "stake: 101\n", "stake: is more than one bot's capital (100)"),
    ("stake: 20\n", "stake: 101%\n", "stake: must be unlimited, an amount such as 25, or a share of the bot's capital of at most 100%"),
    ("stake: 20\n", "stake: 0\n", "stake: must be above 0"),
    ("stake: 20\n", "stake: true\n", "stake: must be an amount of money such as 100 or 12.5, not true"),
    ("stake: 20\n", "stake: '20'\n", "stake: must be unlimited, an amount"),
    ("capital_per_bot: 100 ", "capital_per_bot: 301 ", "limits.capital_per_bot: is more than capital_in_all (300)"),
    ("capital_per_bot: 100 ", "capital_per_bot: -5 ", "limits.capital_per_bot: must be above 0 and at most 1,000,000,000,000"),
    ("  capital_per_bot: 100 ", "  # ", "limits.capital_per_bot: is missing: nothing live starts without a limit to its capital"),
    ("  capital_in_all: 300 ", "  # ", "limits.capital_in_all: is missing: nothing live starts without a limit to its capital"),
    ("capital_in_all: 300 ", "capital_in_all: null ", "limits.capital_in_all: is missing: nothing live starts"),
    ("max_open_trades: 3 ", "max_open_trades: -1 ", "limits.max_open_trades: must be at least 1, not -1"),
    ("stake: 20\n", "stake: 20\ndry_run_wallet: 100\n", "dry_run_wallet: is of no use in a live environment"),
    ("ADA/USDT]", "ADA/USDT, BTC/USDT]", "pairs[4]: stands twice"),
    ("ADA/USDT]", "ADA/BTC]", "pairs[3]: is not paid with the stake_currency"),
    ("ADA/USDT]", "'ADA/USDT:USDT']", "pairs[3]: must be a spot pair such as BTC/USDT"),
    ("healthy_hours: 24", "healthy_hours: -1", "boarding.healthy_hours: must be at least 0, not -1"),
    (BOARDING, "  closed_trades: 0.5\n", "boarding.closed_trades: must be a whole number, not 0.5"),
    ("thresholds: []", "thresholds: [{metric: attempts, scope: all_together, at_most: 3}]",
     "boarding.thresholds[0].metric: attempts is not measured of a running bot; known are trades, "),
    ("thresholds: []", "thresholds: [{metric: trades, scope: all_together, at_least: 3}]",
     "boarding.thresholds[0].metric: is what closed_trades demands"),
    ("thresholds: []", "thresholds: [{metric: sharpe, scope: each, at_least: 1}]",
     "boarding.thresholds[0].scope: must be all_together: an observation is one stretch of time"),
    ("thresholds: []", "thresholds: [{metric: sharpe, scope: all_together, at_least: 1, relative_to: incumbent}]",
     "boarding.thresholds[0].relative_to: is not known here: a bot is observed alone"),
    ("thresholds: []", "thresholds: [{metric: drawdown_max_ratio, scope: all_together, at_most: 20}]",
     "boarding.thresholds[0].at_most: drawdown_max_ratio is never above 1, so this demands nothing"),
    ("drawdown_max_ratio: {limit: 20%", "drawdown_max_ratio: {limit: 20",
     "brakes.drawdown_max_ratio.limit: must be above 0 and at most 100%, not 20; write 10%"),
    ("daily_loss_max_ratio: {limit: 10%", "daily_loss_max_ratio: {limit: 0", "brakes.daily_loss_max_ratio.limit: must be above 0"),
    ("heartbeat_seconds: {limit: 120", "heartbeat_seconds: {limit: 0", "brakes.heartbeat_seconds.limit: must be at least 1, not 0"),
    ("limit: 20%, action: stop_and_roll_back", "limit: 20%, action: sell",
     "brakes.drawdown_max_ratio.action: must be 'stop_entries' or 'stop_and_roll_back'"),
    ("limit: 8, action", "limit: 1.5, action", "brakes.consecutive_losses.limit: must be a whole number"),
    ("stale_candles: {limit: 3,", "stale_candles: {limit: 0,",
     "brakes.stale_candles.limit: must be at least 2, not 0"),
    ("account_loss_max_ratio: {limit: 10%", "account_loss_max_ratio: {limit: 3",
     "brakes.account_loss_max_ratio.limit: must be above 0 and at most 100%, not 3"),
    ("order_errors: {limit: 5, action: stop_entries}", "order_errors: {limit: 5, action: sell}",
     "brakes.order_errors.action: must be 'stop_entries' or 'stop_and_roll_back'"),
    ("roll_back: brakes", "roll_back: manual", "brakes.drawdown_max_ratio.action: cannot be: roll_back is manual"),
    ("roll_back: brakes", "roll_back: never", "roll_back: must be 'manual', 'brakes' or 'automatic'"),
    ("  required: false\n", "  required: 0\n", "approval.required: must be true or false, not 0"),
    (".github/allowed_signers", "../allowed_signers", "approval.allowed_signers: must be the path of a file"),
    (".github/allowed_signers", "~/allowed_signers", "approval.allowed_signers: must be the path of a file"),
    ("valid_hours: 24", "valid_hours: 0", "approval.valid_hours: must be above 0, not 0"),
    ("time_zone: UTC", "time_zone: Europe/Viena", "freeze.time_zone: is no time zone that this machine knows, did you mean 'Europe/Vienna'?"),
    ("time_zone: UTC", "time_zone: ../../etc/passwd", "freeze.time_zone: is no time zone that this machine knows"),
    (FREEZE, "windows: [{name: a, from: Fri 24:00, to: Mon 06:00}]", "freeze.windows[0].from: must be a time of the week such as Fri 18:00"),
    (FREEZE, "windows: [{name: a, from: Fri 18:00, to: 06:00}]", "freeze.windows[0].to: must have the same form as from"),
    (FREEZE, "windows: [{name: a, from: 2026-12-24, to: 06:00}]", "freeze.windows[0].to: must have the same form as from"),
    (FREEZE, "windows: [{name: a, from: 2026-12-24, to: 2026-12-24}]", "freeze.windows[0].to: is not after from"),
    (FREEZE, "windows: [{name: a, from: 2026-02-30, to: 2026-12-24}]", "freeze.windows[0].from: must be a date that the calendar has"),
    (FREEZE, "windows: [{name: a, from: '06:00', to: '06:00'}]", "freeze.windows[0].to: is where it starts"),
    (FREEZE, "windows: [{name: a, from: '06:00', to: '07:00'}, {name: a, from: '08:00', to: '09:00'}]",
     "freeze.windows[1].name: there are two freeze windows 'a'"),
    ("open_trades: carry", "open_trades: keep", "open_trades: must be 'carry', 'drain' or 'exit'"),
    ("drain_hours: 24", "drain_hours: 0", "drain_hours: must be above 0, not 0"),
    ("runtime: process", "runtime: systemd", "runtime: must be 'process' or 'compose'"),
    ("memory_mib: 1024", "memory_mib: 100", "memory_mib: must be at least 512, not 100"),
    ("stop_seconds: 60", "stop_seconds: 1", "stop_seconds: must be at least 10, not 1"),
    ("access_key: EXCHANGE_ACCESS_KEY", "access_key: vmPUZE6mv9SD5V5e14y7",
     "secrets.access_key: must be a name in capitals such as EXCHANGE_ACCESS_KEY, never the value itself"),
    ("access_key: EXCHANGE_ACCESS_KEY", "access_key: GITHUB_KEY", "secrets.access_key: must be a name in capitals"),
    ("access_key: EXCHANGE_ACCESS_KEY", "access_key: ${EXCHANGE_ACCESS_KEY}",
     "secrets.access_key: EXCHANGE_ACCESS_KEY is no variable for an environment"),
    ("own_keys: []", "own_keys: [{strategy: X, access_key: A, access_secret: B}]", "own_keys[0].strategy: must be the name of a strategy's folder"),
    ("own_keys: []", "own_keys: [{strategy: x, access_key: abc, access_secret: B}]", "own_keys[0].access_key: must be a name in capitals"),
    ("own_keys: []", "own_keys: [{strategy: x, access_key: A, access_secret: B}, {strategy: x, access_key: C, access_secret: B}]",
     "own_keys[1].strategy: x stands twice"),
    ("own_keys: []", "own_keys: [{strategy: x, access_key: A, access_secret: B}, {strategy: y, access_key: A, access_secret: B}]",
     "own_keys[1].access_key: is another account's key already"),
    ("own_keys: []", "own_keys: [{strategy: x, access_key: EXCHANGE_ACCESS_KEY, access_secret: B}]",
     "own_keys[0].access_key: is another account's key already"),
    ("after: test", "after: test\ndataset: embedded", "dataset: belongs to an environment that judges on history"),
    ("after: test", "after: test\ndry_run: false", "dry_run: follows from mode"),
    ("after: test", "after: test\nextends: base", "extends: is not known: an environment is one complete file"),
    ("open_trades: carry", "opentrades: carry", "opentrades: is not a known key, did you mean 'open_trades'?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), PLACES)
def test_what_is_wrong_is_told_in_plain_words(old: str, new: str, message: str) -> None:
    assert any(line.startswith(message) for line in told(changed(old, new))), told(changed(old, new))


def test_a_secret_that_stands_in_the_file_is_not_shown() -> None:
    assert not any(
        "vmPUZE" in line for line in told(changed("access_key: EXCHANGE_ACCESS_KEY", "access_key: vmPUZE6mv9SD"))
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("dry_run_wallet: 1000 #", "#", "dry_run_wallet: is missing: what does each bot's simulated wallet hold?"),
        ("capital_per_bot: 1000 ", "capital_per_bot: 1001 ", "limits.capital_per_bot: is more than the dry_run_wallet holds (1000)"),
        ("stake: unlimited\n", "stake: 1001\n", "stake: is more than one bot's capital (1000)"),
    ],
)  # fmt: skip
def test_simulated_money_has_limits_too(old: str, new: str, message: str) -> None:
    assert told(changed(old, new, "test")) == [message]


def test_a_stake_is_compared_with_the_wallet_where_that_is_the_capital() -> None:
    text = changed("  capital_per_bot: 1000 ", "  # ", "test").replace("stake: unlimited\n", "stake: 1001\n")
    assert told(text) == ["stake: is more than one bot's capital (1000)"]


def test_a_signature_needs_somebody_who_may_sign() -> None:
    text = re.sub(r"  allowed_signers:.*\n", "", TEXTS["prod"])
    assert told(text) == ["approval.allowed_signers: is missing: who may sign?"]


def test_boarding_that_demands_nothing_is_refused() -> None:
    text = changed("healthy_hours: 24", "healthy_hours: 0").replace("closed_trades: 1\n", "closed_trades: 0\n")
    assert told(text) == ["boarding: demands nothing, so everything would board"]


@pytest.mark.parametrize(
    "key", ["mode", "after", "exchange", "stake_currency", "stake", "limits", "brakes", "approval"]
)
def test_what_matters_has_no_default(key: str) -> None:
    text = re.sub(rf"^{key}:", "x:", TEXTS["sandbox"], flags=re.MULTILINE)
    assert f"{key}: is missing" in told(text)


def test_pairs_and_pair_lists_that_choose_exclude_each_other() -> None:
    lists = "freqtrade:\n  pairlists: [{method: VolumePairList, number_assets: 20, sort_key: quoteVolume}]\n"
    text = changed("freqtrade:\n", lists)
    assert told(text)[0].startswith("pairs: is of no use: freqtrade.pairlists begins with VolumePairList")


def test_lists_are_laid_side_by_side_by_what_their_entries_are_called(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    entries = "own_keys: [{strategy: dip, access_key: A, access_secret: B}]"
    path.write_text(
        changed("own_keys: []", entries).replace(FREEZE, "windows: [{name: a, from: '06:00', to: '07:00'}]")
    )
    assert {"own_keys[dip].access_key", "freeze.windows[a].from", "limits.capital_per_bot"} <= leaves(path).keys()


# What the environment injects


def test_a_variable_fills_a_leaf() -> None:
    found = environment("stake: 20\n", "stake: ${STAKE}\n", STAKE="25")
    assert found.stake == Decimal(25)
    assert told(changed("stake: 20\n", "stake: ${STAKE}\n")) == ["stake: the variable STAKE is not set"]


def test_the_variable_exchange_name_takes_the_exchanges_place_where_it_is_set() -> None:
    assert load(TEXTS["sandbox"], EXCHANGE_NAME="kraken").environment.exchange == "kraken"
    assert load(TEXTS["sandbox"], EXCHANGE_NAME=" ").environment.exchange == "binance"
    renamed = changed("exchange_name: EXCHANGE_NAME", "exchange_name: VENUE")
    assert load(renamed, EXCHANGE_NAME="kraken", VENUE="okx").environment.exchange == "okx"
    assert told(TEXTS["sandbox"], EXCHANGE_NAME="Kra Ken!") == [
        "exchange: must be the name of an exchange in lower case, such as binance (it comes from the variable EXCHANGE_NAME)"
    ]


def test_two_listeners_of_one_telegram_token_are_refused() -> None:
    spoken = changed("bots_on_telegram: false", "bots_on_telegram: true")
    load(spoken)
    [line] = told(spoken.replace("chat_control: false", "chat_control: true"))
    assert line.startswith("chat_control: does not go with bots_on_telegram")


def test_a_chat_that_may_stop_changes_nothing_that_a_bundle_has_to_show() -> None:
    one, other = (
        load(text).environment for text in (TEXTS["sandbox"], changed("chat_control: false", "chat_control: true"))
    )
    assert (one.chat_control, other.chat_control) == (False, True)
    assert one.digest == other.digest


def test_whether_money_is_real_is_no_variable() -> None:
    [line] = told(changed("mode: live #", "mode: ${MODE} #"), MODE="live")
    assert line.startswith("mode: must be written out: whether money is real is never a variable")


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("stake: 20\n", "stake: ${NAME}\n", "4711"),
        ("capital_in_all: 300 ", "capital_in_all: ${NAME} ", "47.11"),
        ("capital_per_bot: 100 ", "capital_per_bot: ${NAME} ", "4711"),
        ("time_zone: UTC", "time_zone: ${NAME}", "hunter2"),
        ("runtime: process", "runtime: ${NAME}", "hunter2"),
        ("ADA/USDT]", "'${NAME}']", "HUNTER2/BTC"),
    ],
)
def test_the_value_of_a_variable_is_never_shown(old: str, new: str, value: str) -> None:
    found = told(changed(old, new), NAME=value)
    assert found
    assert not any(value in line for line in found), found


# What passes through to freqtrade


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("dry_run: false", "follows from mode"),
        ("Dry_Run: false", "follows from mode"),
        ("stake_amount: 100", "is set by the key stake"),
        ("stake_currency: EUR", "is set by the key stake_currency"),
        ("dry_run_wallet: 1", "is set by the key dry_run_wallet"),
        ("max_open_trades: 3", "is set by the section limits"),
        ("available_capital: 1000000", "is set by the section limits"),
        ("tradable_balance_ratio: 1", "follows from limits.capital_per_bot"),
        ("strategy: X", "belongs to the strategy"),
        ("strategy_path: /x", "belongs to the strategy"),
        ("timeframe: 1h", "belongs to the strategy"),
        ("minimal_roi: {}", "belongs to the strategy"),
        ("position_adjustment_enable: true", "belongs to the strategy"),
        ("db_url: 'sqlite:///x'", "is set by the train itself"),
        ("api_server: {listen_ip_address: 0.0.0.0}", "is set by the train itself"),
        ("initial_state: running", "is set by the train itself"),
        ("bot_name: x", "is set by the train itself"),
        ("force_entry_enable: true", "is set by the train itself"),
        ("cancel_open_orders_on_exit: true", "is set by the train itself"),
        ("internals: {process_throttle_secs: 1}", "is set by the train itself"),
        ("add_config_files: [/etc/x.json]", "is set by the train itself"),
        ("external_message_consumer: {}", "is set by the train itself"),
        ("telegram: {enabled: true}", "follows from the section secrets and bots_on_telegram"),
        ("webhook: {}", "follows from the section secrets and bots_on_telegram"),
        ("trading_mode: futures", "is not supported yet"),
        ("freqai: {}", "is not supported yet"),
        ("disable_dataframe_checks: true", "would let a strategy trade on broken candles"),
        ("order_types: {stoploss_on_exchange: false}", "is set by the key stoploss_on_exchange"),
        ("EXCHANGE: {name: x}", "is set by the key exchange"),
        ("EXCHANGE: {pair_whitelist: []}", "is set by the key pairs"),
        ("EXCHANGE: {key: x}", "is or may hold a secret"),
        ("EXCHANGE: {Secret: x}", "is or may hold a secret"),
        ("EXCHANGE: {password: x}", "is or may hold a secret"),
        ("EXCHANGE: {ccxt_config: {}}", "is or may hold a secret"),
        ("EXCHANGE: {ccxt_async_config: {}}", "is or may hold a secret"),
        ("EXCHANGE: {urls: {api: x}}", "would lead the bot elsewhere"),
        ("EXCHANGE: {options: {httpsProxy: x}}", "would lead the bot elsewhere"),
        ("EXCHANGE: {proxies: {}}", "would lead the bot elsewhere"),
        ("EXCHANGE: {hostname: x}", "would lead the bot elsewhere"),
        ("EXCHANGE: {skip_open_order_update: true}", "would leave orders or fills unknown"),
        ("EXCHANGE: {demo_trading: true}", "follows from mode"),
        ("pairlists: [{method: RemotePairList, bearer_token: x}]", "is or may hold a secret"),
        ("pairlists: [{method: StaticPairList}, {method: RemotePairList, pairlist_url: x}]", "would lead the bot elsewhere"),
    ],
)  # fmt: skip
def test_settings_that_are_not_the_environments_are_refused(setting: str, reason: str) -> None:
    text = re.sub(
        r"^freqtrade:\n(  .*\n)+",
        f"freqtrade:\n  {setting.replace('EXCHANGE', 'exchange')}\n",
        TEXTS["sandbox"],
        flags=re.MULTILINE,
    )
    found = [line for line in told(text) if line.startswith("freqtrade.")]
    assert len(found) == 1
    assert reason in found[0]


def test_other_settings_pass_through_as_they_are() -> None:
    assert load(TEXTS["sandbox"]).environment.freqtrade == {
        "unfilledtimeout": {"entry": 10, "exit": 10, "unit": "minutes"},
        "exchange": {"pair_blacklist": ["BNB/.*"]},
    }


# Whatever the mode


def test_an_environment_of_the_other_kind_is_the_only_problem_that_is_told() -> None:
    history = (FOLDER / "ci.yml").read_text(encoding="utf-8")
    assert told(history) == [
        "mode: must be 'dry_run' or 'live', not the text 'history': 'x' judges, and no bots run there"
    ]
    with pytest.raises(ConfigError) as caught:
        load_environment(FOLDER / "prod.yml", {})
    [problem] = caught.value.problems
    assert (
        problem.message
        == "mode: must be 'history', not the text 'live': bots run in 'prod', and nothing is judged there"
    )


def test_a_mode_that_is_none_is_the_only_problem_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text(changed("mode: live #", "mode: lives #").replace("stake: 20\n", "stake: x\n"))
    [problem] = examine(path, {}).problems
    assert problem.message == "mode: must be history, dry_run or live, not the text 'lives', did you mean 'live'?"


def test_the_digest_is_of_what_is_asked_for_not_of_the_file() -> None:
    one = load(TEXTS["sandbox"]).environment
    other = load("# a comment\n" + changed("stake: 20\n", "stake: 20.00\n")).environment
    assert replace(other, name="y").digest == one.digest
