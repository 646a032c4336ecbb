"""The whole story is played in a folder of its own; whatever happens in it, nothing of it is left running."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path

from pipeline.adapters import loopback
from pipeline.adapters.clock import SystemClock
from pipeline.domain.rehearsal import Chapter, Event, Ran, Rehearsal
from pipeline.domain.trading import RuntimeKind
from pipeline.domain.train.fact_words import say
from pipeline.domain.train.facts import kind_of, recorded
from pipeline.domain.train.fold import fold_ledger
from pipeline.domain.train.movements import StepBegan, StepEnded
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from pipeline.ports import Narrator
from pipeline.rehearsal.chapters import STORY, Part
from pipeline.rehearsal.exchange import Account, ExchangeInThread, RemoteControl, Settings
from pipeline.rehearsal.scene import ACCOUNTS, MAIN, OWNER, TRADER, Broken, Scene
from pipeline.rehearsal.world import RealWorld, World, lay_out
from pipeline.wiring.road import outside
from pipeline.wiring.runtime import IMAGE_VARIABLE, demand

ENVIRONMENTS = ("test", "sandbox", "prod")
DEPOSIT = {"sandbox": Decimal(200), "prod": Decimal(1000)}
"""What each account holds at the start, in USDT."""

REAL = ("EXCHANGE_ACCESS_KEY", "EXCHANGE_ACCESS_SECRET", "EXCHANGE_ACCESS_PASSWORD")
"""Names of variables that hold real secrets, as the environments of a repository call them."""


ENDINGS = 4
"""How often the end of what runs is tried, where it is interrupted or fails."""

WITHOUT_IMAGE = (
    "`make rehearse-compose` builds it and rehearses with it; one that is there already is named by what "
    f"`docker image inspect --format '{{{{.Id}}}}' freqtrain` says, as in: {IMAGE_VARIABLE}=sha256:… freqtrain rehearse --runtime compose"
)


def refuse_real_secrets(variables: Mapping[str, str]) -> None:
    """A rehearsal does not even want to see them.

    Raises:
        Refused: some are there; the message names them, not what they hold.
    """
    there = [name for name in REAL if variables.get(name)]
    if there:
        raise Refused(
            f"a rehearsal wants no real secrets near it, and there are {', '.join(there)}",
            hint=f"call it as: env {' '.join(f'-u {name}' for name in there)} freqtrain rehearse",
        )


@contextmanager
def real_scene(folder: Path, narrator: Narrator, kind: RuntimeKind = RuntimeKind.PROCESS) -> Iterator[Scene]:
    """An exchange, a repository and a device of the rehearsal's own; all of it has ended when this ends.

    Args:
        kind: what keeps the rehearsal's bots running.

    Raises:
        Refused: the folder is not empty, or lies in a checkout; for containers, compose or the image is missing, or none is named.
        ToolFailed: git or ssh-keygen is missing; for containers, Docker's engine does not answer.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty", hint="name another folder with --folder, or empty this one")
    outside(folder, "--folder")
    for program in ("git", "ssh-keygen"):
        if shutil.which(program) is None:
            raise ToolFailed(f"{program} is not installed", hint=f"install {program} and try again")
    if kind is RuntimeKind.COMPOSE and not os.environ.get(IMAGE_VARIABLE):
        raise Refused(f"{IMAGE_VARIABLE} does not say of which image the containers are to be made", hint=WITHOUT_IMAGE)
    demand(kind)
    clock = SystemClock()
    repository, home, keys = folder / "repository", folder / "home", folder / "keys"
    access = {name: (f"key-of-{name}", secrets.token_urlsafe(24)) for name in ACCOUNTS}
    accounts = tuple(Account(name, *access[name], {"USDT": DEPOSIT[name]}) for name in ACCOUNTS)
    with ExchangeInThread(Settings(accounts=accounts, swing_ratio=0.1), clock) as exchange:
        control = RemoteControl(exchange.address)
        loopback.mark(home, exchange.address)
        world = RealWorld(repository, home, control, clock, kind)
        scene = Scene(world, repository, keys, narrator, access)
        with ExitStack() as ending:  # All of it, whatever of it fails: bots that nobody watches must not be left.
            ending.callback(control.close)
            ending.callback(shut_down, world, narrator)
            ending.callback(control.lift)
            _lay_out(scene, kind)
            yield scene


