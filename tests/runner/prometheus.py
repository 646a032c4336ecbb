"""A real Prometheus on the loopback, with the files that a device's owner gets, and asking it."""

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.needs import ROOT, program
from tests.ports import free_port

OBSERVABILITY = ROOT / "runner" / "observability"
PATIENCE_SECONDS = 90.0


@dataclass(frozen=True)
class Prometheus:
    """One that runs at `address`."""

    address: str

    def ask(self, path: str, **parameters: str) -> Any:
        """The data of an answer of its API."""
        url = f"{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error
        assert found["status"] == "success", (parameters, found)
        return found["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series of an instant query; a number is one series."""
        data = self.ask("query", query=expression)
        return list(data["result"]) if data["resultType"] == "vector" else [{"metric": {}, "value": data["result"]}]


def promtool(*arguments: str, given: str = "", cwd: Path = OBSERVABILITY) -> subprocess.CompletedProcess[str]:
    """What promtool says."""
    argv = [program("promtool"), *arguments]
    return subprocess.run(argv, input=given, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.2)


@contextmanager
def prometheus(folder: Path, target: str, token: str) -> Iterator[Prometheus]:
    """It scrapes the target every second, by the example's configuration with the token switched on."""
    configuration = yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text(encoding="utf-8"))
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["rule_files"] = [str(OBSERVABILITY / name) for name in configuration["rule_files"]]
    (job,) = configuration["scrape_configs"]
    (folder / "token").write_text(token, encoding="ascii")
    job["authorization"] = {"credentials_file": str(folder / "token")}
    job["static_configs"] = [{"targets": [target]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    port = free_port()  # Prometheus does not tell which one it chose.
    argv = [
        program("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
    ]
    argv += [f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]
    with (folder / "log").open("wb") as log, subprocess.Popen(argv, stdout=log, stderr=log) as process:
        found = Prometheus(f"http://127.0.0.1:{port}")
        try:
            eventually(lambda: _ready(found, process, folder / "log"))
            yield found
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _ready(one: Prometheus, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, log.read_text(encoding="utf-8")
    try:
        with urllib.request.urlopen(f"{one.address}/-/ready", timeout=PATIENCE_SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
