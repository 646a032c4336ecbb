"""Which versions a bundle pins."""

import pytest

from pipeline.domain.engine_pins import differing, engine_pins, imported
from tests.bundle_samples import ENGINE, EXTRA, VERSIONS


def pins(**files: str) -> dict[str, str]:
    content = {f"{name.replace('__', '/')}.py": text.encode() for name, text in files.items()}
    return engine_pins({"strategy.py": b"", **content}, VERSIONS, EXTRA)


def test_every_strategy_pins_the_engine_but_neither_interpreter_nor_machine() -> None:
    assert pins() == ENGINE


@pytest.mark.parametrize(
    "code",
    [
        "import technical",
        "import technical.indicators as i",
        "from technical.qtpylib import crossed_above",
        "from technical import qtpylib",
        "def f():\n    import technical.util\n",
        "import freqtrade.vendor.qtpylib.indicators as qtpylib",
        "from freqtrade.vendor import qtpylib",
    ],
)
def test_what_a_strategy_imports_of_the_extra_is_pinned_too(code: str) -> None:
    assert pins(strategy=code) == dict(sorted({**ENGINE, "technical": "1.7.0"}.items()))


def test_the_local_package_counts_and_the_tests_do_not() -> None:
    assert "ft-pandas-ta" in pins(lib__indicators="import pandas_ta")
    assert pins(test_strategy="import pandas_ta") == ENGINE


def test_one_distribution_is_pinned_once_under_whatever_name() -> None:
    assert pins(strategy="import talib.abstract as ta") == ENGINE


def test_relative_imports_and_names_that_only_look_alike_pin_nothing() -> None:
    assert pins(lib__a="from .technical import x\nfrom . import technical", strategy="import technicals") == ENGINE


def test_an_engine_that_is_not_there_cannot_be_pinned() -> None:
    with pytest.raises(ValueError, match="TA-Lib is not installed"):
        engine_pins({}, {**VERSIONS, "TA-Lib": "missing"}, EXTRA)


def test_a_file_that_is_not_python_is_named() -> None:
    with pytest.raises(ValueError, match=r"strategy\.py:2: .*not valid Python"):
        imported({"strategy.py": b"x = 1\ny = ("})


def test_versions_that_differ_from_the_pins_are_told() -> None:
    assert differing(ENGINE, VERSIONS) == {}
    other = {**VERSIONS, "freqtrade": "2026.10", "ta_lib": "0.8.3"}
    del other["TA-Lib"], other["ccxt"]
    assert differing(ENGINE, other) == {"ccxt": "", "freqtrade": "2026.10", "ta-lib": "0.8.3"}
