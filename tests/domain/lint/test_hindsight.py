"""Dates that are written out, however they are written and compared; and every honest use of the calendar."""

from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.lint import lint
from tests.adapters.freqtrade.honest import KINDS
from tests.domain.lint.dated import COMPARED, EXIT, GOOD, GOOD_IN_CALLBACKS, IN_CALLBACKS, INDEXED, NAMED
from tests.domain.lint.sources import IN_CLASS, PINNED, candidate, errors, linted, strategy, warnings
from tests.trading_styles import HONEST, write_style


@pytest.mark.parametrize("snippet", [*COMPARED, *INDEXED, *NAMED])
def test_a_date_that_is_written_out_is_found(snippet: str):
    assert "FT214" in errors(linted(snippet))


@pytest.mark.parametrize("snippet", IN_CALLBACKS)
def test_a_date_in_a_callback_is_found(snippet: str):
    text = "from datetime import datetime\nfrom freqtrade.persistence import Trade\n" + strategy(
        f"{IN_CLASS}\n{snippet}"
    )
    assert set(errors(lint(candidate(text), PINNED))) == {"FT214"}


@pytest.mark.parametrize("snippet", GOOD)
def test_what_comes_round_again_or_is_no_date_is_fine(snippet: str):
    found = linted(snippet)
    assert "FT214" not in errors(found) + warnings(found), found


@pytest.mark.parametrize("snippet", GOOD_IN_CALLBACKS)
def test_durations_and_seasons_in_callbacks_are_fine(snippet: str):
    found = lint(
        candidate(
            "from datetime import datetime, timedelta\nfrom freqtrade.persistence import Trade\n"
            + strategy(f"{IN_CLASS}\n{snippet}")
        ),
        PINNED,
    )
    assert errors(found) == [], found


@settings(deadline=None)
@given(
    st.dates(date(2009, 1, 1), date(2199, 12, 31)),
    st.sampled_from(
        [
            "%Y-%m-%d",
            "%Y-%m-%dT%H:%M:%S",
            "%Y-%m-%d %H:%M:%S+00:00",
            "%Y-%m",
            "%Y%m%d",
            "%d/%m/%Y",
            "%d.%m.%y",
            "%d %B %Y",
            "%Y",
        ]
    ),
)
def test_every_day_is_found_in_every_form(day: date, form: str):
    assert errors(linted(f'x = dataframe["date"] > "{day.strftime(form)}"')) == ["FT214"]


@settings(deadline=None)
@given(st.sampled_from(["hour", "minute", "dayofweek", "day", "month", "quarter", "dayofyear"]), st.integers(0, 3000))
def test_no_part_of_a_day_or_year_is_taken_for_a_date(part: str, number: int):
    assert linted(f'x = dataframe["date"].dt.{part} == {number}') == ()


@pytest.mark.parametrize("name", KINDS)
def test_the_kinds_of_the_bias_check_know_no_dates(name: str):
    found = lint(candidate(KINDS[name], "Sample"), PINNED)
    assert not {"FT214", "FT407", "FT108"} & set(errors(found)), found


@pytest.mark.parametrize("name", HONEST)
def test_the_styles_of_the_audit_know_no_dates(name: str, tmp_path: Path):
    text = (write_style(tmp_path, HONEST[name]) / "strategy.py").read_text()
    found = lint(candidate(text, "Styled"), PINNED)
    assert not {"FT214", "FT407"} & set(errors(found) + warnings(found)), found


def test_the_sample_that_freqtrade_brings_along_knows_no_dates():
    folder = next(iter(find_spec("freqtrade").submodule_search_locations))
    text = (Path(folder) / "templates" / "sample_strategy.py").read_text()
    found = lint(candidate(text, "SampleStrategy"), PINNED)
    assert not {"FT214", "FT402", "FT407"} & set(errors(found) + warnings(found)), found


def test_the_finding_names_the_date_its_place_and_what_to_do():
    (found,) = [f for f in linted('x = dataframe["date"] > "2024-03-01"') if f.rule == "FT214"]
    assert found.reason == (
        '"2024-03-01" is a day that does not come again: who chose it knew what happened then. '
        "Decide by what the candles show; hour, weekday and month may be used, a date or year may not."
    )
    assert str(found.place) == "strategy.py:16:13"


def test_a_date_that_is_written_elsewhere_is_told_with_both_places():
    (found,) = [
        f
        for f in linted(
            f"{IN_CLASS}\nSTART = \"2024-03-01\"\n{EXIT}return 'x' if str(current_time) > self.START else None"
        )
        if f.rule == "FT214"
    ]
    assert '"2024-03-01" (strategy.py:13)' in found.reason
    assert found.place is not None
    assert found.place.line == 15


def test_a_constant_of_the_local_package_is_followed():
    package = {"sample_lib/__init__.py": b"", "sample_lib/days.py": b'DAYS = ("2024-03-01", "2024-03-02")\n'}
    snippet = 'from sample_lib.days import DAYS\nx = dataframe["date"].dt.strftime("%Y-%m-%d").isin(DAYS)'
    (found,) = [f for f in lint(candidate(strategy(snippet), **package), PINNED) if not f.warning]
    assert (found.rule, found.place and found.place.file) == ("FT214", "strategy.py")
    assert "sample_lib/days.py:1" in found.reason


def test_a_moment_to_begin_with_that_is_replaced_later_is_a_warning():
    snippet = f"""{IN_CLASS}
def bot_start(self, **kwargs):
    self.last = datetime(2020, 1, 1)

{EXIT}waited = current_time > self.last
    self.last = current_time
    return "x" if waited else None"""
    found = lint(candidate("from datetime import datetime\n" + strategy(snippet)), PINNED)
    assert (errors(found), warnings(found)) == ([], ["FT214"])


def test_dates_in_tests_are_nobodys_business():
    tests = b'def test_x(strategy):\n    assert strategy.frame["date"].iloc[0] > "2024-01-01"\n'
    assert lint(candidate(strategy(), **{"test_strategy.py": tests}), PINNED) == ()


@pytest.mark.parametrize("deep", range(1, 14))
def test_what_was_looked_at_from_afar_first_is_still_seen_from_near(deep: int):
    decoy = f"x = {'[' * deep}start{']' * deep} == metadata"
    snippet = f"import pandas as pd\nstart = pd.Timestamp('2024-03-01')\n{decoy}\ny = dataframe['date'] > start"
    lines = {f.place.line for f in linted(snippet) if f.rule == "FT214" and f.place}
    assert max(lines) == 18


def test_names_that_are_used_over_and_over_are_followed_once():
    lines = ["x0 = metadata['pair']", *(f"x{i} = [x{i - 1}, str(x{i - 1}), x{i - 1}, x{i - 1}]" for i in range(1, 12))]
    assert errors(linted("\n".join([*lines, *(f"y{i} = x{i} == 3" for i in range(12))]))) == []


def test_counters_that_depend_on_each_other_are_not_too_tangled():
    counters = [f"n{i} = len(dataframe)" for i in range(8)]
    counters += [f"n{i} = n{i} + n{j}" for i in range(8) for j in range(8)]
    assert errors(linted("\n".join([*counters, 'x = dataframe["close"].rolling(20).mean() > n0']))) == []
