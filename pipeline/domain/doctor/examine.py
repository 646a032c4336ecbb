"""`examine(facts) -> Diagnosis`: the one function that says what disagrees."""

from pipeline.domain.doctor.bots import of_bots, of_watch
from pipeline.domain.doctor.databases import of_account, of_databases, of_observations
from pipeline.domain.doctor.facts import Facts
from pipeline.domain.doctor.kinds import Diagnosis, Unseen
from pipeline.domain.doctor.ledger import of_ledger, of_plans, of_tags
from pipeline.domain.doctor.store import of_bundles, of_files, of_homes, of_keys, of_leftovers

CHECKS = (
    *(of_ledger, of_databases, of_account, of_bundles, of_homes),
    *(of_plans, of_bots, of_watch, of_keys),
    *(of_files, of_observations, of_tags, of_leftovers),
)
"""In the order in which they are to be mended: nothing is decided on a ledger that is not intact, and no bot is started before its database, its
bundle and its home are as they should be."""


def examine(facts: Facts) -> Diagnosis:
    """Everything that disagrees, and every look that could not be made."""
    found = tuple(one for check in CHECKS for one in check(facts))
    unseen = list(facts.unseen)
    if facts.at_work:
        hint = "call this once more when it has ended"
        unseen.insert(0, Unseen("bots and homes", f"a verb is at work: {facts.at_work}", hint))
    for database in facts.databases:
        if database.half_changed:
            why = "a killed process left a change half done, which its bot's next start takes back"
            unseen.append(Unseen(f"database of {database.strategy}", why, f"freqtrain converge {facts.environment}"))
    return Diagnosis(facts.environment, found, tuple(unseen))
