"""A device's metrics as Prometheus reads them, and as its documentation lists them."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from pipeline.domain.exposition import catalogue
from pipeline.domain.exposition.catalogue import CATALOGUE, Kind
from pipeline.domain.exposition.readings import Reading

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of Prometheus's text format."""


def text(readings: Iterable[Reading]) -> str:
    """The readings in Prometheus's text format; a metric of which nothing is known is not named."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once(tuple(readings)))
    return generate_latest(registry).decode()


def table() -> str:
    """The catalogue as a Markdown table."""
    rows = ["| metric | type | labels | says |", "|---|---|---|---|"]
    for metric in CATALOGUE:
        labels = ", ".join(f"`{label}`" for label in metric.labels) or "–"
        rows.append(f"| `{metric.exposed}` | {metric.kind.value} | {labels} | {metric.help} |")
    return "\n".join(rows) + "\n"


def values_table() -> str:
    """The labels whose values are a closed list, as a Markdown table."""
    closed = {
        "part": (*catalogue.DEVICE_PARTS, *catalogue.PARTS),
        "state": catalogue.STATES,
        "kind": catalogue.HOLDS,
        "brake": catalogue.BRAKES,
        "decision": catalogue.DECISIONS,
    }
    rows = ["| label | values |", "|---|---|"]
    rows += [f"| `{label}` | {', '.join(f'`{value}`' for value in values)} |" for label, values in closed.items()]
    return "\n".join(rows) + "\n"


class _Once(Collector):
    """What prometheus-client asks for metrics."""

    def __init__(self, readings: tuple[Reading, ...]) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        for metric in CATALOGUE:
            mine = [reading for reading in self._readings if reading.metric == metric]
            if mine:
                yield _family(metric, mine)


def _family(metric: catalogue.Metric, mine: Iterable[Reading]) -> Metric:
    name = catalogue.PREFIX + metric.name
    if metric.kind is Kind.INFO:
        info = InfoMetricFamily(name, metric.help)
        for reading in mine:
            info.add_metric((), dict(zip(metric.labels, reading.labels, strict=True)))
        return info
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = kind(name, metric.help, labels=metric.labels)
    for reading in mine:
        family.add_metric(reading.labels, reading.value)
    return family
