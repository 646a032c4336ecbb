"""Merged strategies trade with simulated money, and are watched."""

from pipeline.rehearsal.scene import MAIN, Scene

TITLE = "test: simulated money"
ABOUT = "What is merged boards by itself for test. Bots trade there on real prices with money that is not."

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "LTC/USDT")


def play(scene: Scene) -> None:
    head = scene.git("rev-parse", "HEAD")
    promoted = scene.freqtrain("promote", "test", "--commit", head, "--main", MAIN, environment="test")
    scene.claim("both board for test", promoted.code == 0, "promote, exit code 0")
    for strategy in ("tide", "reef"):
        scene.claim(
            f"{strategy} runs in test, proved and released",
            scene.runs("test", strategy, scene.bundles[strategy]),
            "status --json: its own bundle, up, enters",
        )
    scene.in_time("tide is in the market", lambda: scene.status("test", "tide").get("open_trades"), "status --json")
    scene.move(PAIRS, 0.012)
    scene.in_time(
        "tide closed two trades and more",
        lambda: any(
            int(str(entry.body["closed_trades"])) >= 2 for entry in scene.told("test", "observed", strategy="tide")
        ),
        "the ledger of test",
    )
    scene.claim(
        "no order was placed with real money",
        not scene.world.orders("sandbox") + scene.world.orders("prod"),
        "the exchange's books",
    )
    scene.in_time(
        "tide has been healthy for as long as sandbox asks",
        lambda: scene.told("test", "soaked", strategy="tide", bundle=scene.bundles["tide"]),
        "the ledger of test",
    )
