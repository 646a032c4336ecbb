"""Environments: the real one loads, and what is wrong with a file is told at once, each at its place."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.config.environment import LoadedEnvironment, load_environment, parse_environment
from pipeline.config.environment_leaves import leaves
from pipeline.config.environment_schema import key_rows
from pipeline.domain.environment import Environment, Slippage
from pipeline.domain.policy import Scope, Span, Threshold
from pipeline.domain.verdict import Subject
from pipeline.domain.windows import Point
from pipeline.errors import ConfigError

EACH = "scope: each, at_least: -10%"
CI = Path(__file__).parents[2] / "environments" / "ci.yml"
TEXT = CI.read_text(encoding="utf-8")


def load(text: str, **variables: str) -> LoadedEnvironment:
    return parse_environment(text, "x.yml", "x", variables)


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, f"{old!r} is not there exactly once"
    return TEXT.replace(old, new)


def environment(old: str = "", new: str = "", **variables: str) -> Environment:
    return load(changed(old, new) if old else TEXT, **variables).environment


def told(text: str, **variables: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, **variables)
    return [re.sub(r"^x\.yml:\d+:\d+: ", "", str(problem)) for problem in caught.value.problems]


def test_the_environment_ci_is_what_the_train_promises() -> None:
    ci = load_environment(CI, {}).environment
    together = Scope(Span.ALL_TOGETHER)
    assert ci.name == "ci"
    assert ci.policy.checks == ("lint", "behaviour", "backtest", "bias", "audit", "robustness")
    assert [window.name for window in ci.windows] == ["early", "middle", "late"]
    assert ci.policy.thresholds == (
        Threshold("trades", together, at_least=30),
        Threshold("profit_total_ratio", together, above=0, minimum_trades=30),
        Threshold("profit_factor", together, at_least=1.1, minimum_trades=30),
        Threshold("drawdown_max_ratio", together, at_most=0.25),
        Threshold("profit_total_ratio", Scope(Span.EACH), at_least=-0.1),
        Threshold("profit_total_ratio", Scope(Span.EACH), at_least=-0.1, relative_to=Subject.MARKET),
        Threshold("deflated_sharpe_ratio", together, at_least=0.98, minimum_trades=30),
        *(
            Threshold(metric, together, above=0, minimum_trades=30)
            for metric in (
                "bootstrap_mean_low_ratio",
                "profit_fees_doubled_ratio",
                "profit_slippage_ticks_ratio",
                "profit_slippage_spread_ratio",
                "profit_late_entry_ratio",
                "profit_without_best_pair_ratio",
                "profit_without_best_window_ratio",
            )
        ),
    )
    assert (ci.account.stake_currency, ci.account.wallet, ci.account.stake, ci.account.max_open_trades, ci.account.fee_ratio) == (
        "USDT", 10000, None, 5, None,
    )  # fmt: skip


def test_the_environment_ci_is_complete() -> None:
    written = {re.sub(r"\[[^]]*\]", "[]", key) for key in leaves(CI)}
    optional = {"dataset.repository", "account.slippage.ratio", "account.slippage.source", "policy.thresholds[].below"}
    rows = {row.key for row in key_rows() if row.takes not in ("object", "list of objects")} | {"freqtrade"}
    assert rows - written == optional, "keys that ci.yml does not show"


@pytest.mark.parametrize(
    ("written", "ratio"), [("unlimited", None), ("100", 100.0), ("20%", 2000.0), ("12.5 %", 1250.0), ("0.5", 0.5)]
)
def test_a_stake_is_unlimited_an_amount_or_a_share_of_the_wallet(written: str, ratio: float | None) -> None:
    assert environment("stake: unlimited #", f"stake: {written} #").account.stake == ratio


@pytest.mark.parametrize(("written", "ratio"), [("snapshot", None), ("0.001", 0.001), ("0.1%", 0.001), ("0", 0.0)])
def test_a_fee_is_the_snapshots_or_a_ratio(written: str, ratio: float | None) -> None:
    assert environment("fee: snapshot", f"fee: {written}").account.fee_ratio == ratio


def test_a_measured_slippage_is_a_ratio_with_its_source_and_changes_the_digest() -> None:
    assert environment().slippage == Slippage()
    slipped = environment("fee: snapshot", 'fee: snapshot\n  slippage: {ratio: 0.08%, source: "sandbox, 412 trades"} #')
    assert slipped.slippage == Slippage(0.0008, "sandbox, 412 trades")
    assert slipped.digest != environment().digest


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{ratio: 0.2, source: x}", "account.slippage.ratio: must be at least 0 and below 10%, not 0.2"),
        ("{ratio: -0.1%, source: x}", "account.slippage.ratio: must be at least 0 and below 10%"),
        ("{ratio: much, source: x}", "account.slippage.ratio: must be a ratio such as 0.0008 or 0.08%"),
        ("{ratio: 0.1%}", "account.slippage.source: "),
    ],
)
def test_a_slippage_that_nobody_can_have_measured_is_refused(written: str, message: str) -> None:
    (said,) = told(changed("fee: snapshot #", f"fee: snapshot\n  slippage: {written} #"))
    assert said.startswith(message)


@pytest.mark.parametrize(
    ("written", "point"),
    [
        ("start", Point(share=0.0)),
        ("0%", Point(share=0.0)),
        ("2.5%", Point(share=0.025)),
        ("-90d", Point(before_end=timedelta(days=90))),
        ("-36h", Point(before_end=timedelta(hours=36))),
        ("-12w", Point(before_end=timedelta(weeks=12))),
        ("2024-02-29", Point(date=datetime(2024, 2, 29, tzinfo=UTC))),
        ("2024-02-29 12:30", Point(date=datetime(2024, 2, 29, 12, 30, tzinfo=UTC))),
    ],
)
def test_a_point_is_a_share_a_distance_or_a_date(written: str, point: Point) -> None:
    text = re.sub(r"windows:\n(  - .*\n)+", f"windows:\n  - {{name: a, from: {written}, to: end}}\n", TEXT)
    window = load(text).environment.windows[0]
    assert (window.start, window.end) == (point, Point(share=1.0))


@pytest.mark.parametrize(
    "written", ["40", "140%", "-0d", "-90", "90d", "-90m", "2025-02-30", "01.02.2025", "tomorrow", "true", "[1]"]
)
def test_anything_else_is_no_point(written: str) -> None:
    assert any(line.startswith("windows[0].from: ") for line in told(changed("from: 10%,", f"from: {written},")))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mode: history", "mode: live", "mode: must be 'history', not the text 'live'"),
        ("exchange: binance", "exchange: Binance US", "exchange: must be the name of an exchange in lower case"),
        ("digest: embedded", "digest: sha256:123", "dataset.digest: must be embedded, or sha256: and 64 digits"),
        ("digest: embedded", "digest: embedded\n  repository: a/b", "dataset.repository: is of no use"),
        ("digest: embedded", f"digest: sha256:{'0' * 64}\n  repository: x", "dataset.repository: must be owner/name"),
        ("wallet: 10000", "wallet: '10000'", "account.wallet: must be a number, not the text '10000'"),
        ("wallet: 10000", "wallet: 0", "account.wallet: must be above 0, not 0"),
        ("wallet: 10000", "walet: 10000", "account.walet: is not a known key, did you mean 'wallet'?"),
        ("stake: unlimited #", "stake: all #", "account.stake: must be unlimited, an amount"),
        ("stake: unlimited #", "stake: 101% #", "account.stake: must be above 0 and at most 100%"),
        ("stake: unlimited #", "stake: 10001 #", "account.stake: is more than the wallet holds"),
        ("stake: unlimited #", "stake: true #", "account.stake: must be a number such as 0.25, or a percentage"),
        ("max_open_trades: 5", "max_open_trades: 2.5", "account.max_open_trades: must be a whole number, not 2.5"),
        ("fee: snapshot", "fee: 0.1", "account.fee: must be at least 0 and below 10% per side, not 0.1; write 0.1%"),
        ("name: late, from: 70%", "name: late, from: 60%", "windows[2]: the window 'late' overlaps 'middle'"),
        ("from: 70%, to: end", "from: -30d, to: -40d", "windows[2]: the window 'late' ends before or where it starts"),
        ("from: 70%, to: end", "from: end, to: 2025-01-01", "windows[2]: the window 'late' ends before or where it starts"),
        ("name: middle", "name: early", "windows[1].name: the window 'early' already stands on line"),
        ("name: middle", "name: 'a b'", "windows[1].name: must be one short word"),
        ("checks: [lint,", "checks: [lnt,", "policy.checks[0]: is no check, did you mean 'lint'?"),
        ("checks: [lint,", "checks: [behaviour,", "policy.checks[1]: behaviour stands twice"),
        ("checks: [lint, behaviour, backtest, bias, audit, robustness]", "checks: []", "policy.checks: must not be empty"),
        ("checks: [lint, behaviour, backtest, bias, audit, robustness]", "checks: [lint, robustness]",
         "policy.checks: thresholds judge the numbers of the backtest"),
        ("metric: profit_factor", "metric: profitfactor", "policy.thresholds[2].metric: is no metric, did you mean 'profit_factor'?"),
        ("at_least: 1.1,", "", "policy.thresholds[2]: demands nothing; give at least one of above"),
        ("at_least: 1.1,", "at_least: 1.1, at_most: 1,", "policy.thresholds[2]: profit_factor cannot be at least 1.1 and at most 1"),
        ("at_least: 1.1,", "at_least: 1.1, above: 1,", "policy.thresholds[2].at_least: above and at_least bound the same side"),
        ("at_least: 1.1,", "at_least: 110%,", "policy.thresholds[2].at_least: profit_factor is no ratio"),
        ("at_most: 25%", "at_most: 25", "policy.thresholds[3].at_most: drawdown_max_ratio is never above 1, so this demands nothing"),
        ("at_most: 25%", "at_least: 200%", "policy.thresholds[3].at_least: drawdown_max_ratio is never above 1, so nothing can meet this"),
        ("at_most: 25%", "at_most: .inf", ".inf is not a number that can be compared"),
        (EACH, "scope: 2 of 4, at_least: -10%", "policy.thresholds[4].scope: speaks of 4 windows, but there are 3"),
        (EACH, "scope: 4 of 3, at_least: -10%", "policy.thresholds[4].scope: 4 of 3 windows cannot be"),
        (EACH, "scope: any, at_least: -10%", "policy.thresholds[4].scope: must be each, all_together or"),
        (EACH, "scope: all_together, at_least: -10%", "policy.thresholds[4]: profit_total_ratio (all_together) is already"),
        (EACH, "scope: all_together, below: 0", "policy.thresholds[4]: profit_total_ratio cannot be above 0 and below 0"),
        (", robustness]", "]", "policy.thresholds[6].metric: deflated_sharpe_ratio is measured by the robustness check, which must be among"),
        ("scope: all_together, at_least: 98%", "scope: all_together, relative_to: incumbent, at_least: 0",
         "policy.thresholds[6].relative_to: deflated_sharpe_ratio is measured of candidates only"),
        ("relative_to: market", "relative_to: bitcoin", "policy.thresholds[5].relative_to: must be 'market', 'incumbent' or 'backtest'"),
        ("{metric: trades, scope: all_together, at_least: 30}", "{metric: trades, scope: each, relative_to: market, above: 0}",
         "policy.thresholds[0].relative_to: the market has no trades"),
        ("relative_to: market", "relative_to: backtest", "policy.thresholds[5].relative_to: is known only where bots run"),
        ("metric: deflated_sharpe_ratio", "metric: edge_low_ratio", "policy.thresholds[6].metric: edge_low_ratio is measured of running bots only"),
        ("metric: deflated_sharpe_ratio", "metric: parity_ratio", "policy.thresholds[6].metric: parity_ratio is measured of running bots only"),
        ("seconds: 900", "seconds: -1", "limits.seconds: must be above 0, not -1"),
        ("freqtrade: {}", "freqtrade: []", "freqtrade: must be an object of freqtrade settings"),
        ("mode: history", "mode: history\nname: ci", "name: is not written here"),
        ("mode: history", "mode: history\nextends: base", "extends: is not known: an environment is one complete file"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_plain_words(old: str, new: str, message: str) -> None:
    assert any(line.startswith(message) for line in told(changed(old, new))), told(changed(old, new))


def test_a_backtest_without_thresholds_would_pass_everything_and_is_refused() -> None:
    text = re.sub(r"  thresholds:\n(    - .*\n)+", "", TEXT)
    assert told(text) == ["policy: demands a backtest but no threshold, so every backtest would pass"]


@pytest.mark.parametrize("key", ["mode", "exchange", "dataset", "account", "windows", "policy"])
def test_a_section_that_is_missing_is_told(key: str) -> None:
    text = re.sub(rf"^{key}:", "x:", TEXT, flags=re.MULTILINE)
    assert f"{key}: is missing" in told(text)


def test_problems_of_form_and_of_meaning_are_told_together() -> None:
    text = (
        changed("wallet: 10000", "wallet: x")
        .replace("at_most: 25%", "at_most: 25")
        .replace("name: middle", "name: early")
    )
    found = told(text)
    assert [line.split(":")[0] for line in found] == [
        "account.wallet",
        "windows[1].name",
        "policy.thresholds[3].at_most",
    ]


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("dry_run: true", "follows from mode"),
        ("stake_amount: 100", "is set by the section account"),
        ("max_open_trades: 3", "is set by the section account"),
        ("timeframe: 1h", "belongs to the strategy"),
        ("minimal_roi: {}", "belongs to the strategy"),
        ("db_url: x", "is set by the train itself"),
        ("api_server: {}", "is set by the train itself"),
        ("telegram: {}", "is set by the train itself"),
        ("user_data_dir: x", "is set by the train itself"),
        ("trading_mode: futures", "is not supported yet"),
        ("freqai: {}", "is not supported yet"),
        ("Dry_Run: true", "follows from mode"),
        ("exchange: {name: x}", "is set by the key exchange"),
        ("exchange: {key: x}", "is or may hold a secret"),
        ("exchange: {Secret: x}", "is or may hold a secret"),
        ("exchange: {ccxt_config: {}}", "is or may hold a secret"),
        ("exchange: {pair_whitelist: []}", "follows from the strategy's pairs"),
        ("pairlists: [{method: RemotePairList, bearer_token: x}]", "is or may hold a secret"),
    ],
)
def test_settings_that_are_not_the_environments_are_refused(setting: str, reason: str) -> None:
    found = told(changed("freqtrade: {}", f"freqtrade:\n  {setting}"))
    assert len(found) == 1
    assert reason in found[0]


def test_other_settings_pass_through_as_they_are() -> None:
    settings = "freqtrade:\n  order_types: {entry: limit}\n  exchange: {pair_blacklist: [BNB/.*]}\n  unfilledtimeout: {entry: 10}"
    assert environment("freqtrade: {}", settings).freqtrade == {
        "order_types": {"entry": "limit"},
        "exchange": {"pair_blacklist": ["BNB/.*"]},
        "unfilledtimeout": {"entry": 10},
    }


def test_a_variable_fills_a_leaf_and_gets_the_type_of_its_text() -> None:
    text = changed("wallet: 10000", "wallet: ${WALLET}").replace("exchange: binance", "exchange: '${EXCHANGE_NAME}'")
    filled = load(text, WALLET="2500.5", EXCHANGE_NAME="kraken").environment
    assert (filled.account.wallet, filled.exchange) == (2500.5, "kraken")


@pytest.mark.parametrize("variables", [{}, {"WALLET": ""}, {"WALLET": "  "}])
def test_a_variable_that_is_not_set_is_told_once_at_its_leaf(variables: dict[str, str]) -> None:
    assert told(changed("wallet: 10000", "wallet: ${WALLET}"), **variables) == [
        "account.wallet: the variable WALLET is not set"
    ]


@pytest.mark.parametrize("written", ["'${WALLET} USDT'", "'x${WALLET}'", "'${wallet}'", "'${WALLET'"])
def test_a_variable_is_the_whole_leaf_or_nothing(written: str) -> None:
    assert "must be the whole value" in told(changed("wallet: 10000", f"wallet: {written}"), WALLET="1")[0]


@pytest.mark.parametrize("value", ["hunter2-secret-value", "[1", "inf", "1e999"])
def test_the_value_of_a_variable_is_never_shown(value: str) -> None:
    for old, new in (
        ("wallet: 10000", "wallet: ${NAME}"),
        ("fee: snapshot", "fee: ${NAME}"),
        ("exchange: binance", "exchange: '${NAME}'"),
    ):
        found = [line for line in told(changed(old, new), NAME=value + "!")]
        assert all(value not in line and "NAME" in line for line in found), found


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "API_KEY", "KEY", "MY_SECRET", "RUNNER_TEMP", "DB_PASSWORD"])
def test_a_secret_cannot_be_asked_for_as_a_variable(name: str) -> None:
    found = told(changed("freqtrade: {}", f"freqtrade:\n  note: ${{{name}}}"), **{name: "hunter2"})
    assert found == [f"freqtrade.note: {name} is no variable for an environment: strategies see what stands here"]


def test_the_name_is_the_files_name(tmp_path: Path) -> None:
    path = tmp_path / "My Policy.yml"
    path.write_text(TEXT)
    with pytest.raises(ConfigError, match="the file's name is the environment's"):
        load_environment(path, {})


def test_the_digest_follows_what_is_asked_for_and_nothing_else() -> None:
    base = environment()
    assert load(TEXT.replace("  # ", "  #  ").replace("10000", "1e4")).environment.digest == base.digest
    assert parse_environment(TEXT, "elsewhere.yml", "other", {}).environment.digest == base.digest
    for old, new in (
        ("wallet: 10000", "wallet: 9999"),
        ("at_most: 25%", "at_most: 24%"),
        ("from: 10%", "from: 11%"),
        ("freqtrade: {}", "freqtrade: {a: 1}"),
        ("seconds: 900", "seconds: 901"),
        ("exchange: binance", "exchange: kraken"),
    ):
        assert environment(old, new).digest != base.digest, new


def test_the_policys_digest_does_not_follow_the_order_of_thresholds() -> None:
    lines = re.findall(r"    - \{metric.*\n", TEXT)
    turned = TEXT.replace("".join(lines), "".join(reversed(lines)))
    assert turned != TEXT
    assert load(turned).environment.policy.digest == environment().policy.digest


def test_a_window_that_does_not_fit_the_data_is_told_at_its_place() -> None:
    assert str(load(TEXT).window_problem(1, "lies outside the data")).endswith("5: windows[1]: lies outside the data")
