"""Where a rehearsal takes place: what chapters do it with, and where every claim is written down as it is checked."""

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.adapters.process import Completed
from pipeline.domain.ledger import Entry
from pipeline.domain.rehearsal import Claim, Command, DecisionTold, Sample
from pipeline.errors import ToolFailed
from pipeline.ports import Narrator
from pipeline.rehearsal.world import World

MAIN = "refs/heads/main"
ACCOUNTS = ("sandbox", "prod")
TRADER, OWNER = "trader@rehearsal.invalid", "owner@rehearsal.invalid"
"""Who writes strategies, and who signs for prod."""

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 240.0
"""How long a claim may need to come true. On a quiet machine it takes seconds; where others use the machine too, that is no fault of the train."""

LAST_LINES = 6
"""How much of what the last command said is told where a claim does not hold."""


class Broken(Exception):
    """A claim did not hold: the story ends here."""


@dataclass
class Scene:
    """What chapters share. `keys` is a folder with the SSH keys of those who sign."""

    world: World
    repository: Path
    keys: Path
    narrator: Narrator
    secrets: dict[str, tuple[str, str]]
    """Environment -> key and secret to its account."""
    bundles: dict[str, str] = field(default_factory=dict)
    """Name within the story -> digest."""
    bought: int = 0
    """How many orders of prod were filled before the exchange began to hang."""
    commands: list[Command] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    decisions: list[DecisionTold] = field(default_factory=list)
    _last_said: str = ""

    # To do

    def freqtrain(self, *arguments: str, environment: str = "") -> Completed:
        """A verb through the console script, with what the GitHub Environment `environment` would inject."""
        began = self.world.now()
        done = self.world.freqtrain(*arguments, variables=self._injected(environment))
        seconds = (self.world.now() - began).total_seconds()
        line = shlex.join(("freqtrain", *arguments))
        self.commands.append(Command(line, done.code, seconds))
        self.narrator.say(f"  $ {line}   [{done.code}, {seconds:.1f} s]")
        self._last_said = f"{done.out}\n{done.err}"
        self.sample()
        return done

    def document(self, *arguments: str, environment: str = "") -> tuple[dict[str, Any], Completed]:
        """What a verb prints with --json, {} where that is no JSON object."""
        done = self.freqtrain(*arguments, "--json", environment=environment)
        try:
            found = json.loads(done.out)
        except ValueError:
            found = {}
        return found if isinstance(found, dict) else {}, done

    def decide(self, environment: str, *options: str) -> dict[str, dict[str, Any]]:
        """What `decide` says of each strategy of an environment, by its name; it is kept for the report."""
        document, _ = self.document("decide", environment, *options, environment=environment)
        found: dict[str, dict[str, Any]] = {one["strategy"]: one for one in document.get("strategies", [])}
        for strategy, one in found.items():
            words = (str(one["bundle"]), str(one["decision"]), tuple(one["reasons"]), one["power"], one["told"])
            self.decisions.append(DecisionTold(self.world.now(), environment, strategy, *words))
        return found

    def git(self, *arguments: str, author: str = TRADER) -> str:
        """A git command by somebody, which has to succeed."""
        named = ("-c", f"user.name={author.split('@')[0]}", "-c", f"user.email={author}", "-c", "commit.gpgsign=false")
        return self.tool("git", *named, *arguments)

    def tool(self, *argv: str) -> str:
        """Another program, which has to succeed."""
        done = self.world.tool(*argv)
        if done.code != 0:
            raise ToolFailed(f"{shlex.join(argv)} ended with {done.code}: {done.err.strip()[-500:]}")
        return done.out.strip()

    def commit(self, message: str) -> str:
        """Everything that was written is merged by the trader; the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a text in the repository; it has to be there once."""
        path = self.repository / file
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise ToolFailed(f"{file} holds {old!r} {text.count(old)} times, and should once")
        path.write_text(text.replace(old, new), encoding="utf-8")

    def move(self, pairs: Sequence[str], ratio: float, seconds: float = 4.0) -> None:
        """Let prices go by a ratio within some seconds."""
        for pair in pairs:
            self.world.move(pair, ratio, seconds)
        self.narrator.say(f"  ~ {', '.join(pairs)} {'rise' if ratio > 0 else 'fall'} by {abs(ratio):.1%}")

    # To see

    def entries(self, environment: str, kind: str = "") -> list[Entry]:
        """An environment's ledger, or its entries of one kind; the oldest first."""
        return [entry for entry in self.world.ledger(environment) if kind in ("", entry.kind)]

    def told(self, environment: str, kind: str, **body: object) -> list[Entry]:
        """The ledger's entries of a kind whose body says all of that."""
        return [
            entry
            for entry in self.entries(environment, kind)
            if all(entry.body.get(name) == value for name, value in body.items())
        ]

    def status(self, environment: str, strategy: str) -> dict[str, Any]:
        """What `status` says of a strategy; {} where it knows none."""
        done = self.world.freqtrain("status", environment, "--json")
        lines = json.loads(done.out)["strategies"] if done.code == 0 else []
        return next((line for line in lines if line["strategy"] == strategy), {})

    def runs(self, environment: str, strategy: str, bundle: str) -> bool:
        """Whether a bot of exactly that bundle is up and may enter."""
        line = self.status(environment, strategy)
        return (line.get("bundle"), line.get("bot"), line.get("entries")) == (bundle, "up", "yes")

    def filled(self, account: str, side: str) -> list[dict[str, Any]]:
        """Orders of an account that were filled, from the exchange's own books."""
        return [one for one in self.world.orders(account) if one["side"] == side and one["status"] == "FILLED"]

    def sample(self) -> None:
        """Remember what the accounts are worth now."""
        books = self.world.books()
        prices = {pair.split("/")[0]: Decimal(price) for pair, price in books["prices"].items()}
        for account in ACCOUNTS:
            held = books["accounts"].get(account, {})
            worth = sum(
                (Decimal(one["free"]) + Decimal(one["locked"])) * (Decimal(1) if asset == "USDT" else prices[asset])
                for asset, one in held.items()
            )
            self.samples.append(Sample(datetime.fromisoformat(books["at"]), account, Decimal(worth)))

    # To claim

    def claim(self, sentence: str, held: object, shown_by: str) -> None:
        """Write a claim down; raises Broken where it does not hold."""
        self.claims.append(Claim(sentence, bool(held), shown_by))
        self.narrator.say(f"  {'✓' if held else '✗'} {sentence}")
        if not held:
            for line in self._last_said.strip().splitlines()[-LAST_LINES:]:
                self.narrator.say(f"    the last command said: {line}")
            raise Broken(f"{sentence}: not so, says {shown_by}")

    def in_time(
        self, sentence: str, look: Callable[[], object], shown_by: str, seconds: float = PATIENCE_SECONDS
    ) -> None:
        """A claim that comes true within some seconds."""
        until = self.world.now().timestamp() + seconds
        while not (held := look()) and self.world.now().timestamp() < until:
            self.sample()
            self.world.sleep(LOOK_SECONDS)
        self.claim(sentence, held, f"{shown_by}, within {seconds:g} s")

    def _injected(self, environment: str) -> dict[str, str]:
        if not environment:
            return {}
        key, secret = self.secrets.get(environment, ("", ""))
        live = {"REHEARSAL_KEY": key, "REHEARSAL_SECRET": secret} if key else {}
        return {"REHEARSAL_EXCHANGE": "binance", "REHEARSAL_DRY_RUN": "false" if key else "true", **live}
