"""The monitor in a real browser: served as it is in earnest, in both colour schemes and on a phone, with the numbers of the store.

With --update-golden, docs/images/monitor.png is taken anew.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.monitor_server import Address, MonitorServer
from pipeline.adapters.observations.reader import ObservationReader
from tests.fakes import FakeNarrator
from tests.monitor_ground import Ground, story
from tests.monitor_served import ask, served
from tests.needs import ROOT
from tests.render.browser import SCHEMES, browse, complaints

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

PICTURE = ROOT / "docs" / "images" / "monitor.png"


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return story(tmp_path_factory.mktemp("device"))


@pytest.fixture(scope="module")
def address(ground: Ground) -> Iterator[str]:
    with (
        ground.watched("test", "sandbox"),
        served(MonitorServer(ground.pages, Address("127.0.0.1", 0), FakeNarrator())) as found,
    ):
        yield found


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_page_is_shown_without_a_complaint_with_the_numbers_that_the_store_holds(
    ground: Ground, address: str, tmp_path: Path, scheme: str
) -> None:
    seen = browse(f"{address}?span=month", tmp_path / "profile", "--dump-dom", scheme=scheme)
    assert complaints(seen.stderr) == []
    for environment, strategy in (("test", "sma_trend"), ("test", "range_dip"), ("sandbox", "sma_trend")):
        past = ObservationReader(ground.home / environment / "observations.sqlite")
        bundle = [of for name, of in past.bundles() if name == strategy][-1]
        last, trades = past.samples(strategy, bundle)[-1], past.trades(strategy, bundle)
        shown = {
            name: re.search(rf'id="{environment}-{strategy}-{name}">([^<]*)<', seen.stdout)[1]  # type: ignore[index]
            for name in ("balance", "equity", "wins", "open")
        }
        won = sum(trade.profit > 0 for trade in trades) / len(trades)
        assert shown == {
            "balance": f"{last.balance:,.2f}",
            "equity": f"{last.equity:,.2f}",
            "wins": f"{won * 100:.1f} %",
            "open": str(last.open_trades),
        }


def test_the_style_sheet_applies_and_curves_have_a_colour(address: str, tmp_path: Path) -> None:
    """A page whose style the browser refused would show white on white, and complain; its picture would be small."""
    pictures = {}
    for scheme in SCHEMES:
        file = tmp_path / f"{scheme}.png"
        seen = browse(address, tmp_path / "profile", f"--screenshot={file}", "--hide-scrollbars", scheme=scheme)
        assert complaints(seen.stderr) == []
        pictures[scheme] = file.read_bytes()
    assert all(picture[:4] == b"\x89PNG" and len(picture) > 60_000 for picture in pictures.values())
    assert pictures["light"] != pictures["dark"]


def test_the_page_fits_a_phone(address: str, tmp_path: Path) -> None:
    """A copy of the page in a frame as wide as a phone says how wide it wants to be; only a copy can: the page itself lets no script run."""
    told = "<script>parent.postMessage(document.documentElement.scrollWidth, '*')</script>"
    (tmp_path / "copy.html").write_text(ask(address).body + told, encoding="utf-8")
    frame = tmp_path / "phone.html"
    frame.write_text(
        "<script>onmessage = (event) => { document.title = 'wide: ' + event.data; }</script>"
        '<iframe src="copy.html" width="360" height="2000"></iframe>'
    )
    seen = browse(frame, tmp_path / "profile", "--dump-dom")
    assert int(re.findall(r"<title>wide: (\d+)</title>", seen.stdout)[0]) <= 360


def test_no_other_page_can_frame_it(address: str, tmp_path: Path) -> None:
    frame = tmp_path / "frame.html"
    frame.write_text(f'<iframe src="{address}" width="360" height="2000"></iframe>')
    seen = browse(frame, tmp_path / "profile", "--dump-dom")
    assert any("frame" in line.lower() for line in complaints(seen.stderr))


def test_the_picture_in_the_documentation_is_there(
    address: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--update-golden"):
        whole = "--run-all-compositor-stages-before-draw"
        browse(address, tmp_path / "profile", f"--screenshot={PICTURE}", "--hide-scrollbars", whole, width=1500)
    assert PICTURE.read_bytes()[:4] == b"\x89PNG"