def shut_down(world: World, narrator: Narrator) -> None:
    """End all that runs on the rehearsal's device; being interrupted once more, or losing a program to Ctrl-C, is no reason to leave it behind.

    Raises:
        FreqtrainError: it could not be ended, also when it was tried again.
        KeyboardInterrupt: somebody insists.
    """
    for _ in range(ENDINGS - 1):
        try:
            return world.shut_down()
        except (KeyboardInterrupt, ToolFailed):
            narrator.say("  what was started is being ended; that takes a moment")
    return world.shut_down()


def play(scene: Scene, story: Sequence[Part] = STORY) -> Rehearsal:
    """Play the chapters in order, up to the first one of which a claim does not hold."""
    clock, began = scene.world, scene.world.now()
    chapters: list[Chapter] = []
    for number, part in enumerate(story, 1):
        scene.narrator.say(f"\n{number}. {part.title}\n   {part.about}")
        chapters.append(_played(part, scene))
        if chapters[-1].stopped:
            break
    events = tuple(event for name in ENVIRONMENTS for event in _events(scene.world, name))
    return Rehearsal(
        began_at=began,
        seconds=(clock.now() - began).total_seconds(),
        chapters=tuple(chapters),
        expected=len(story),
        events=tuple(sorted(events, key=lambda event: event.at)),
        samples=tuple(scene.samples),
        ran=tuple(one for name in ENVIRONMENTS for one in _ran(scene.world, name)),
        decisions=tuple(scene.decisions),
        orders={name: len(scene.world.orders(name)) for name in ACCOUNTS},
    )


def _played(part: Part, scene: Scene) -> Chapter:
    began, commands, claims = scene.world.now(), len(scene.commands), len(scene.claims)
    stopped = ""
    try:
        part.play(scene)
    except (Broken, FreqtrainError) as error:
        stopped = str(error)
        scene.narrator.say(f"  the story ends here: {stopped}")
    return Chapter(
        part.title,
        part.about,
        began,
        (scene.world.now() - began).total_seconds(),
        tuple(scene.commands[commands:]),
        tuple(scene.claims[claims:]),
        stopped,
    )


def _lay_out(scene: Scene, kind: RuntimeKind) -> None:
    """The repository with its environments, the keys of who signs, and who is allowed to."""
    lay_out(scene.repository, kind)
    scene.keys.mkdir(mode=0o700)
    for name in ("owner", "trader", "stranger"):
        scene.tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(scene.keys / name))
    allowed = scene.repository / ".github" / "allowed_signers"
    allowed.parent.mkdir()
    lines = [
        f"{who} {(scene.keys / who.split('@')[0]).with_suffix('.pub').read_text(encoding='utf-8')}"
        for who in (OWNER, TRADER)
    ]
    allowed.write_text("".join(lines), encoding="utf-8")
    (scene.repository / ".gitignore").write_text(
        "/data/\n/out/\n/user_data/\n/approval.txt*\n__pycache__/\n", encoding="utf-8"
    )
    scene.git("init", "--quiet", "--initial-branch", MAIN.rsplit("/", 1)[-1], author=OWNER)
    scene.git("add", ".github", "environments", ".gitignore", author=OWNER)
    scene.git("commit", "--quiet", "--message", "Set the train up", author=OWNER)


def _events(world: World, environment: str) -> Iterator[Event]:
    """What the ledger tells, without the single steps."""
    for record in recorded(world.ledger(environment)):
        fact = record.fact
        if not isinstance(fact, StepBegan | StepEnded):
            bundles = getattr(fact, "bundles", (getattr(fact, "bundle", ""),))
            strategy = getattr(fact, "strategy", "")
            yield Event(record.at, environment, kind_of(fact), say(fact), strategy, tuple(filter(None, bundles)))


def _ran(world: World, environment: str) -> Iterator[Ran]:
    """Which bundle ran when, as the ledger has it."""
    for strategy, known in sorted(fold_ledger(world.ledger(environment), environment).strategies.items()):
        for one in known.deployments:
            yield Ran(environment, strategy, one.bundle, one.since_at, one.until_at)
