"""A bundle that loses money is stopped by its brake, taken back and blocked, without anybody."""

from pipeline.rehearsal.scene import MAIN, OWNER, Scene

TITLE = "A bundle that loses"
ABOUT = "tide without its stop loss boards for sandbox, because somebody insists, and the market falls."


def play(scene: Scene) -> None:
    bold = scene.bundles["bold"]
    scene.git("tag", "--annotate", "v2", "--message", "Board: tide it is surely better", author=OWNER)
    promoted = scene.freqtrain("promote", "sandbox", "--tag", "v2", "--main", MAIN, environment="sandbox")
    scene.claim("it boards for sandbox", promoted.code == 0, "promote, exit code 0")
    (fact,) = scene.told("sandbox", "promoted", bundle=bold)
    scene.claim(
        "it is recorded that a person insisted, and why",
        fact.body["overridden"] == "it is surely better",
        "the ledger of sandbox",
    )
    deployed = scene.freqtrain("deploy", "test", bold, "--open-trades", "exit", environment="test")
    scene.claim("test gets it as well, and trades of its own only", deployed.code == 0, "deploy, exit code 0")
    scene.in_time(
        "it is in the market",
        lambda: len(scene.filled("sandbox", "BUY")) > len(scene.filled("sandbox", "SELL")),
        "the exchange's books",
    )
    scene.move(("BTC/USDT", "ETH/USDT"), -0.10)
    scene.in_time(
        "the brake on its drawdown stops its entries",
        lambda: scene.told("sandbox", "braked", bundle=bold, brake="drawdown_max_ratio"),
        "the ledger of sandbox",
    )
    scene.in_time(
        "the last good bundle is brought back by the brake",
        lambda: scene.told("sandbox", "rolled_back", bundle=bold, to=scene.bundles["tide"], by="brake"),
        "the ledger of sandbox",
    )
    scene.claim("the bad one is blocked", scene.told("sandbox", "blocked", bundle=bold), "the ledger of sandbox")
    scene.in_time(
        "the good one runs, proved and released",
        lambda: scene.runs("sandbox", "tide", scene.bundles["tide"]),
        "status --json",
    )
    again, _ = scene.document("promote", "sandbox", "--tag", "v2", "--main", MAIN, "--plan", environment="sandbox")
    seats = {seat["strategy"]: seat["decision"] for seat in again.get("strategies", [])}
    scene.claim("and nobody can insist any more", seats.get("tide") == "blocked", "promote --plan --json")
