"""An environment's report: one page that needs no network and no script, and the same as an object for programs."""

import math

from pipeline.domain.canonical import Plain, plain
from pipeline.domain.environment_report import BundleReport, Earned, EnvironmentReport, StrategyReport
from pipeline.render.environment_report_view import view
from pipeline.render.monitor_words import signed
from pipeline.render.pages import still

STYLES = ("report.css.j2", "monitor.css.j2", "environment_report.css.j2")


def page(report: EnvironmentReport) -> str:
    """The report as one self-contained page."""
    return still("environment_report.html.j2", STYLES, {"it": view(report), "signed": signed})


def document(report: EnvironmentReport) -> dict[str, Plain]:
    """The same for programs; a number that is none, or infinite, is null."""
    return {
        "outcome": "DONE" if report.well else "LOOK",
        "environment": report.environment,
        "since": plain(report.since),
        "until": plain(report.until),
        "watch": plain(report.place.watch),
        "strategies": [_strategy(one) for one in report.strategies],
        "decisions": [{"at": plain(one.at), **_object(plain(one.made))} for one in report.decisions],
        "happened": [plain(one) for one in report.happened],
        "problems": [*report.device.problems, *report.place.problems, *report.problems],
    }


def _strategy(one: StrategyReport) -> Plain:
    seen = one.view
    return {
        "strategy": seen.strategy,
        "condition": seen.condition.value,
        "told": seen.told,
        "bundle": seen.bundle,
        "since": plain(seen.since_at),
        "holds": [str(hold) for hold in seen.holds],
        "healthy_hours": seen.observed.healthy_hours if seen.observed else None,
        "latest": plain(seen.latest),
        "positions": plain(seen.positions),
        "earned": _earned(one.earned),
        "bundles": [_bundle(ran) for ran in one.bundles],
        "problems": list(seen.problems),
    }


def _bundle(one: BundleReport) -> Plain:
    return {
        "bundle": one.bundle,
        "currency": one.currency,
        "earned": _earned(one.earned),
        "gaps": [plain(gap) for gap in one.gaps],
        "trades": [_object(plain(trade)) for trade in one.trades],
    }


def _earned(one: Earned | None) -> Plain:
    if one is None:
        return None
    measured: dict[str, Plain] = {
        metric: value if math.isfinite(value) else None for metric, value in sorted(one.measured.items())
    }
    told = _object(plain(one))
    return {**told, "measured": measured}


def _object(value: Plain) -> dict[str, Plain]:
    assert isinstance(value, dict)
    return value
