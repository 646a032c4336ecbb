"""The real ruff, with our configuration and nobody else's."""

import sys
from pathlib import Path

import pytest

from pipeline.adapters.ruff import Ruff
from pipeline.domain.verdict import Finding, Outcome, Place
from pipeline.errors import ToolFailed

pytestmark = pytest.mark.processes


def _told(**files: str) -> list[tuple[str, str, bool]]:
    found = Ruff().lint({f"{name}.py": text.encode() for name, text in files.items()})
    return [(finding.rule, str(finding.place), finding.warning) for finding in found]


def test_what_cannot_run_is_an_error_with_its_place():
    (found,) = Ruff().lint({"strategy.py": b'"""x"""\nvalue = 1 + undefined\n'})
    place = Place("strategy.py", 2, 13)
    assert found == Finding("lint", "F821", Outcome.FAIL, "Undefined name `undefined`.", place)


def test_style_is_a_warning():
    assert _told(strategy="import math\n\nl = 1\n") == [
        ("F401", "strategy.py:1:8", True),
        ("E741", "strategy.py:3:1", True),
    ]


def test_noqa_silences_style_and_no_error():
    assert _told(strategy="import math  # noqa: F401\n\nx = undefined  # noqa\n") == [
        ("F821", "strategy.py:3:5", False)
    ]
    assert _told(strategy="# ruff: noqa\nimport math\n\nx = undefined\n") == [("F821", "strategy.py:4:5", False)]


def test_files_of_a_package_are_told_by_their_path():
    found = Ruff().lint({"sample_lib/__init__.py": b"", "sample_lib/bands.py": b"x = undefined\n"})
    assert [str(finding.place) for finding in found] == ["sample_lib/bands.py:1:5"]


def test_a_configuration_that_a_strategy_brings_has_no_effect():
    files = {
        "strategy.py": b"x = undefined\n",
        "pyproject.toml": b'[tool.ruff]\nexclude = ["*.py"]\n',
        ".gitignore": b"*\n",
    }
    assert [finding.rule for finding in Ruff().lint(files)] == ["F821"]


def test_a_configuration_around_us_has_no_effect(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "ruff.toml").write_text('lint.ignore = ["F821"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUFF_CONFIG", str(tmp_path / "ruff.toml"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert [finding.rule for finding in Ruff().lint({"strategy.py": b"x = undefined\n"})] == ["F821"]


def test_syntax_that_the_oldest_python_lacks_is_an_error():
    """On that Python itself our own rules say so."""
    told = {rule for rule, _, _ in _told(strategy="type Number = int\n")}
    assert told == (set() if sys.version_info < (3, 12) else {"invalid-syntax"})


def test_files_that_our_rules_cannot_read_are_left_to_them():
    assert _told(strategy="def f(:\n") == []
    assert Ruff().lint({"strategy.py": b"\xff"}) == ()


def test_what_is_no_python_or_lies_outside_is_not_looked_at(tmp_path: Path):
    outside = {"../evil.py": b"x = undefined\n", "/evil.py": b"x = undefined\n", "strategy.yml": b"class: X\n"}
    assert Ruff().lint(outside) == ()


def test_honest_code_has_no_findings():
    honest = Path(__file__).parents[1] / "domain" / "lint" / "honest" / "ema_cross.txt"
    assert Ruff().lint({"strategy.py": honest.read_bytes()}) == ()


def test_many_findings_of_one_rule_are_counted():
    told = _told(strategy="".join(f"x{i} = undefined\n" for i in range(40)))
    assert len(told) == 26
    assert told[-1] == ("F821", "None", False)


def test_a_ruff_that_is_missing_or_talks_nonsense_is_told(tmp_path: Path):
    with pytest.raises(ToolFailed, match="is not installed"):
        Ruff(str(tmp_path / "python")).lint({"strategy.py": b"x = 1\n"})
    nonsense = tmp_path / "python"
    nonsense.write_text("#!/bin/sh\necho hello\n")
    nonsense.chmod(0o700)
    with pytest.raises(ToolFailed, match="not its list of findings"):
        Ruff(str(nonsense)).lint({"strategy.py": b"x = 1\n"})
    nonsense.write_text("#!/bin/sh\necho 'no such option' >&2\nexit 2\n")
    with pytest.raises(ToolFailed, match="ruff ended with 2: no such option"):
        Ruff(str(nonsense)).lint({"strategy.py": b"x = 1\n"})
