"""strategy.yml: little is required, nothing is guessed, and the policy may only become stricter."""

from pathlib import Path

import pytest

from pipeline.config.strategy import load_strategy, parse_strategy
from pipeline.domain.policy import Policy, Scope, Span, Threshold
from pipeline.errors import ConfigError

POLICY = Policy(
    ("backtest",),
    (
        Threshold("profit_factor", Scope(Span.ALL_TOGETHER), at_least=1.1, minimum_trades=30),
        Threshold("drawdown_max_ratio", Scope(Span.ALL_TOGETHER), at_most=0.25),
    ),
)


def told(text: str, policy: Policy | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_strategy(text, "s.yml", "trend", policy)
    return [str(problem) for problem in caught.value.problems]


def test_the_class_is_the_only_required_key(tmp_path: Path) -> None:
    path = tmp_path / "strategy.yml"
    path.write_text("class: Trend\n")
    spec = load_strategy(path, "trend")
    assert (spec.id, spec.class_name, spec.pairs, spec.timeframe, spec.overrides) == ("trend", "Trend", (), "", ())


def test_everything_that_can_be_said() -> None:
    spec = parse_strategy(
        "class: Trend\ntitle: Trend\ndescription: |\n  Rides trends.\nowner: ada\ntimeframe: 4h\npairs: [BTC/USDT, ETH/USDT]\n"
        "policy: [{metric: sharpe, scope: each, above: 0.5}]\n",
        "s.yml",
        "trend",
        POLICY,
    )
    assert (spec.title, spec.description, spec.owner, spec.timeframe) == ("Trend", "Rides trends.", "ada", "4h")
    assert spec.pairs == ("BTC/USDT", "ETH/USDT")
    assert spec.overrides == (Threshold("sharpe", Scope(Span.EACH), above=0.5),)


def test_all_pairs_can_be_written_out() -> None:
    assert parse_strategy("class: A\npairs: all", "s.yml", "a").pairs == ()


def test_every_problem_is_told_at_its_place() -> None:
    assert told("class: 1x\ntimeframe: 7m\npairs: [BTC/USDT, BTC, BTC/USDT, 'ETH/USDT:USDT', 3]\ntitel: x\npolicy: [{metric: shrp}]\n") == [
        "s.yml:1:8: class: must be the name of the class in strategy.py, not the text '1x'",
        "s.yml:2:12: timeframe: is no timeframe; known are 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, 3d, 1w",
        "s.yml:3:19: pairs[1]: must be a pair such as BTC/USDT, not the text 'BTC'",
        "s.yml:3:24: pairs[2]: BTC/USDT stands twice",
        "s.yml:3:34: pairs[3]: ETH/USDT:USDT is a future; only spot pairs such as BTC/USDT are supported",
        "s.yml:3:51: pairs[4]: must be a pair such as BTC/USDT, not 3",
        "s.yml:4:1: titel: is not a known key, did you mean 'title'?",
        "s.yml:5:10: policy[0].scope: is missing",
        "s.yml:5:19: policy[0].metric: is no metric, did you mean 'sharpe'?",
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["freqai", "can_short", "trading_mode", "leverage", "margin_mode"])
def test_what_is_not_supported_is_said_clearly(key: str) -> None:
    assert "is not supported yet" in told(f"class: A\n{key}: x")[0]


@pytest.mark.parametrize("key", ["stoploss", "minimal_roi", "stake_amount", "id"])
def test_what_belongs_elsewhere_is_sent_there(key: str) -> None:
    assert "did you mean" not in told(f"class: A\n{key}: 1")[0]
    assert "is not a known key" not in told(f"class: A\n{key}: 1")[0]


@pytest.mark.parametrize("written", ["pairs: []", "pairs: BTC/USDT", "pairs: {}", "pairs: 3"])
def test_pairs_are_all_or_a_list(written: str) -> None:
    assert "pairs: must be all, or a list" in told(f"class: A\n{written}")[0]


def test_an_override_that_loosens_is_refused_at_its_line() -> None:
    text = (
        "class: A\npolicy:\n  - {metric: profit_factor, scope: all_together, at_least: 1.2}\n"
        "  - {metric: drawdown_max_ratio, scope: all_together, at_most: 30%}\n"
    )
    assert told(text, POLICY) == [
        "s.yml:4:5: policy[1]: would loosen the policy: drawdown_max_ratio (all_together) must stay at most 0.25, not at most 0.3; "
        "overrides may only tighten"
    ]
    assert len(parse_strategy(text, "s.yml", "a").overrides) == 2


def test_two_overrides_of_one_number_are_refused() -> None:
    text = (
        "class: A\npolicy:\n  - {metric: sharpe, scope: each, above: 1}\n  - {metric: sharpe, scope: each, below: 9}\n"
    )
    assert told(text) == [
        "s.yml:4:5: policy[1]: sharpe (each) is already bounded on line 3; put the bounds into one entry"
    ]
