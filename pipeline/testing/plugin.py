"""The pytest plugin for strategies' tests: `pytest -p pipeline.testing.plugin strategies/my_idea/test_strategy.py`."""

from pathlib import Path

import pytest

from pipeline.domain.strategy import DESCRIPTION_FILE, StrategySpec
from pipeline.errors import FreqtrainError
from pipeline.testing.under_test import UnderTest, load


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the strategy is, for whoever runs its tests from elsewhere and has read its description already."""
    group = parser.getgroup("freqtrain")
    group.addoption(
        "--freqtrain-strategy", metavar="DIR", default="", help="the strategy's folder; default: the test file's"
    )
    group.addoption("--freqtrain-class", metavar="NAME", default="", help="its class; default: what strategy.yml says")
    group.addoption(
        "--freqtrain-timeframe", metavar="TIMEFRAME", default="", help="default: strategy.yml's or the class's"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Warnings of a strategy or of freqtrade end no test, whatever pytest's configuration says: the gate does not mind them either."""
    for item in items:
        if "strategy" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture
def strategy(request: pytest.FixtureRequest) -> UnderTest:
    """The strategy under test, freshly loaded by freqtrade for each test."""
    options = request.config
    folder = Path(options.getoption("--freqtrain-strategy") or request.path.parent).resolve()
    class_name, timeframe = options.getoption("--freqtrain-class"), options.getoption("--freqtrain-timeframe")
    if not class_name:
        described = _described(folder)
        class_name, timeframe = described.class_name, timeframe or described.timeframe
    return load(folder, class_name, timeframe=timeframe)


def _described(folder: Path) -> StrategySpec:
    from pipeline.config.strategy import load_strategy  # only here: the gate's child has no need of pydantic and yaml

    try:
        return load_strategy(folder / DESCRIPTION_FILE, folder.name)
    except (FreqtrainError, OSError) as error:
        pytest.fail(f"{error}\nsay where the strategy is with --freqtrain-strategy DIR", pytrace=False)
