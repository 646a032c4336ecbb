"""Strategies to lint: the smallest one that passes, with a snippet put into it."""

from pipeline.domain.lint import lint
from pipeline.domain.strategy import Candidate, StrategySpec
from pipeline.domain.verdict import Finding

PINNED = frozenset({"talib", "technical", "pandas_ta"})
IN_CLASS = "# in the class"

_HEAD = """\
{imports}
from pandas import DataFrame
from freqtrade.strategy import IStrategy


class Sample(IStrategy):
    \"\"\"A sample.\"\"\"

{attributes}
{extra}

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
{body}
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[dataframe["volume"] > 0, "enter_long"] = 1
        return dataframe
"""
_ATTRIBUTES = {"INTERFACE_VERSION": "3", "timeframe": '"1h"', "stoploss": "-0.1", "startup_candle_count": "200"}


def strategy(snippet: str = "") -> str:
    """strategy.py with a snippet in populate_indicators, in the class, or (with a class of its own) as it is."""
    lines = snippet.strip("\n").splitlines()
    if any(line.startswith("class ") for line in lines):
        return snippet
    if lines and lines[0] == IN_CLASS:
        return _filled("", "\n".join(lines[1:]), "pass")
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    return _filled("\n".join(imports), "", "\n".join(line for line in lines if line not in imports) or "pass")


def _filled(imports: str, extra: str, body: str) -> str:
    attributes = {name: value for name, value in _ATTRIBUTES.items() if f"{name} =" not in extra}
    return _HEAD.format(
        imports=imports,
        attributes="\n".join(f"    {name} = {value}" for name, value in attributes.items()),
        extra=_indented(extra, 4),
        body=_indented(body, 8),
    )


def _indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line if line else line for line in text.splitlines())


def candidate(source: str | bytes, class_name: str = "Sample", timeframe: str = "", **others: bytes) -> Candidate:
    """A candidate with the id `sample`; further files by their path, with `__` for `/` and without the ending .py."""
    files = {
        "strategy.py": source.encode() if isinstance(source, str) else source,
        "strategy.yml": f"class: {class_name}\n".encode(),
        "test_strategy.py": b"def test_something(strategy):\n    pass\n",
    }
    files |= {path if "." in path else path.replace("___", "/") + ".py": content for path, content in others.items()}
    return Candidate(StrategySpec("sample", class_name, timeframe=timeframe), dict(sorted(files.items())))


def linted(snippet: str, **others: bytes) -> tuple[Finding, ...]:
    """The findings about a strategy with this snippet."""
    return lint(candidate(strategy(snippet), **others), PINNED)


def errors(found: tuple[Finding, ...]) -> list[str]:
    """The codes of what stops, in order."""
    return [finding.rule for finding in found if not finding.warning]


def warnings(found: tuple[Finding, ...]) -> list[str]:
    """The codes of what is worth knowing, in order."""
    return [finding.rule for finding in found if finding.warning]
