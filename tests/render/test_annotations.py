from dataclasses import replace

import pytest

from pipeline.domain.verdict import Finding, Outcome, Place, Verdict
from pipeline.errors import Problem
from pipeline.render.annotations import annotations, group, problem_annotations, verbatim
from tests.render import samples


def test_a_finding_is_annotated_on_its_line_in_the_repository() -> None:
    first = annotations([samples.failing()[0]]).splitlines()[0]
    assert first == (
        "::error file=strategies/dip_buyer/strategy.py,line=42,col=34,title=dip_buyer%3A FT201"
        "::shift(-1) reads the next candle, which has not happened yet."
    )


def test_too_few_trades_and_warnings_are_warnings() -> None:
    lines = annotations([samples.inconclusive()[0], samples.passing()[0]]).splitlines()
    assert lines
    assert all(line.startswith("::warning ") for line in lines)
    assert "file=strategies/sma_trend/strategy.py,line=31,col=9" in lines[-1]


def test_a_place_that_names_the_repository_s_path_is_not_prefixed_twice() -> None:
    finding = Finding("lint", "FT001", Outcome.FAIL, "Unknown file.", Place("strategies/dip_buyer/x.txt"))
    judgement = replace(samples.failing()[0], verdict=Verdict((finding,)))
    assert (
        annotations([judgement]) == "::error file=strategies/dip_buyer/x.txt,title=dip_buyer%3A FT001::Unknown file.\n"
    )


def test_hostile_text_stays_inside_its_annotation() -> None:
    lines = annotations([samples.hostile()[0]]).split("\n")
    assert lines.pop() == ""
    for line in lines:
        assert line.startswith(("::error ", "::warning "))
        assert not set(line) & set("\r\x1b\x9b")
        head = line[2:].partition("::")[0]
        assert all(
            part.partition("=")[0].split(" ")[-1] in ("file", "line", "col", "title") for part in head.split(",")
        )


def test_percent_signs_colons_and_commas_are_escaped_as_github_reads_them() -> None:
    finding = Finding("lint", "a:b,c%", Outcome.FAIL, "100 %0A: yes, no", Place("a,b:c%.py", 1, 0))
    text = annotations([replace(samples.failing()[0], verdict=Verdict((finding,)))])
    assert text == (
        "::error file=strategies/dip_buyer/a%2Cb%3Ac%25.py,line=1,col=1,title=dip_buyer%3A a%3Ab%2Cc%25::100 %250A: yes, no\n"
    )


def test_no_more_annotations_are_made_than_github_shows() -> None:
    many = tuple(Finding("lint", "FT1", Outcome.FAIL, f"Reason {n}.") for n in range(50))
    judgement = replace(samples.failing()[0], verdict=Verdict(many))
    assert len(annotations([judgement]).splitlines()) == 10


def test_a_group_folds_text_whose_commands_are_broken_up() -> None:
    assert group("evil\n::error::x", "told\n ::error::y\n##[warning]z\n") == (
        "::group::evil ::error::x\ntold\n : :error::y\n## [warning]z\n::endgroup::\n"
    )


def test_verbatim_text_is_wrapped_with_a_token_that_it_cannot_know() -> None:
    token = "0123456789abcdef"
    assert verbatim("::error::x\n", token) == f"::stop-commands::{token}\n::error::x\n::{token}::\n"
    with pytest.raises(ValueError, match="token"):
        verbatim(f"::{token}::", token)
    with pytest.raises(ValueError, match="token"):
        verbatim("x", "short")


def test_a_problem_in_a_file_that_describes_is_shown_at_its_line() -> None:
    problems = (
        Problem("strategies/a,b/strategy.yml", 2, 0, "timframe: did you mean timeframe?\n::error::owned"),
        Problem("strategies/c/strategy.yml", 0, 0, "there is no such file: 100%"),
    )
    assert problem_annotations(problems).splitlines() == [
        "::error file=strategies/a%2Cb/strategy.yml,line=2,col=1::timframe: did you mean timeframe? ::error::owned",
        "::error file=strategies/c/strategy.yml::there is no such file: 100%25",
    ]
