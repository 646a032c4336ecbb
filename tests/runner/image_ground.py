"""The image as these tests build it, and commands in containers of it. Layers are cached by the engine, so only the first build takes minutes."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.needs import ROOT, SHARED, missing, program
from tests.planted import quick_policy
from tests.runner.other_base import unpack

BASE = "python:3.11-slim-bookworm"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
"""What an engine says of its machine -> what images say."""

HARDENED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
STRATEGY = "range_dip"

BUILD_SECONDS = 3600.0
RUN_SECONDS = 1800.0
GATE_SECONDS = 3600.0
"""All of them with room for an emulated machine."""

EMULATION = Path("/proc/sys/fs/binfmt_misc/qemu-aarch64")
"""What the kernel is told of programs for arm64, by the package qemu-user-static with binfmt-support."""

Windows = list[dict[str, object]]


@dataclass(frozen=True)
class Market:
    """Candles to judge on, and the policy that judges; without `data` the embedded ones."""

    policy: Callable[[Path], object]
    data: Path | None = None
    least_trades: int = 100


QUICK = Market(quick_policy)
SMALL_POLICY = """\
mode: history
exchange: binance
dataset: {digest: embedded}
account: {stake_currency: USDT, wallet: 10000, stake: unlimited, max_open_trades: 2, fee: snapshot}
windows:
  - {name: all, from: 10%, to: end}
policy:
  checks: [backtest]
  thresholds:
    - {metric: trades, scope: each, at_least: 10}
limits: {seconds: 3600, memory_mib: 4096, answer_mib: 64}
freqtrade: {}
"""
"""Two months trade twenty times; whatever else a gate does would be emulated for minutes."""


def docker(*argv: str, seconds: float = RUN_SECONDS, stdin: str | None = None) -> str:
    """What a command of docker's prints; the test fails with its words where it fails."""
    done = tried(*argv, seconds=seconds, stdin=stdin)
    assert done.returncode == 0, f"docker {' '.join(argv)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def tried(*argv: str, seconds: float = RUN_SECONDS, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DOCKER_BUILDKIT": "1"}
    return subprocess.run(
        [program("docker"), *argv], capture_output=True, text=True, timeout=seconds, check=False, env=env, input=stdin
    )


@cache
def demand_engine() -> None:
    """Skip where no Docker engine answers."""
    if tried("info", seconds=60.0).returncode != 0:
        missing("a Docker engine (`docker info`)")


def demand_machine(architecture: str) -> None:
    """Skip where no engine answers, or its machine runs no programs of that kind."""
    demand_engine()
    if machine() != architecture and not _emulates():
        missing(f"emulation of {architecture} (qemu-user-static and binfmt-support)")


@cache
def machine() -> str:
    """The kind of machine that the engine runs on; "" for one of another kind."""
    return MACHINES.get(docker("info", "--format", "{{.Architecture}}").strip(), "")


def _emulates() -> bool:
    """Whether the kernel starts such programs in containers too: flag F, by which it holds the emulator open."""
    try:
        told = EMULATION.read_text().splitlines()
    except OSError:
        return False
    return "enabled" in told and any(line.startswith("flags:") and "F" in line for line in told)


@cache
def image(architecture: str = "amd64") -> str:
    """The image, built from this checkout; its name."""
    demand_engine()
    name = f"freqtrain-tests:{architecture}"
    argv = [
        "build",
        "--platform",
        f"linux/{architecture}",
        "--file",
        str(ROOT / "runner" / "Dockerfile"),
        "--tag",
        name,
    ]
    docker(*argv, *base_argument(architecture), str(ROOT), seconds=BUILD_SECONDS)
    return name


def base_argument(architecture: str = "amd64") -> tuple[str, ...]:
    """Nothing, and the base is the one that is pinned; or local stand-ins for it, where the script that makes one lies beside the checkout."""
    script = SHARED / "lab" / "base-image.sh"
    if not script.is_file():
        return ()
    own = machine() or architecture
    made = subprocess.run([str(script), BASE, own], capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    assert made.returncode == 0, made.stderr[-3000:]
    if architecture == own:
        return ("--build-arg", f"BASE={BASE}")
    return ("--build-arg", f"BASE={_other_base(architecture)}", "--build-arg", f"BUILD_BASE={BASE}")


def _other_base(architecture: str) -> str:
    """The stand-in of another kind of machine, which goes by another name; made once."""
    name = f"freqtrain-tests-base:{architecture}"
    if tried("image", "inspect", name).returncode != 0:
        with tempfile.TemporaryDirectory() as folder:
            unpack(Path(folder), architecture)
            docker("build", "--platform", f"linux/{architecture}", "--tag", name, folder)
    return name


def small_market(folder: Path) -> Market:
    """Few candles of few pairs, made here: enough for trades, and nothing of it has to be made where it is slow."""
    data = folder / "market"
    argv = [sys.executable, "-m", "pipeline", "data", "simulate", "--days", "60", "--pairs", "BTC/USDT,ETH/USDT"]
    subprocess.run([*argv, "--out", str(data)], check=True, capture_output=True, timeout=RUN_SECONDS, cwd=ROOT)
    return Market(lambda file: file.write_text(SMALL_POLICY), data, 10)


def inside(name: str, *argv: str, options: Sequence[str] = (), stdin: str | None = None) -> str:
    """What a command prints in a container that is gone afterwards."""
    return docker("run", "--rm", "--interactive", *options, name, *argv, stdin=stdin)


def gated_here(folder: Path, market: Market = QUICK) -> Windows:
    """A strategy of this repository on a simulated market, by this interpreter: each window with the digest of its trades."""
    here = folder / "here"
    here.mkdir()
    return _gated((sys.executable, "-m", "pipeline"), here, here, market, market.data)


def gated_inside(name: str, folder: Path, market: Market = QUICK) -> Windows:
    """The same in a container, which sees the strategies and the market alone and can write only where it is told to."""
    there = folder / "there"
    there.mkdir()
    argv = ["docker", "run", "--rm", *HARDENED, "--network", "none", "--user", f"{os.getuid()}:{os.getgid()}"]
    argv += ["--volume", f"{ROOT / 'strategies'}:/work/strategies:ro", "--volume", f"{there}:/there"]
    argv += ["--volume", f"{market.data}:/market:ro"] if market.data else []
    return _gated([*argv, name, "freqtrain"], there, Path("/there"), market, Path("/market"))


def _gated(command: Sequence[str], folder: Path, seen_as: Path, market: Market, data: Path | None) -> Windows:
    market.policy(folder / "ci.yml")
    argv = [*command, "gate", STRATEGY, "--no-cache", "--environment", str(seen_as / "ci.yml")]
    argv += ["--out", str(seen_as / "out"), "--user-data", str(seen_as / "user_data")]
    argv += ["--dataset", str(data)] if market.data else []
    done = subprocess.run(argv, capture_output=True, text=True, timeout=GATE_SECONDS, check=False, cwd=ROOT)
    document = folder / "out" / STRATEGY / "evidence.json"
    assert document.is_file(), done.stdout[-3000:] + done.stderr[-3000:]
    windows: Windows = json.loads(document.read_text(encoding="utf-8"))["windows"]
    assert sum(int(str(window["trades"])) for window in windows) > market.least_trades
    return windows
