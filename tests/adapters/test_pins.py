"""What strategies may import follows from what is pinned."""

from importlib.metadata import Distribution, version
from pathlib import Path

import pytest

from pipeline.adapters import pins
from pipeline.errors import ConfigError


def test_the_pinned_distributions_allow_their_modules() -> None:
    allowed = pins.allowed_imports(pins.strategy_extra())
    assert {"talib", "technical", "pandas_ta"} <= allowed
    assert "scipy" not in allowed


def test_what_is_pinned_is_known_without_reading_what_else_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "packages_distributions", lambda: pytest.fail("everything installed was read"))
    pins._owners.cache_clear()
    assert "talib" in pins.allowed_imports(("ta-lib==0.8.2",))


def test_a_pinned_distribution_brings_what_it_declares_or_else_what_its_files_say(tmp_path: Path) -> None:
    files = {"declared": "alpha\nbeta\n", "undeclared": None}
    for name, top_level in files.items():
        info = tmp_path / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "RECORD").write_text("gamma/__init__.py,,\ndelta.py,,\nlib/data.txt,,\n../bin/x,,\n")
        if top_level is not None:
            (info / "top_level.txt").write_text(top_level)
    found = {name: pins._modules_of(Distribution.at(tmp_path / f"{name}-1.dist-info")) for name in files}
    assert found == {"declared": {"alpha", "beta"}, "undeclared": {"gamma", "delta"}}


def test_a_pinned_distribution_that_is_not_installed_brings_nothing() -> None:
    assert pins.allowed_imports(("no-such-thing==1",)) == frozenset()


def test_a_distribution_without_an_exact_version_allows_nothing() -> None:
    assert "technical" not in pins.allowed_imports(("technical>=1.0", "ta_lib==0.8.2"))
    assert "talib" in pins.allowed_imports(("ta_lib==0.8.2",))


def test_the_line_that_would_pin_a_module_names_what_is_installed() -> None:
    lines = pins.InstalledLines()
    assert lines["scipy"].startswith("scipy==")
    assert lines.get("no_such_module") is None


def test_a_project_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"pyproject\.toml"):
        pins.strategy_extra(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project\n")
    with pytest.raises(ConfigError, match=r"pyproject\.toml"):
        pins.strategy_extra(tmp_path)


def test_the_engines_identity_names_versions_and_our_own_code() -> None:
    identity = pins.engine_identity()
    assert identity["judging code"].startswith("sha256:")
    assert identity["freqtrade"] != "missing"
    assert identity == pins.engine_identity()


def test_whatever_strategies_may_import_is_part_of_the_engines_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    before = pins.engine_identity()
    monkeypatch.setattr(pins, "strategy_extra", lambda: ("ta_lib==0.8.2", "SciPy==1.16.2", "no-such-thing==1"))
    assert pins.engine_identity() == {**before, "scipy": version("scipy"), "no-such-thing": "missing"}
