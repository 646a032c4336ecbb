from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.domain.verdict import Finding, Outcome, Verdict
from pipeline.render.terminal import render
from tests.render import samples

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("width", [60, 100])
def test_a_whole_gate_as_it_is_printed(golden: Golden, width: int) -> None:
    text = render(samples.gate()[0], report="out/report.html", width=width, color=False)
    assert max(len(line) for line in text.splitlines()) <= width
    golden(f"render/terminal_{width}.txt", text)


def test_a_single_pass_is_brief(golden: Golden) -> None:
    text = render([samples.passing()[0]], report="out/report.html", width=100, color=False)
    assert len(text.splitlines()) < 14
    golden("render/terminal_pass.txt", text)


def test_colour_changes_no_word() -> None:
    judgements = samples.gate()[0]
    coloured = render(judgements, report=None, width=100, color=True)
    assert "\x1b[" in coloured
    bare = "".join(part.partition("m")[2] if index else part for index, part in enumerate(coloured.split("\x1b[")))
    assert [line.rstrip() for line in bare.splitlines()] == render(
        judgements, report=None, width=100, color=False
    ).splitlines()


@pytest.mark.parametrize("color", [False, True])
def test_what_a_strategy_wrote_cannot_act_on_the_terminal(color: bool) -> None:
    text = render([samples.hostile()[0]], report=None, width=60, color=color)
    if color:
        assert "\x1b[2J" not in text
    else:
        assert all(character.isprintable() or character == "\n" for character in text)
    assert "##[" not in text
    assert not any(line.strip().startswith("::") for line in text.splitlines())


def test_real_candles_bear_no_note_about_simulation() -> None:
    judgement, _ = samples.judgement("real", samples.TREND, simulated=False)
    assert "simulated" not in render([judgement], report=None, width=100, color=False)


def test_many_reasons_are_counted_instead_of_listed() -> None:
    judgement = samples.failing()[0]
    many = tuple(Finding("lint", "FT101", Outcome.FAIL, f"Reason {number}.") for number in range(40))
    text = render([replace(judgement, verdict=Verdict(many))], report=None, width=100, color=False)
    assert "Reason 11." in text
    assert "Reason 12." not in text
    assert "and 28 more, in the report" in text


def test_no_strategy_is_said_plainly() -> None:
    assert render([], report=None, width=80, color=False) == "Nothing was to be judged.\n"
