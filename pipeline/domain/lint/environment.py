"""Rules on what the environment decides, and on code that wants to know which environment it is in."""

import ast
from collections.abc import Iterator

from pipeline.domain.lint.facts import the_class
from pipeline.domain.lint.project import Project, words
from pipeline.domain.lint.references import references
from pipeline.domain.lint.rule import Trouble, error, warn
from pipeline.domain.lint.settings import changes, keys_read, reads_all

_OWNED = words(
    "stake_amount stake_currency dry_run dry_run_wallet exchange db_url telegram api_server discord webhook trading_mode margin_mode "
    "pair_whitelist pair_blacklist pairlists bot_name available_capital tradable_balance_ratio amend_last_stake_amount initial_state "
    "fiat_display_currency force_entry_enable strategy_path user_data_dir datadir ccxt_config fee"
)
_SECRET_KEYS = words("telegram api_server db_url discord webhook key secret password uid walletAddress privateKey")
_TELL_TALE = words("runmode dry_run timerange backtest_cache export backtest_directory dry_run_wallet timeframe_detail")


def configured_in_code(project: Project) -> Iterator[Trouble]:
    """Stakes, exchanges, keys and the like, which environments decide."""
    yield from _owned(project)
    for source in project.code:
        for node in source.all(ast.Subscript, ast.Call):
            told = changes(project, source, node)
            if told:
                yield error(source, node, told)
            if isinstance(node, ast.Call) and reads_all(project, source, node):
                yield error(
                    source,
                    node,
                    "This takes the configuration as a whole, secrets included: name the keys that you need.",
                )
            for key in keys_read(project, source, node):
                if key in _SECRET_KEYS:
                    told = f"config[{key!r}] holds what only the bot itself may know: a strategy does not read it."
                    yield error(source, node, told)


def detects_the_backtest(project: Project) -> Iterator[Trouble]:
    """Code that behaves otherwise in a backtest makes the backtest worthless."""
    say = "tells a backtest from a live bot: a strategy must do the same in both, or its evidence says nothing."
    for source in project.code:
        for attribute in source.all(ast.Attribute):
            if attribute.attr == "runmode":
                yield error(source, attribute, f"runmode {say}")
        for node, path in references(project, source):
            if ".RunMode" in path:
                yield error(source, node, f"RunMode {say}")
        for expression in source.all(ast.Subscript, ast.Call):
            for key in keys_read(project, source, expression):
                if key in _TELL_TALE:
                    yield error(source, expression, f"config[{key!r}] {say}")


def _owned(project: Project) -> Iterator[Trouble]:
    """Attributes of the class that bear the name of a setting."""
    cls = the_class(project)
    if cls is None or project.strategy is None:
        return
    for statement in cls.body:
        for name in _names(statement):
            if name in _OWNED:
                told = f"{name} is decided by the environment, not by the strategy: remove it here."
                yield error(project.strategy, statement, told)
            elif name == "max_open_trades":
                told = "max_open_trades is decided by the environment; this value has no effect."
                yield warn(project.strategy, statement, told)


def _names(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.Assign):
        yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
    elif (
        isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value is not None
    ):
        yield statement.target.id
