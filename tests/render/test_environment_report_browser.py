"""The report in a real browser: from a file, in both colour schemes, on a phone and on paper, without a complaint."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.render.environment_report import page
from pipeline.wiring.report import report_at
from tests.monitor_ground import story
from tests.render.browser import SCHEMES, browse, complaints

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    ground = story(folder / "device")
    made = report_at("sandbox", ground.home, timedelta(days=14), ground.clock, ground.runtime, ground.watches)
    path = folder / "report.html"
    path.write_text(page(made), encoding="utf-8")
    return path


def test_it_opens_in_both_colour_schemes_and_on_paper_without_a_complaint(file: Path, tmp_path: Path) -> None:
    pictures = {}
    for scheme in SCHEMES:
        shot, printed = tmp_path / f"{scheme}.png", tmp_path / f"{scheme}.pdf"
        seen = browse(file, tmp_path / "profile", f"--screenshot={shot}", "--hide-scrollbars", scheme=scheme)
        assert complaints(seen.stderr) == []
        pictures[scheme] = shot.read_bytes()
        assert len(pictures[scheme]) > 60_000  # white on white would be small
    assert pictures["light"] != pictures["dark"]
    browse(file, tmp_path / "profile", f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    assert printed.read_bytes()[:5] == b"%PDF-"


def test_it_fits_a_phone(file: Path, tmp_path: Path) -> None:
    told = "<script>parent.postMessage(document.documentElement.scrollWidth, '*')</script>"
    body = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", file.read_text(encoding="utf-8"))
    (tmp_path / "copy.html").write_text(body + told, encoding="utf-8")
    frame = tmp_path / "phone.html"
    frame.write_text(
        "<script>onmessage = (event) => { document.title = 'wide: ' + event.data; }</script>"
        '<iframe src="copy.html" width="360" height="2000"></iframe>'
    )
    seen = browse(frame, tmp_path / "profile", "--dump-dom")
    assert int(re.findall(r"<title>wide: (\d+)</title>", seen.stdout)[0]) <= 360
