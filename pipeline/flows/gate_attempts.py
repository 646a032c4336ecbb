"""How many attempts stand behind a candidate that was measured, or why that cannot be told."""

from pipeline.domain.lineage import Attempts, Optimisation
from pipeline.domain.robustness_words import ROBUSTNESS
from pipeline.domain.strategy import Candidate
from pipeline.domain.verdict import Finding, Outcome
from pipeline.errors import Locked, Refused, ToolFailed
from pipeline.ports import Lineages


def count(
    candidate: Candidate, lineages: Lineages, results: Optimisation | None = None
) -> tuple[Attempts | None, tuple[Finding, ...]]:
    """Record the candidate and count; a lineage that cannot be believed or kept is an ERROR of this strategy, and of no other.

    To be called once its trades are known and before anybody sees the verdict: who sees a result has made an attempt.
    """
    try:
        return lineages.attempt(candidate, results), ()
    except (Refused, Locked, ToolFailed) as error:
        reason = f"The attempts could not be counted: {error.message}. {error.hint}".strip()
        return None, (Finding(ROBUSTNESS, "attempts", Outcome.ERROR, reason),)
