"""What was observed of every bundle decides what becomes of it, and takes back what loses."""

from pipeline.rehearsal.scene import Scene

TITLE = "What the numbers decide"
ABOUT = (
    "No brake stopped the bundle that loses in test, where they are loose. It trades until the market falls by more than a third; then every "
    "bundle is judged by its own trades."
)

PAIRS = ("SOL/USDT", "LTC/USDT")
IN_THE_MARKET = 3
"""Open trades of four pairs: one of those that fall at least."""


def play(scene: Scene) -> None:
    good, bold = scene.bundles["tide"], scene.bundles["bold"]
    scene.in_time(
        "the bundle that loses has trades of its own in test",
        lambda: int(scene.status("test", "tide").get("open_trades") or 0) >= IN_THE_MARKET,
        "status --json",
    )
    scene.move(PAIRS, -0.35)
    scene.in_time(
        "it sells at its stop, far too late",
        lambda: min(scene.world.closed_profits("test", "tide"), default=0.0) < -0.25,
        "the database of test's tide",
    )
    scene.in_time("it is seen", lambda: _observed(scene, bold), "the ledger of test")
    decided = scene.decide("test", "--apply")
    tide, reef = decided.get("tide", {}), decided.get("reef", {})
    mean = _measured(tide, "profit_mean_ratio")
    scene.claim(
        "by its trades it is taken back",
        (tide.get("bundle"), tide.get("decision")) == (bold, "ROLL_BACK") and mean is not None and mean < 0,
        "decide test --apply --json",
    )
    scene.claim(
        "the last good bundle is brought back by the decision",
        scene.told("test", "rolled_back", strategy="tide", bundle=bold, to=good, by="decide"),
        "the ledger of test",
    )
    scene.in_time("it runs, proved and released", lambda: scene.runs("test", "tide", good), "status --json")
    lacking = " ".join(reef.get("reasons", []))
    scene.claim(
        f"reef is held, because nothing is known of it: {lacking}",
        reef.get("decision") == "HOLD" and "of 2 closed trades" in lacking,
        "decide test --json",
    )
    earned = scene.decide("sandbox").get("tide", {})
    trades, sold = _measured(earned, "trades") or 0, len(scene.filled("sandbox", "SELL"))
    scene.claim(
        f"the good bundle has earned prod in sandbox, by {trades:.0f} of its own trades",
        (earned.get("bundle"), earned.get("decision")) == (good, "PROMOTE") and 2 <= trades <= sold,
        "decide sandbox --json, and the exchange's books",
    )


def _observed(scene: Scene, bundle: str) -> bool:
    """Whether the watch has seen a closed trade of the bundle."""
    seen = scene.told("test", "observed", strategy="tide", bundle=bundle)
    return any(int(str(entry.body["closed_trades"])) >= 1 for entry in seen)


def _measured(decided: dict[str, object], metric: str) -> float | None:
    """A number that a decision rests on; None where it was not measured."""
    found = decided.get("measurements")
    for one in found if isinstance(found, list) else []:
        if (one["metric"], one["subject"]) == (metric, "candidate"):
            return None if one["value"] is None else float(one["value"])
    return None
