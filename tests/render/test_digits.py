"""Numbers on a chart: six digits, short, and never what JSON cannot hold."""

import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.render.digits import six_digits


def test_six_significant_digits_stay_and_whole_numbers_are_integers():
    given = [95793.123, 0.1 + 0.2, 1 / 3, 12_345_678.0, -2.5e-9, 100.0, 0.0, -7.0]
    assert six_digits(given) == [95793.1, 0.3, 0.333333, 12345700, -2.5e-9, 100, 0, -7]
    assert json.dumps(six_digits([0.1 + 0.2, 100.0, 0.07 * 3])) == "[0.3, 100, 0.21]"


def test_what_is_no_number_is_none():
    assert six_digits([math.nan, math.inf, -math.inf, 1.0]) == [None, None, None, 1]
    assert six_digits(np.array([])) == []


@given(st.floats(min_value=-1e15, max_value=1e15).filter(lambda value: value == 0 or abs(value) > 1e-15))
def test_no_value_moves_by_more_than_half_of_its_sixth_digit(value: float):
    (short,) = six_digits([value])
    assert isinstance(short, int | float)
    size = math.floor(math.log10(abs(value))) if value else 0
    assert abs(short - value) <= 0.500001 * 10.0 ** (size - 5)
    assert short == float(f"{short:.6g}")
