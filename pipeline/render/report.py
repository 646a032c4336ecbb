"""report.html: one file that shows the whole gate, needs no network, and lets nothing in it reach one."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from pipeline import __version__
from pipeline.domain.dataset import SIMULATED_NOTE
from pipeline.domain.evidence import Judgement, WindowPicture
from pipeline.domain.metrics import METRICS
from pipeline.domain.verdict import Outcome
from pipeline.render.charts import chart_data
from pipeline.render.definitions import DEFINITIONS
from pipeline.render.outcomes import SYMBOLS, counted, overall
from pipeline.render.report_view import MONTHS, section


def html(
    judgements: Sequence[Judgement], pictures: Mapping[str, Sequence[WindowPicture]], *, docs_url: str = ""
) -> str:
    """The report as one self-contained page.

    Args:
        judgements: one a strategy, in the order in which they are shown.
        pictures: per strategy's id, its windows in order; a strategy without any gets no charts.
        docs_url: where the folder docs/ can be read (`https://…/docs` or a relative path); without it rules are named, not linked.

    The page carries plotly.js once, and a Content-Security-Policy that allows its own scripts by hash, and no connection at all.
    """
    templates = Environment(
        loader=PackageLoader("pipeline.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scripts = [get_plotlyjs(), _source(templates, "report.js.j2")]
    outcome = overall(judgements)
    return templates.get_template("report.html.j2").render(
        outcome=outcome,
        symbols=SYMBOLS,
        outcomes=Outcome,
        passed=sum(judgement.verdict.outcome is Outcome.PASS for judgement in judgements),
        counted=counted(len(judgements), "strategy"),
        simulated=SIMULATED_NOTE if any(j.evidence.provenance.simulated for j in judgements) else "",
        sections=[section(j, pictures.get(j.evidence.provenance.strategy, ()), docs_url=docs_url) for j in judgements],
        metrics=METRICS,
        definitions=DEFINITIONS,
        months=MONTHS,
        version=__version__,
        style=Markup(_source(templates, "report.css.j2")),
        scripts=[Markup(script) for script in scripts],
        policy=content_security_policy(scripts),
        data=Markup(inert_json(chart_data(judgements, pictures))),
    )


def content_security_policy(scripts: Sequence[str]) -> str:
    """Nothing but these scripts may run and nothing may be fetched; plotly sets styles, and draws to data: and blob: images."""
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    rules = ("default-src 'none'", f"script-src {hashes}", "style-src 'unsafe-inline'", "img-src data: blob:")
    return "; ".join((*rules, "base-uri 'none'", "form-action 'none'"))


def inert_json(value: object) -> str:
    """JSON that can stand inside a script element: no character in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _source(templates: Environment, name: str) -> str:
    """A file beside the templates, as it stands."""
    assert templates.loader is not None
    return templates.loader.get_source(templates, name)[0]
