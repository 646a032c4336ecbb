"""Indicators that TA-Lib does not have."""

from range_dip_indicators.choppiness import choppiness

__all__ = ["choppiness"]
