"""How numbers are said in a sentence. Ratios become percent here and in render/, nowhere else."""

from pipeline.domain.metrics import METRICS
from pipeline.domain.verdict import ALL_WINDOWS


def metric_title(name: str) -> str:
    """What a metric is called in a sentence."""
    metric = METRICS.get(name)
    return metric.title if metric else name


def number(name: str, value: float, *, signed: bool = False, digits: int = 2) -> str:
    """A metric's value with its unit: "-3.10 %", "1.25", "12"; `digits` after the point, none where things are counted."""
    metric = METRICS.get(name)
    unit = metric.unit if metric else "number"
    sign = "+" if signed else ""
    if unit == "ratio":
        return f"{value * 100:{sign}.{digits}f} %"
    if unit == "count":
        return f"{value:{sign}.0f}"
    return f"{value:{sign}.{digits}f}"


def in_window(window: str) -> str:
    """ " in window 'early'", " over all windows", or nothing."""
    if not window:
        return ""
    return " over all windows" if window == ALL_WINDOWS else f" in window '{window}'"
