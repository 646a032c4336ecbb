"""At a release tag those board for real money that earned it."""

from decimal import Decimal

from pipeline.rehearsal.scene import MAIN, OWNER, Scene

TITLE = "sandbox: a tag, and small stakes"
ABOUT = "The product owner tags a release. Whoever earned it in test boards for sandbox and trades with real money, and little of it."

STAKE = Decimal(20)


def play(scene: Scene) -> None:
    scene.git("tag", "--annotate", "v1", "--message", "The first release", author=OWNER)
    promoted, done = scene.document("promote", "sandbox", "--tag", "v1", "--main", MAIN, environment="sandbox")
    seats = {seat["strategy"]: seat for seat in promoted.get("strategies", [])}
    scene.claim("the tag is carried out", done.code == 0, "promote --json, exit code 0")
    scene.claim(
        "tide boards, with the bundle that ran in test",
        scene.told("sandbox", "promoted", strategy="tide", bundle=scene.bundles["tide"]),
        "the ledger of sandbox",
    )
    reason = str(seats.get("reef", {}).get("reason", ""))
    scene.claim(f"reef stays, and is told why: {reason}", "of 2 closed trades" in reason, "promote --json")
    scene.claim("nothing of reef runs in sandbox", not scene.status("sandbox", "reef"), "status --json")
    scene.in_time("tide buys with real money", lambda: len(scene.filled("sandbox", "BUY")) >= 2, "the exchange's books")
    largest = max(cost(order) for order in scene.filled("sandbox", "BUY"))
    scene.claim(f"no order is larger than the stake of {STAKE} USDT", largest <= STAKE, "the exchange's fills")
    scene.claim("nothing was ordered in prod's account", not scene.world.orders("prod"), "the exchange's books")
    scene.move(("BTC/USDT", "ETH/USDT"), 0.012)


def cost(order: dict[str, object]) -> Decimal:
    """What an order's fills cost, in the quote currency, without fees."""
    fills = order["fills"]
    assert isinstance(fills, list)
    return sum((Decimal(one["price"]) * Decimal(one["quantity"]) for one in fills), Decimal(0))
