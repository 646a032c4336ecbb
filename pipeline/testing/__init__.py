"""What a strategy's tests import: markets put together from segments. The fixture `strategy` comes with `-p pipeline.testing.plugin`."""

from pipeline.domain.scenarios import Scenario, crash, flat, gap, noise, outage, silent, spike, trend, v_shape

__all__ = ["Scenario", "crash", "flat", "gap", "noise", "outage", "silent", "spike", "trend", "v_shape"]
