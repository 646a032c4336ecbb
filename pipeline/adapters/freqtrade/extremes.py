"""Markets that no strategy may raise on: a fixed list, and random compositions that hypothesis makes and shrinks."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from pipeline.domain.scenarios import Scenario, crash, flat, gap, noise, outage, silent, spike, trend, v_shape

EXAMPLES = 15
SHRINKS = 40
"""How often a random market that raised is tried to be made smaller."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """A scenario and the price that it starts at."""

    scenario: Scenario
    price: float = 100.0

    def __str__(self) -> str:
        return f"{self.scenario}" + (f" at a price of {self.price:g}" if self.price != 100.0 else "")

    @property
    def size(self) -> tuple[int, int]:
        """Smaller is easier to read: segments first, then candles."""
        return len(self.scenario.segments), sum(len(segment.closes) for segment in self.scenario.segments)


KNOWN = (
    Extreme(flat(120, wiggle=0.0)),
    Extreme(flat(20) + gap(-0.6, 20) + gap(1.5, 20)),
    Extreme(flat(20) + spike(3.0, 1) + flat(20) + spike(-0.9, 2) + flat(20)),
    Extreme(noise(1, 60) + outage(40) + noise(2, 60)),
    Extreme(silent(120)),
    Extreme(trend(-0.95, 60) + silent(30) + trend(4.0, 60)),
    Extreme(noise(3, 120, volatility=0.05), price=1e-8),
    Extreme(noise(4, 120, volatility=0.05), price=1e6),
)
"""Each of the things that go wrong on exchanges, once."""

# Everything is drawn from short lists: hypothesis mixes constants that it finds in nearby source files into wider ranges, and the same
# strategy must meet the same markets in every folder.
LENGTHS = st.sampled_from((1, 2, 5, 20, 60))
SEGMENTS = st.one_of(
    st.builds(flat, LENGTHS, wiggle=st.sampled_from((0.0, 0.001))),
    st.builds(trend, st.sampled_from((-0.9, -0.2, 0.2, 3.0)), LENGTHS),
    st.builds(crash, st.sampled_from((0.3, 0.99)), LENGTHS),
    st.builds(gap, st.sampled_from((-0.9, -0.1, 0.1, 9.0)), LENGTHS),
    st.builds(spike, st.sampled_from((-0.9, 0.2, 10.0)), LENGTHS),
    st.builds(v_shape, st.sampled_from((0.2, 0.9)), st.sampled_from((2, 5, 20, 60))),
    st.builds(noise, st.sampled_from(range(5)), LENGTHS, volatility=st.sampled_from((0.001, 0.02, 0.2))),
    st.builds(silent, LENGTHS),
    st.builds(outage, LENGTHS),
)
EXTREMES = st.builds(
    lambda segments, price: Extreme(sum(segments[1:], start=segments[0] + flat(5)), price),
    st.lists(SEGMENTS, min_size=1, max_size=5),
    st.sampled_from((100.0, 1.0, 1e-4, 1e-8, 1e6)),
)


def first_raising(run: Callable[[Extreme], object], seed: int) -> tuple[Extreme, Exception] | None:
    """The smallest market found on which `run` raises, with what it raises, or None.

    The same `seed` tries the same markets; at most len(KNOWN) + EXAMPLES of them, and SHRINKS more once one has raised.
    """
    for extreme in KNOWN:
        try:
            run(extreme)
        except Exception as error:
            return extreme, error
    found: list[tuple[Extreme, Exception]] = []
    tries = 0

    @hypothesis.seed(seed)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @hypothesis.given(EXTREMES)
    def attempt(extreme: Extreme) -> None:
        nonlocal tries
        tries += bool(found)
        if tries > SHRINKS:
            return
        try:
            run(extreme)
        except Exception as error:
            found.append((extreme, error))
            raise

    set_hypothesis_home_dir(Path(os.devnull))  # it would leave a folder of caches behind
    try:
        attempt()
    except BaseException:  # what matters is in `found`; hypothesis adds its own about the shrinking that was cut short
        if not found:
            raise
    finally:
        set_hypothesis_home_dir(None)
    return min(found, key=lambda pair: pair[0].size, default=None)
