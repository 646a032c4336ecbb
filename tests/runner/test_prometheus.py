"""A real Prometheus scrapes what a device exposes, through the monitor and its token; its alerts and the dashboard's queries work on it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.monitor_server import Address, MonitorServer
from pipeline.adapters.monitor_token import Token
from pipeline.adapters.observations.reader import ObservationReader
from pipeline.domain.exposition.catalogue import CATALOGUE
from pipeline.wiring.exposition import CONTENT_TYPE, PATH, exporter_of
from tests.fakes import FakeNarrator
from tests.monitor_ground import Ground, story
from tests.monitor_served import FakePages, served
from tests.needs import ROOT, program
from tests.runner.prometheus import OBSERVABILITY, Prometheus, eventually, prometheus, promtool

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

WORD = "0123456789abcdef01234567"
PAGE = (ROOT / "docs" / "metrics-exposition.md").read_text(encoding="utf-8")
DASHBOARD = json.loads((OBSERVABILITY / "dashboard.json").read_text(encoding="utf-8"))


def exporter(ground: Ground) -> MonitorServer:
    make = exporter_of(ground.home, ground.clock, ground.runtime, ground.watches, FakeNarrator())
    texts = {PATH: (CONTENT_TYPE, make)}
    return MonitorServer(FakePages(), Address("127.0.0.1", 0), FakeNarrator(), Token(WORD), texts)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A device with a story."""
    found = story(tmp_path_factory.mktemp("home"))
    found.environments("sandbox")
    return found


@pytest.fixture(scope="module")
def scraped(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """After a few scrapes of it."""
    program("prometheus")
    folder = tmp_path_factory.mktemp("prometheus")
    with ground.watched("test", "sandbox"), served(exporter(ground)) as address:
        target = address.removeprefix("http://").rstrip("/")
        with prometheus(folder, target, WORD) as found:
            eventually(lambda: [s for s in found.query("count_over_time(freqtrain_build_info[5m]) >= 3")] != [])
            yield found


@pytest.mark.parametrize(
    ("title", "expression"),
    [
        (f"{panel['title']} {target['refId']}", target["expr"])
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", ())
    ],
)
def test_every_query_of_the_dashboard_finds_something(scraped: Prometheus, title: str, expression: str) -> None:
    assert scraped.query(expression.replace("$environment", ".*").replace("$strategy", ".*")), title


@pytest.mark.parametrize("expression", re.findall(r"^    (.*freqtrain_.*)$", PAGE, re.MULTILINE))
def test_every_query_of_the_documentation_finds_something(scraped: Prometheus, expression: str) -> None:
    assert scraped.query(expression)


def test_its_variables_and_annotations_can_be_asked_too(scraped: Prometheus) -> None:
    (annotation,) = DASHBOARD["annotations"]["list"]
    scraped.query(annotation["expr"].replace("$environment", ".*").replace("$strategy", ".*"))
    found = {name: scraped.ask(f"label/{name}/values") for name in ("environment", "strategy")}
    assert found == {"environment": ["sandbox", "test"], "strategy": ["range_dip", "sma_trend"]}


def test_the_scrape_is_well_and_carries_types_and_meanings(scraped: Prometheus) -> None:
    (target,) = scraped.ask("targets")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")
    told = scraped.ask("metadata")
    for metric in CATALOGUE:
        kind = "gauge" if metric.kind == "info" else metric.kind.value
        assert told[metric.exposed] == [{"type": kind, "help": metric.help, "unit": ""}], metric.exposed


def test_every_alert_is_evaluated_without_an_error_and_the_brake_is_told(scraped: Prometheus) -> None:
    def evaluated() -> bool:
        (group,) = scraped.ask("rules")["groups"]
        return all(rule["health"] == "ok" for rule in group["rules"])

    eventually(evaluated)
    eventually(lambda: scraped.query('ALERTS{alertname="FreqtrainBrakeActed", alertstate="firing"}') != [])
    (alert,) = scraped.query('ALERTS{alertname="FreqtrainBrakeActed"}')
    assert (alert["metric"]["strategy"], alert["metric"]["brake"]) == ("sma_trend", "daily_loss_max_ratio")
    assert {one["metric"]["alertname"] for one in scraped.query('ALERTS{alertstate="firing"}')} == {
        "FreqtrainBrakeActed"
    }


def test_prometheus_holds_the_numbers_of_the_store(scraped: Prometheus, ground: Ground) -> None:
    found = {
        tuple(one["metric"][label] for label in ("environment", "strategy", "currency")): float(one["value"][1])
        for one in scraped.query("freqtrain_balance")
    }
    for environment in ("test", "sandbox"):
        reader = ObservationReader(ground.home / environment / "observations.sqlite")
        last = {strategy: reader.samples(strategy, bundle)[-1] for strategy, bundle in reader.bundles()}
        for strategy, sample in last.items():
            assert found.pop((environment, strategy, sample.currency)) == sample.balance
    assert found == {}


def test_promtool_has_nothing_to_say_about_names_units_and_help(tmp_path: Path) -> None:
    ground = story(tmp_path)
    with ground.watched("test"):
        text = exporter_of(tmp_path, ground.clock, ground.runtime, ground.watches, FakeNarrator())()
    found = promtool("check", "metrics", given=text)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
