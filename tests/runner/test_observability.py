"""What lies in runner/observability fits what is exposed: alert rules, dashboard, the example's configuration."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from pipeline.domain.exposition.catalogue import BRAKES, CATALOGUE, DECISIONS, HOLDS, PARTS, STATES
from tests.runner.prometheus import OBSERVABILITY, promtool

NAMES = {metric.exposed: metric for metric in CATALOGUE}
VALUES = {"brake": BRAKES, "kind": HOLDS, "decision": DECISIONS, "state": STATES, "part": PARTS}


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return list(group["rules"])


def dashboard() -> dict[str, Any]:
    found = json.loads((OBSERVABILITY / "dashboard.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    for panel in dashboard()["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    yield from (one["expr"] for one in dashboard()["annotations"]["list"])
    yield from (one["definition"] for one in dashboard()["templating"]["list"] if one["type"] == "query")


@pytest.mark.processes
def test_every_alert_fires_when_it_should_and_only_then() -> None:
    found = promtool("test", "rules", "alerts_test.yml")
    assert found.returncode == 0, found.stdout + found.stderr
    tested = {one["name"] for one in yaml.safe_load((OBSERVABILITY / "alerts_test.yml").read_text())["tests"]}
    assert {rule["alert"] for rule in rules()} <= tested


@pytest.mark.processes
def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    found = promtool("check", "config", "prometheus.yml")
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_alert_says_how_grave_it_is_and_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description"}, rule["alert"]


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_only_what_is_exposed_is_asked_for(expression: str) -> None:
    named = re.findall(r"\b(freqtrain_\w+)", expression)
    assert named or expression.startswith("up{")
    assert set(named) <= set(NAMES)
    for name, selected in re.findall(r"\b(freqtrain_\w+)\{([^}]*)\}", expression):
        for label, value in re.findall(r'(\w+)=~?"([^"]*)"', selected):
            assert label in NAMES[name].labels, f"{name} has no label {label}"
            assert value.startswith("$") or value in VALUES[label], f"{label} is never {value}"


def test_panels_are_whole_and_cover_no_other() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells
        assert panel["type"] == "row" or panel["targets"], panel["title"]
