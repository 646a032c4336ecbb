"""The exchange hangs in the middle of an order while the bot dies, and no order stays unknown."""

from pipeline.rehearsal.exchange import FaultKind
from pipeline.rehearsal.scene import Scene

TITLE = "An exchange that hangs"
ABOUT = "In prod the exchange takes an order and never answers; then the power fails. What the exchange filled, no database knows."


def play(scene: Scene) -> None:
    world = scene.world
    scene.in_time(
        "tide has sold everything in prod",
        lambda: len(scene.filled("prod", "SELL")) >= len(scene.filled("prod", "BUY")),
        "the exchange's books",
    )
    bought = len(scene.filled("prod", "BUY"))
    world.disturb(FaultKind.HANG_AFTER, method="POST", path="/api/v3/order", account="prod", times=1)
    scene.in_time(
        "the exchange fills an order that it never answers",
        lambda: len(scene.filled("prod", "BUY")) > bought,
        "the exchange's books",
        seconds=90.0,
    )
    scene.claim("the bot is killed meanwhile", world.kill("prod") == 1, "kill -9 of its process")
    world.lift()
    lost = scene.filled("prod", "BUY")[bought]
    scene.freqtrain("converge", "prod", environment="prod")
    doubts = scene.told("prod", "doubted", strategy="tide")
    scene.claim(
        "the order is found, and named",
        any(str(lost["id"]) in str(one.body) for one in doubts),
        "the ledger of prod",
    )
    line = scene.status("prod", "tide")
    scene.claim(
        "tide is up and manages its exits, and enters nothing",
        line.get("bot") == "up" and line.get("entries") not in ("yes", "no"),
        "status --json",
    )
    scene.claim("it bought nothing twice", len(scene.filled("prod", "BUY")) == bought + 1, "the exchange's books")
