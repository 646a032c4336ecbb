"""The page of a rehearsal in a real browser: charts are drawn in both colour schemes, the filter works, nothing is complained about."""

import re
from pathlib import Path

import pytest

from pipeline.render.rehearsal import page
from tests import rehearsals
from tests.render.browser import INK, SCHEMES, browse, complaints

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    file = tmp_path / "rehearsal.html"
    file.write_text(page(rehearsals.passed()), encoding="utf-8")
    return file


@pytest.mark.parametrize("scheme", SCHEMES)
def test_both_charts_are_drawn_in_both_colour_schemes_without_a_complaint(
    written: Path, tmp_path: Path, scheme: str
) -> None:
    seen = browse(written, tmp_path / "profile", "--dump-dom", scheme=scheme)
    assert complaints(seen.stderr) == []
    body = re.sub(r"<script.*?</script>", "", seen.stdout, flags=re.S)
    lanes, curves = re.split(r'(?=<div class="chart )', body)[1:]
    assert lanes.count('<g class="trace bars"') == 7
    assert len(re.findall(r'<path class="point"[^>]* d="M', lanes)) == 12
    assert curves.count('<g class="trace scatter') == 2
    assert len(re.findall(r'<path class="js-line"[^>]* d="M', curves)) == 4  # the curves, and their lines in the legend
    assert "81e399cf4d5c" in lanes
    assert f"fill: {INK[scheme]}" in body
    assert not re.search(r"<p[^>]*data-filter[^>]*hidden|<p[^>]*hidden[^>]*data-filter", body)


def test_hostile_texts_are_drawn_and_do_nothing(tmp_path: Path) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(page(rehearsals.hostile()), encoding="utf-8")
    seen = browse(file, tmp_path / "profile", "--dump-dom")
    assert complaints(seen.stderr) == []
    body = re.sub(r"<script.*?</script>", "", seen.stdout, flags=re.S)
    assert body.count('class="main-svg"') >= 2
    assert "<img" not in body


def test_only_one_environment_is_left_when_it_is_chosen(written: Path, tmp_path: Path) -> None:
    """A browser that comes back to a page restores what was chosen; the page sifts at its start too."""
    text = written.read_text(encoding="utf-8").replace("<option>prod</option>", "<option selected>prod</option>")
    written.write_text(text, encoding="utf-8")
    seen = browse(written, tmp_path / "profile", "--dump-dom").stdout
    rows = re.findall(r'<tr data-environment="(\w+)"([^>]*)>', seen)
    assert {name for name, rest in rows if "hidden" not in rest} == {"prod"}
    assert len(rows) == len(rehearsals.EVENTS)
