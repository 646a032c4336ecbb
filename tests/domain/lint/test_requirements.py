"""The lines that would pin what is installed: asked for only where something has to be named."""

from collections.abc import Iterator, Mapping

import pytest

from pipeline.domain.lint import lint
from pipeline.domain.strategy import Candidate, StrategySpec
from tests.flows.gate_ground import FILES, SOURCE


class Untouched(Mapping[str, str]):
    """Fails whoever looks into it: reading what is installed takes long."""

    def __getitem__(self, key: str) -> str:
        pytest.fail(f"{key} was looked up")

    def __iter__(self) -> Iterator[str]:
        pytest.fail("the lines were walked through")

    def __len__(self) -> int:
        pytest.fail("the lines were counted")


def test_a_strategy_with_nothing_but_pinned_imports_needs_no_line():
    candidate = Candidate(StrategySpec("sample", "Sample"), FILES, "strategies/sample")
    assert [f for f in lint(candidate, frozenset(), Untouched()) if f.rule.startswith("FT1")] == []


def test_an_import_that_is_not_pinned_is_named_with_its_line():
    files = {**FILES, "strategy.py": b"import scipy\n" + SOURCE}
    candidate = Candidate(StrategySpec("sample", "Sample"), files, "strategies/sample")
    told = [finding.reason for finding in lint(candidate, frozenset(), {"scipy": "scipy==1.16.2"})]
    assert any("scipy==1.16.2" in reason for reason in told)
