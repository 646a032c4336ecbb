"""A bundle that passed the gate and never becomes healthy is taken back."""

from pipeline.rehearsal.chapters.gate import DATA, cut
from pipeline.rehearsal.scene import Scene

TITLE = "A sick bundle"
ABOUT = (
    "While tide soaks in sandbox, reef is changed in a way that no backtest finds fault with: at its start it makes a table that is larger "
    "than the memory which test gives a bot. tide loses its stop loss in the same merge; that comes later."
)

FILE = "strategies/reef/strategy.py"
IMPORT = "from freqtrade.strategy import IStrategy\n"
OLD = "    def populate_indicators("
NEW = """    def bot_start(self, **kwargs) -> None:
        self.table = numpy.zeros(60_000_000)

"""


def play(scene: Scene) -> None:
    before = dict(scene.bundles)
    scene.edit(FILE, IMPORT, "import numpy\n" + IMPORT)
    scene.edit(FILE, OLD, NEW + OLD)
    scene.edit("strategies/tide/strategy.py", "stoploss = -0.02", "stoploss = -0.30")
    scene.commit("Give reef a table; let tide wait until it is right")
    verdict, _ = scene.document("gate", *DATA)
    scene.claim("the gate lets both pass", verdict.get("outcome") == "PASS", "gate --json")
    made = cut(scene, "tide", "reef")
    sick, scene.bundles["bold"] = made["reef"], made["tide"]
    scene.claim("they are other bundles", not {*made.values()} & {*before.values()}, "cut --json")
    done = scene.freqtrain("deploy", "test", sick, environment="test")
    scene.claim("its deployment is undone", done.code == 6, "deploy, exit code 6")
    scene.claim("the ledger says so", scene.told("test", "undone", strategy="reef", bundle=sick), "the ledger of test")
    scene.claim("the reason is told", "MemoryError" in done.out + done.err, "what deploy printed")
    scene.claim(
        "the old bundle runs again, proved and released",
        scene.runs("test", "reef", scene.bundles["reef"]),
        "status --json: the old bundle, up, enters",
    )
