"""report.html: one file that shows the whole gate, needs no network, and lets nothing in it reach one."""

from collections.abc import Mapping, Sequence

from pipeline.domain.dataset import SIMULATED_NOTE
from pipeline.domain.evidence import Judgement, WindowPicture
from pipeline.domain.metrics import METRICS
from pipeline.domain.verdict import Outcome
from pipeline.render.charts import chart_data
from pipeline.render.definitions import DEFINITIONS
from pipeline.render.outcomes import SYMBOLS, counted, overall
from pipeline.render.pages import self_contained
from pipeline.render.report_view import MONTHS, section


def html(
    judgements: Sequence[Judgement], pictures: Mapping[str, Sequence[WindowPicture]], *, docs_url: str = ""
) -> str:
    """The report as one self-contained page.

    Args:
        judgements: one a strategy, in the order in which they are shown.
        pictures: per strategy's id, its windows in order; a strategy without any gets no charts.
        docs_url: where the folder docs/ can be read (`https://…/docs` or a relative path); without it rules are named, not linked.
    """
    outcome = overall(judgements)
    return self_contained(
        "report.html.j2",
        ("report.css.j2",),
        ("charts.js.j2", "report.js.j2"),
        chart_data(judgements, pictures),
        {
            "outcome": outcome,
            "symbols": SYMBOLS,
            "outcomes": Outcome,
            "passed": sum(judgement.verdict.outcome is Outcome.PASS for judgement in judgements),
            "counted": counted(len(judgements), "strategy"),
            "simulated": SIMULATED_NOTE if any(j.evidence.provenance.simulated for j in judgements) else "",
            "sections": [
                section(j, pictures.get(j.evidence.provenance.strategy, ()), docs_url=docs_url) for j in judgements
            ],
            "metrics": METRICS,
            "definitions": DEFINITIONS,
            "months": MONTHS,
        },
    )
