"""The exchange hangs in the middle of an order while the bot dies, and no order stays unknown."""

from pipeline.rehearsal.exchange import FaultKind
from pipeline.rehearsal.scene import Scene

TITLE = "An exchange that hangs"
ABOUT = "In prod the exchange takes an order and never answers; then the power fails. What the exchange filled, no database knows."


ENTRIES = {"method": "POST", "path": "/api/v3/order", "account": "prod", "side": "BUY"}


def hang_next_order(scene: Scene) -> None:
    """From now on prod's next entry is filled and never answered; that takes until the next candle, so another chapter comes first."""
    scene.world.disturb(FaultKind.HANG_AFTER, **ENTRIES, times=1)
    scene.bought = len(scene.filled("prod", "BUY"))


def play(scene: Scene) -> None:
    scene.in_time(
        "the exchange fills an order that it never answers",
        lambda: len(scene.filled("prod", "BUY")) > scene.bought,
        "the exchange's books",
    )
    lost = scene.filled("prod", "BUY")[scene.bought]
    scene.claim(
        "no database knows it", str(lost["id"]) not in scene.world.known_orders("prod"), "the database of prod's tide"
    )
    scene.claim("the bot is killed", scene.world.kill("prod") == 1, "kill -9 of its process")
    scene.world.lift()
    scene.freqtrain("converge", "prod", environment="prod")  # The watch may be at it already, and then this is refused.
    scene.in_time(
        "the order is found, and named",
        lambda: any(str(lost["id"]) in str(one.body) for one in scene.told("prod", "doubted", strategy="tide")),
        "the ledger of prod",
    )
    scene.in_time(
        "tide is up and manages its exits, and enters nothing",
        lambda: (line := scene.status("prod", "tide")).get("bot") == "up" and line.get("entries") not in ("yes", "no"),
        "status --json",
    )
    scene.claim("it bought nothing twice", len(scene.filled("prod", "BUY")) == scene.bought + 1, "the exchange's books")
