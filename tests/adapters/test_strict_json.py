"""JSON of others."""

import pytest

from pipeline.adapters.strict_json import loads


def test_what_json_can_say_is_read() -> None:
    assert loads(b'{"a": [1, 2.5, null, true, "x"], "b": {}}') == {"a": [1, 2.5, None, True, "x"], "b": {}}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "a key stands twice"),
        (b"[NaN]", "NaN is no number of JSON"),
        (b'{"a": -Infinity}', "-Infinity is no number of JSON"),
        (b"{", "Expecting"),
        (b"\xff", "codec"),
    ],
)
def test_what_readers_would_read_differently_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        loads(text)
