"""The command `freqtrain` and its groups; each verb lives in a file of its own and is imported when it is called."""

from importlib import import_module

import click

from pipeline import __version__

GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "Daily": {
        "gate": ("pipeline.cli.gate:gate", "Judge strategies on history."),
        "new": ("pipeline.cli.new:new", "Make a strategy, or take an existing one in."),
        "status": ("pipeline.cli.status:status", "Say what runs where, and what wants a look."),
        "log": ("pipeline.cli.status:log", "Say what happened in an environment."),
        "doctor": ("pipeline.cli.doctor:doctor", "Say what disagrees on this device, and what mends it."),
        "stop": ("pipeline.cli.road:stop", "Stop new entries at once, or sell everything."),
        "roll-back": ("pipeline.cli.road:roll_back", "Bring the last known good bundle back."),
        "report": ("pipeline.cli.report:report", "Say how an environment did lately, as a page."),
        "incident": ("pipeline.cli.incident:incident", "Pack what happened, and look at what was packed."),
    },
    "Set-up": {
        "data": ("pipeline.cli.data:data", "Make, take in and verify data sets of candles."),
        "environment": ("pipeline.cli.environment:environment", "Check, compare and move environments."),
        "secrets": ("pipeline.cli.secrets:secrets", "Keep an environment's secrets on this device."),
        "notify": ("pipeline.cli.notify:notify", "Say who is told what happens, and try whether they can be."),
        "rehearse": ("pipeline.cli.rehearse:rehearse", "Play the whole story on this machine, with real bots."),
        "monitor": ("pipeline.cli.monitor:monitor", "Show this device as a web page."),
        "preflight": ("pipeline.cli.preflight:preflight", "Check this machine before anything depends on it."),
        "update": ("pipeline.cli.update:update", "Merge a newer framework into your repository."),
        "github": ("pipeline.cli.github:github", "Check the repository on GitHub, and bring it to what the files say."),
    },
    "The train's own": {
        "cut": ("pipeline.cli.cut:cut", "Build bundles of strategies that passed the gate."),
        "bundle": ("pipeline.cli.bundle:bundle", "Look at bundles, and carry them over GitHub."),
        "image": ("pipeline.cli.image:image", "See which images bots need, and remove the others."),
        "promote": ("pipeline.cli.promote:promote", "Let those board that earned it."),
        "deploy": ("pipeline.cli.road:deploy", "Let a bundle run in an environment."),
        "rolled-back": ("pipeline.cli.rolled_back:rolled_back", "Say what was taken back lately, and why."),
        "decide": ("pipeline.cli.decide:decide", "Say who earned the next environment, and who is to go."),
        "reconcile": ("pipeline.cli.reconcile:reconcile", "Compare accounts with the bots' databases."),
        "parity": ("pipeline.cli.parity:parity", "Say whether a bot trades as its backtest does."),
        "share": ("pipeline.cli.share:share", "Show a later environment's user what bundles earned."),
        "watch": ("pipeline.cli.watch:watch", "Look at bots all the time, and act on brakes."),
        "converge": ("pipeline.cli.road:converge", "Bring what runs to what should run."),
        "block": ("pipeline.cli.road:block", "Block a bundle, or let a blocked one board again."),
        "policy": ("pipeline.cli.policy:policy", "Find out what a policy is worth."),
    },
}
"""Group -> verb -> where it lives and what it does in one line."""


class Train(click.Group):
    """Imports a verb only when it is called, and lists the verbs by group."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return [name for verbs in GROUPS.values() for name in verbs]

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        for verbs in GROUPS.values():
            if name in verbs:
                module, attribute = verbs[name][0].split(":")
                command = getattr(import_module(module), attribute)
                assert isinstance(command, click.Command)
                return command
        return None

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, verbs in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, text) for name, (_, text) in verbs.items()])


@click.group(cls=Train, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="freqtrain")
def freqtrain() -> None:
    """A release train for freqtrade strategies: judged on history, in dry-run and with small stakes before they trade in full.

    \b
    Exit codes: 0 PASS or done, 1 crash, 2 usage, 3 refused, 4 a tool failed, 5 locked, 6 undone,
    10 FAIL, 11 INCONCLUSIVE, 12 ERROR, 130 interrupted.
    """
