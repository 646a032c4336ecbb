"""Everything is sold and stopped, the books are compared, and nothing is left behind."""

from pipeline.rehearsal.scene import ACCOUNTS, Scene

TITLE = "The books"
ABOUT = "Everything is sold. Then the exchange's own order log is laid beside the databases and the ledgers."


def play(scene: Scene) -> None:
    for environment in ("test", "sandbox", "prod"):
        stopped = scene.freqtrain(
            "stop", environment, "--all", "--exit", "--reason", "the rehearsal is over", environment=environment
        )
        scene.claim(f"everything is sold in {environment}", stopped.code == 0, "stop --all --exit, exit code 0")
    books = scene.world.books()
    scene.claim("no order is open", books["open_orders"] == 0, "the exchange's books")
    for account in ACCOUNTS:
        placed = {str(order["id"]) for order in scene.world.orders(account)}
        known = scene.world.known_orders(account) | {
            identity
            for identity in placed
            if any(identity in str(one.body) for one in scene.entries(account, "doubted"))
        }
        scene.claim(
            f"each of the {len(placed)} orders of {account} is in its database, or named as a doubt",
            placed <= known,
            "the exchange's order log, the databases, the ledger",
        )
    compared = scene.freqtrain("reconcile", "sandbox", environment="sandbox")
    scene.claim("freqtrain sees that sandbox's books agree, too", compared.code == 0, "reconcile, exit code 0")
    for environment in ("test", "sandbox", "prod"):
        verified = scene.freqtrain("log", environment, "--verify")
        scene.claim(f"the ledger of {environment} is whole", verified.code == 0, "log --verify, exit code 0")
    scene.world.shut_down()
    scene.in_time(
        "no process is left", lambda: not scene.world.processes(), "the processes of this machine", seconds=60.0
    )
