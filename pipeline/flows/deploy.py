"""`freqtrain deploy`: a bundle takes the place of what runs, proved healthy, or everything stays as it was."""

from dataclasses import replace
from pathlib import Path

from pipeline.domain.train.decisions import Approved
from pipeline.domain.train.plan import Order, Plan, plan
from pipeline.domain.train.steps import short
from pipeline.errors import FreqtrainError, Refused
from pipeline.flows.attend import attended
from pipeline.flows.carry_out import carry_out
from pipeline.flows.converge import converge
from pipeline.flows.road import Road


def deploy(order: Order, road: Road, adopt_from: Path | None = None) -> Plan:
    """Converge, plan, carry out; returns the plan that was carried out. `adopt_from` is a database of a bot that ran elsewhere.

    Raises:
        Locked: another verb is at work in the environment; the message says which and since when.
        Refused: the bundle may not run there, or the preflight says no; nothing has changed.
        Undone: it did not prove itself, and what ran before runs again.
        ToolFailed: not even that worked, and entries stay stopped; or it runs, and nobody watches it.
    """
    with road.locked(f"deploy {short(order.bundle)}"), attended(road):
        try:
            converge(road, order.by, order.strategy)
        except (
            FreqtrainError
        ) as error:  # Another bundle may be the very remedy; a plan that was not ended is refused below.
            road.narrator.say(error.message)
        made = planned(order, road)
        carry_out(made, road, order.by, adopt_from)
        return made


def planned(order: Order, road: Road) -> Plan:
    """What `deploy` would do now; refuses what it would refuse before the first step."""
    road.demand_here()
    stored = road.bundles.get(order.bundle)
    if stored.bundle.strategy != order.strategy:
        raise Refused(f"{short(order.bundle)} is a bundle of '{stored.bundle.strategy}', not of '{order.strategy}'")
    if not (road.environment.dry_run or road.rehearsal) and stored.for_live is None:
        raise Refused(
            f"{short(order.bundle)} was judged on simulated or uncommitted work only, and '{road.environment.name}' trades real money",
            hint="judge it on real candles from a commit, and cut it again",
        )
    _approved(order, road)
    whole = replace(order, evidence=stored.newest.evidence, configuration=road.environment.digest)
    return plan(road.seen(order.strategy), road.state(), whole, road.clock.now())


def _approved(order: Order, road: Road) -> None:
    """Approval fails closed: without a signed yes to exactly this bundle under exactly this policy, nothing boards."""
    environment = road.environment
    if not environment.approval.required:
        return
    state, now = road.state(), road.clock.now()
    given = [record.fact for record in state.approvals if isinstance(record.fact, Approved)]
    mine = [fact for fact in given if order.bundle in fact.bundles]
    if any(fact.expires_at > now and fact.policy == environment.policy_digest for fact in mine):
        return
    why = "nobody has approved it"
    if mine:
        policy = any(fact.policy == environment.policy_digest for fact in mine)
        why = "its approval has expired" if policy else "it was approved under another policy"
    raise Refused(
        f"{short(order.bundle)} may not board for '{environment.name}': {why}",
        hint=f"freqtrain promote {environment.name} says what is to be signed",
    )
