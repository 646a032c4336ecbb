"""The report in a real browser: charts are drawn in both colour schemes, and nothing is complained about."""

import re
from pathlib import Path

import pytest

from pipeline.render.report import html
from tests.render import samples
from tests.render.browser import INK, SCHEMES, browse, complaints

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    made = [samples.passing(), samples.hostile()]
    pictures = {judgement.evidence.provenance.strategy: shown for judgement, shown in made}
    (folder / "report.html").write_text(html([judgement for judgement, _ in made], pictures), encoding="utf-8")
    return folder / "report.html"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_chart_is_drawn_in_both_colour_schemes_without_a_complaint(
    page: Path, tmp_path: Path, scheme: str
) -> None:
    seen = browse(page, tmp_path / "profile", "--dump-dom", scheme=scheme)
    assert complaints(seen.stderr) == []
    body = re.sub(r"<script.*?</script>", "", seen.stdout, flags=re.S)
    charts = re.split(r'(?=<div class="chart )', body)[1:]
    assert len(charts) == 10
    for chart in charts:
        assert 'class="main-svg"' in chart
        drawn = len(re.findall(r'<g class="trace scatter|<g class="trace bars', chart))
        assert drawn >= (1 if 'data-chart="returns"' in chart else 4)
        assert len(re.findall(r'<path class="js-line"[^>]* d="M|<g class="point"><path d="M', chart)) >= 1
    assert f"fill: {INK[scheme]}" in body
    assert "<option" in body
    assert "alert(1)</script>" not in body


def test_the_page_fits_a_phone_and_its_picture_is_taken(page: Path, tmp_path: Path) -> None:
    picture = tmp_path / "report.png"
    seen = browse(page, tmp_path / "profile", f"--screenshot={picture}", "--hide-scrollbars", width=500)
    assert complaints(seen.stderr) == []
    content = picture.read_bytes()
    assert content[:4] == b"\x89PNG"
    assert len(content) > 100_000


def test_a_script_that_is_not_the_page_s_own_does_not_run_and_is_complained_about(page: Path, tmp_path: Path) -> None:
    planted = tmp_path / "planted.html"
    text = page.read_text(encoding="utf-8").replace("<main", "<script>document.title='taken over'</script><main", 1)
    planted.write_text(text, encoding="utf-8")
    seen = browse(planted, tmp_path / "profile", "--dump-dom")
    assert any("Content Security Policy" in line for line in complaints(seen.stderr))
    assert "<title>taken over" not in seen.stdout
