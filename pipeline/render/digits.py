"""Numbers as short as a chart needs them."""

from collections.abc import Sequence

import numpy as np

from pipeline.domain.canonical import Plain

DIGITS = 6


def six_digits(values: Sequence[float] | np.ndarray) -> list[Plain]:
    """Each value with six significant digits, whole numbers as integers; what is not finite, which JSON has no number for, as None."""
    given = np.asarray(values, dtype=float)
    finite = np.isfinite(given)
    known = np.where(finite, given, 0.0)
    size = np.floor(np.log10(np.abs(known), out=np.zeros_like(known), where=known != 0.0))
    # Powers of ten up to 22 are doubles, and dividing by one is rounded once: what comes out is the double nearest to the decimal number.
    places = np.clip(DIGITS - 1 - size, -22, 22)
    scale = 10.0 ** np.abs(places)
    digits = np.rint(np.where(places >= 0, known * scale, known / scale))
    short = np.where(places >= 0, digits / scale, digits * scale)
    return [_written(value) if real else None for value, real in zip(short.tolist(), finite.tolist(), strict=True)]


def _written(value: float) -> Plain:
    return int(value) if value.is_integer() else value
