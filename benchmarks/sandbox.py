"""What the walls cost: starting a program inside each sandbox that works here, against starting it without one.

Prints each kind's median, and as its last line one JSON object about bubblewrap. `python -m benchmarks.sandbox`.
"""

import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline.adapters import process
from pipeline.adapters.sandbox import bubblewrap, docker, visible
from pipeline.errors import ToolFailed

ROUNDS = 15
GOAL_MS = 50.0
PROGRAM = [sys.executable, "-I", "-S", "-c", "pass"]


def main() -> None:
    """Measure, print, and end with 1 where the goal is missed."""
    kinds: dict[str, list[str]] = {"without": PROGRAM}
    try:
        kinds["bubblewrap"] = bubblewrap.command(bubblewrap.probe().program, PROGRAM, visible.engine())
        client = docker.probe().client
        kinds["Docker"] = docker.command(client, PROGRAM, visible.engine(), "freqtrain-benchmark", docker.PROBE)
    except ToolFailed as error:
        print(f"not measured: {error.message}")
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(ROUNDS):
        for name, argv in kinds.items():
            times[name].append(_milliseconds(argv))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:12} {median:7.1f} ms (median of {ROUNDS}; {min(times[name]):.1f} to {max(times[name]):.1f})")
    if "bubblewrap" not in medians:
        sys.exit(1)
    value = medians["bubblewrap"] - medians["without"]
    against = f"the same program without a sandbox, {medians['without']:.1f} ms"
    print(
        json.dumps(
            {
                "name": "sandbox start-up (bubblewrap)",
                "value": round(value, 1),
                "unit": "ms",
                "against": against,
                "goal": f"<= {GOAL_MS:g}",
            }
        )
    )
    sys.exit(0 if value <= GOAL_MS else 1)


def _milliseconds(argv: Sequence[str]) -> float:
    began = time.perf_counter()
    done = process.run(argv, timeout_seconds=60.0, cwd=Path("/"))
    if done.code != 0:
        raise SystemExit(f"{argv[0]} ended with {done.code}: {done.err.strip()}")
    return (time.perf_counter() - began) * 1000.0


if __name__ == "__main__":
    main()
