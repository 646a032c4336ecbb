"""Sources that are made to break whoever reads them end as findings."""

import pytest

from pipeline.domain.lint import MAX_FILE_BYTES, facts, is_readable, lint
from tests.domain.lint.sources import PINNED, candidate, errors, linted

POPULATE = "def populate_indicators(self, df, metadata):\n"
UNREADABLE = {
    "brackets": b"(" * 10_000,
    "lists": b"x = " + b"[" * 5_000 + b"]" * 5_000,
    "minus": b"x = " + b"-" * 100_000 + b"1",
    "sum": b"x = " + b"+".join([b"1"] * 50_000),
    "attributes": b"x = a" + b".b" * 50_000,
    "calls": b"x = a" + b"()" * 50_000,
    "branches": b"if a: pass\n" + b"elif a: pass\n" * 3_000,
    "null byte": b"x = 1\ny = 2 \0\n",
    "not UTF-8": b"x = 1\n# caf\xe9\n",
    "other encoding": b"# -*- coding: utf-7 -*-\nx = 1\n",
    "huge number": b"x = " + b"9" * 10_000,
    "reordered text": "x = 1  # \u202e hidden\n".encode(),
    "no Python": b"def f(:\n    pass\n",
    "indentation": b"if x:\npass\n",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_one_finding_with_its_place(content: bytes):
    found = [finding for finding in lint(candidate(content), PINNED) if finding.rule != "FT501"]
    assert [finding.rule for finding in found] == ["FT004"]
    (place,) = [finding.place for finding in found]
    assert place is not None
    assert place.file == "strategy.py"
    assert place.line >= 1
    assert facts(candidate(content)).class_names == ()
    assert not is_readable("strategy.py", content)


def test_the_place_of_a_syntax_error_is_exact():
    (found,) = lint(candidate(UNREADABLE["no Python"]), PINNED)
    assert (str(found.place), found.reason) == ("strategy.py:1:7", "This is not valid Python: invalid syntax.")
    (found,) = lint(candidate(UNREADABLE["null byte"]), PINNED)
    assert str(found.place) == "strategy.py:2:7"
    (found,) = lint(candidate(UNREADABLE["not UTF-8"]), PINNED)
    assert str(found.place) == "strategy.py:2:6"


def test_a_file_that_is_too_large_is_not_read():
    found = lint(candidate(b"#" * (MAX_FILE_BYTES + 1)), PINNED)
    assert errors(found) == ["FT003"]


def test_a_broken_package_file_hides_nothing_in_the_strategy():
    package = {"sample_lib/__init__.py": b"", "sample_lib/broken.py": b"("}
    found = linted('x = dataframe["close"].shift(-1)', **package)
    assert errors(found) == ["FT004", "FT201"]


TANGLED = {
    "cycle": "a = b\nb = a\ndf.shift(a)\nclass A(A.b): b = A.c\n",
    "long chain": "\n".join(f"n{i} = n{i + 1}" for i in range(3_000)) + "\ndf.shift(n0)\n",
    "recursion": "\n".join("def f(x): return f(x) + f(x).shift(x)" for _ in range(300))
    + f"\n{POPULATE}    return f(df).max()\n",
    "base classes": "\n".join(f"class A{i}(A{i + 1}): pass" for i in range(2_000)),
    "same class": "from freqtrade.strategy import IStrategy\n" + "class A(A, IStrategy): pass\n" * 300,
    "deep calls": "\n".join(f"def f{i}(x): return f{i + 1}(x)" for i in range(1_000))
    + f"\n{POPULATE}    return f0(df).max()\n",
    "many bindings": "\n".join(f"n = n + {i}" for i in range(1_000)) + "\n" + "df.shift(n)\n" * 100,
    "endless power": "x = 9 ** 9 ** 9 ** 9\ndf.shift(x)\n",
    "huge hexadecimal": "x = 0x" + "f" * 100_000 + "\ndf.shift(-x)\nclass A: stoploss = x\n",
    "nested entries": "d = {'a': d['a'], 'b': d['b']}\n" * 30 + "df.shift(d['a'])\n",
}


@pytest.mark.parametrize("source", TANGLED.values(), ids=TANGLED)
def test_tangled_code_ends(source: str):
    found = lint(candidate(source), PINNED)
    assert {"FT101", "FT004"} & set(errors(found))
    facts(candidate(source))


def test_a_long_chain_of_statements_is_followed_to_its_end():
    source = POPULATE + "    df = df.copy()\n" * 500 + "    return df['close'].max()\n"
    assert "FT203" in errors(lint(candidate(source), PINNED))
