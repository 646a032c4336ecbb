"""Nothing boards for prod without a signature that is worth something."""

from decimal import Decimal

from pipeline.rehearsal.chapters.hanging import hang_next_order
from pipeline.rehearsal.chapters.sandbox import cost
from pipeline.rehearsal.scene import MAIN, OWNER, Scene

TITLE = "prod: a person signs"
ABOUT = "What earned it in sandbox may board for prod, if the product owner signs for exactly this bundle. A forged signature is tried first."

TAG = ("promote", "prod", "--tag", "v1", "--main", MAIN)
GIVEN = ("--approval", "approval.txt", "--signature", "approval.txt.sig")


def play(scene: Scene) -> None:
    scene.in_time(
        "tide has been healthy in sandbox, and closed two trades with real money",
        lambda: scene.told("sandbox", "soaked", strategy="tide", bundle=scene.bundles["tide"]),
        "the ledger of sandbox",
    )
    asked, done = scene.document(*TAG, environment="prod")
    text = str(asked.get("to_sign", ""))
    scene.claim(
        "without a signature nothing boards, and the text to sign is printed",
        done.code == 3 and scene.bundles["tide"] in text,
        "promote --json, exit code 3",
    )
    _sign(scene, text, "stranger")
    forged = scene.freqtrain(*TAG, *GIVEN, environment="prod")
    scene.claim("a forged approval is refused", forged.code == 3, "promote, exit code 3")
    _sign(scene, text, "trader")
    own = scene.freqtrain(*TAG, *GIVEN, environment="prod")
    scene.claim("the author cannot approve what he wrote", own.code == 3, "promote, exit code 3")
    scene.claim("nothing was recorded by then, and nothing runs", not scene.entries("prod"), "the ledger of prod")
    _sign(scene, text, "owner")
    real = scene.freqtrain(*TAG, *GIVEN, environment="prod")
    scene.claim("the owner's approval is accepted", real.code == 0, "promote, exit code 0")
    (approved,) = scene.entries("prod", "approved")
    scene.claim(
        "it is recorded who signed, and for which bundle",
        approved.body["bundles"] == [scene.bundles["tide"]] and approved.body["signer"] == OWNER,
        "the ledger of prod",
    )
    scene.claim("tide runs in prod", scene.runs("prod", "tide", scene.bundles["tide"]), "status --json")
    scene.in_time("it buys with the full stake", lambda: len(scene.filled("prod", "BUY")) >= 2, "the exchange's books")
    largest = max(cost(order) for order in scene.filled("prod", "BUY"))
    scene.claim("between 90 and 100 USDT a trade", 90 <= largest <= Decimal(100), "the exchange's fills")
    scene.move(("SOL/USDT", "LTC/USDT"), 0.012)
    scene.in_time("it sells with a profit", lambda: len(scene.filled("prod", "SELL")) >= 2, "the exchange's books")
    hang_next_order(scene)


def _sign(scene: Scene, text: str, signer: str) -> None:
    """The text signed by somebody's own key, as `promote` says how."""
    (scene.repository / "approval.txt").write_text(text, encoding="utf-8")
    (scene.repository / "approval.txt.sig").unlink(missing_ok=True)
    scene.tool(
        "ssh-keygen", "-q", "-Y", "sign", "-n", "freqtrain-approval", "-f", str(scene.keys / signer), "approval.txt"
    )
