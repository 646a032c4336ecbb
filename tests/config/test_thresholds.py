"""What thresholds may ask of numbers that only all windows together can give."""

import pytest

from pipeline.config.environment import parse_environment
from pipeline.errors import ConfigError
from tests.needs import ROOT

LINE = "    - {metric: trades, scope: all_together, at_least: 30}\n"


@pytest.mark.parametrize("scope", ["each", "2 of 3"])
def test_luck_cannot_be_judged_in_single_windows(scope: str) -> None:
    text = (ROOT / "environments" / "ci.yml").read_text(encoding="utf-8")
    asked = f"{LINE}    - {{metric: deflated_sharpe_ratio, scope: {scope}, at_least: 90%}}\n"
    with pytest.raises(ConfigError) as refused:
        parse_environment(text.replace(LINE, asked), "ci.yml", "ci", {})
    told = [problem.message for problem in refused.value.problems]
    assert told == [
        "policy.thresholds[1].scope: deflated_sharpe_ratio is measured over all windows only: write all_together"
    ]
