"""Which versions a bundle pins."""

import pytest

from pipeline.domain.engine_pins import changed_engine, differing, engine_pins, imported, locked
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


LOCK = """\
freqtrade==2026.8 \\
    --hash=sha256:00
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:00
numpy==2.5.5 ; python_full_version >= '3.12'
ta-lib==0.8.2
rich==14.0
"""


def test_a_lock_names_every_version_that_it_pins() -> None:
    assert locked(LOCK) == {"freqtrade": "2026.8", "numpy": "2.4.6, 2.5.5", "ta-lib": "0.8.2", "rich": "14.0"}


def test_only_what_can_change_a_trade_is_a_change_of_the_engine() -> None:
    now = LOCK.replace("2026.8", "2026.9").replace("14.0", "15.0").replace("2.5.5", "2.5.6") + "technical==1.8\n"
    assert changed_engine(LOCK, now) == {
        "freqtrade": ("2026.8", "2026.9"),
        "numpy": ("2.4.6, 2.5.5", "2.4.6, 2.5.6"),
        "technical": ("", "1.8"),
    }
    assert changed_engine(LOCK, LOCK.replace("14.0", "15.0")) == {}
