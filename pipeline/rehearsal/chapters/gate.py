"""Two strategies are judged on history, and what passed is built once."""

from pipeline.rehearsal.scene import Scene

TITLE = "The gate"
ABOUT = "A trader proposes two strategies. They are judged by the real freqtrade on simulated candles, and what passes is cut into bundles."

PAIRS = "BTC/USDT,ETH/USDT"
DATA = ("--dataset", "data")
DAYS = "10"
"""Of the model; two days of one-minute candles."""


def play(scene: Scene) -> None:
    simulated = scene.freqtrain("data", "simulate", "--minutes", "--days", DAYS, "--pairs", PAIRS, "--out", "data")
    scene.claim("a market is simulated", simulated.code == 0, "exit code 0")
    scene.commit("Propose two strategies")
    verdict, done = scene.document("gate", *DATA)
    scene.claim(
        "both strategies pass the gate", (verdict.get("outcome"), done.code) == ("PASS", 0), "gate --json, exit code 0"
    )
    scene.claim("the verdict says that its market is simulated", verdict.get("simulated"), "gate --json")
    scene.bundles |= cut(scene, "tide", "reef")
    verified = scene.freqtrain("bundle", "verify")
    scene.claim(
        "each is built once, into a bundle named by its content",
        verified.code == 0 and len(set(scene.bundles.values())) == 2,
        "cut --json; bundle verify, exit code 0",
    )


def cut(scene: Scene, *strategies: str) -> dict[str, str]:
    """Cut bundles of what passed; strategy -> digest."""
    made, _ = scene.document("cut", *strategies, *DATA, "--simulated-data-is-fine")
    found = {one["strategy"]: one["bundle"] for one in made.get("bundles", [])}
    scene.claim(f"{' and '.join(strategies)} can be cut", sorted(found) == sorted(strategies), "cut --json")
    return found
