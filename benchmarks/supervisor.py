"""What keeping bots running costs in memory: supervisord with two stand-in bots, against one of the bots.

Prints what each process holds, and as its last line one JSON object. `python -m benchmarks.supervisor`.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import psutil

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.bot import BotSpec, BotState

GOAL_MIB = 40.0
MIB = 2**20
SETTLED_SECONDS = 12.0
"""Two of its five-second rounds: it reads every process's memory in each."""
STAND_IN = Path(__file__).resolve().parent.parent / "tests" / "stand_in_bot.py"


def main() -> None:
    """Measure, print, and end with 1 where the goal is missed."""
    with tempfile.TemporaryDirectory(prefix="freqtrain-benchmark-") as folder:
        runtime = SupervisorRuntime(
            Path(folder), SystemClock(), lambda spec: (sys.executable, "-I", "-S", str(STAND_IN), spec.home)
        )
        try:
            for name in ("test-one-a", "test-two-a"):
                home = Path(folder, "bots", name)
                home.mkdir(parents=True)
                runtime.start(BotSpec(name, "test", name, "sha256:" + "0" * 64, str(home), 18001))
            time.sleep(SETTLED_SECONDS)
            bots = runtime.running()
            if [bot.state for bot in bots] != [BotState.RUNNING] * 2:
                raise SystemExit(f"the bots do not run: {bots}")
            supervisord = psutil.Process(bots[0].pid).parent()
            assert supervisord is not None
            others = {child.pid for child in supervisord.children(recursive=True)} - {bot.pid for bot in bots}
            held = (supervisord.memory_info().rss + sum(psutil.Process(pid).memory_info().rss for pid in others)) / MIB
            one_bot = psutil.Process(bots[0].pid).memory_info().rss / MIB
        finally:
            runtime.shutdown()
    print(f"supervisord {held:6.1f} MiB resident, with {len(others)} processes besides the bots")
    print(f"a stand-in  {one_bot:6.1f} MiB resident")
    print(
        json.dumps(
            {
                "name": "supervisord's resident memory with two stand-in bots",
                "value": round(held, 1),
                "unit": "MiB",
                "against": f"one stand-in bot, {one_bot:.1f} MiB",
                "goal": f"<= {GOAL_MIB:g}",
            }
        )
    )
    sys.exit(0 if held <= GOAL_MIB else 1)


if __name__ == "__main__":
    main()
