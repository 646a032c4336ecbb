"""freqtrade itself says what it thinks of settings, and a child that fails is no approval."""

import pytest

from pipeline.adapters import freqtrade_settings
from pipeline.adapters.freqtrade_settings import complaints
from pipeline.errors import ToolFailed
from pipeline.render.sample_configuration import sample_configuration
from tests.domain.trading.samples import LIVE

pytestmark = pytest.mark.processes


def test_every_complaint_has_the_way_to_its_value() -> None:
    good = sample_configuration(LIVE, {"unfilledtimeout": {"entry": 10}, "fiat_display_currency": "EUR"})
    bad = sample_configuration(
        LIVE,
        {
            "unfiledtimeout": {},
            "unfilledtimeout": {"entry": "ten", "unit": "hours"},
            "pairlists": [{"method": "StaticPairList"}, {"method": "NoSuchFilter"}],
        },
    )
    contradicting = sample_configuration(LIVE, {"order_types": {"entry": "market"}})
    nothing, several, one = complaints([good, bad, contradicting])
    assert nothing == ()
    assert {way: words.split(": ")[0] for way, words in several} == {
        ("unfiledtimeout",): "is no setting of freqtrade, did you mean 'unfilledtimeout'?",
        ("unfilledtimeout", "entry"): "freqtrade says",
        ("unfilledtimeout", "unit"): "freqtrade says",
        ("pairlists", 1, "method"): "freqtrade says",
    }
    assert one == (((), 'freqtrade says: Market entry orders require entry_pricing.price_side = "other".'),)


def test_without_configurations_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freqtrade_settings, "BOOTSTRAP", "raise SystemExit(1)  # {root}")
    assert complaints([]) == ()


@pytest.mark.parametrize("child", ["raise SystemExit(3)", "print('[]')", "print('[[1]]')", "print('nonsense')"])
def test_a_child_that_dies_or_answers_nonsense_is_no_approval(child: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freqtrade_settings, "BOOTSTRAP", child + "  # {root}")
    with pytest.raises(ToolFailed, match="could not be asked"):
        complaints([{}])
