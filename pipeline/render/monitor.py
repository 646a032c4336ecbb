"""A device as a page that needs no script, and as an object for programs: the same numbers."""

import base64
import hashlib
import json
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline import __version__
from pipeline.domain.canonical import Plain, plain
from pipeline.domain.monitor.overview import DeviceView
from pipeline.render.monitor_view import view

STYLES = ("report.css.j2", "monitor.css.j2")
REFRESH_SECONDS = 60


def page(device: DeviceView) -> str:
    """The page, as HTML; a browser asks for it again by itself."""
    template, style = _template()
    context = {"it": view(device), "version": __version__, "refresh": REFRESH_SECONDS, "style": Markup(style)}
    return template.render(context)


def content_security_policy() -> str:
    """The page's own style sheet by its hash, its empty icon, itself as the target of links, and nothing else."""
    _, style = _template()
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rules = ("default-src 'none'", f"style-src 'sha256-{hashed}'", "img-src data:", "base-uri 'none'")
    return "; ".join((*rules, "form-action 'none'", "frame-ancestors 'none'"))


def document(device: DeviceView) -> str:
    """The same for programs: one object whose first key is the outcome."""
    told = plain(device)
    assert isinstance(told, dict)
    whole: dict[str, Plain] = {"outcome": "DONE" if device.well else "LOOK", **told}
    return json.dumps(whole, ensure_ascii=True, allow_nan=False) + "\n"


@cache
def _template() -> tuple[Template, str]:
    templates = Environment(
        loader=PackageLoader("pipeline.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    assert templates.loader is not None
    style = "".join(templates.loader.get_source(templates, name)[0] for name in STYLES)
    return templates.get_template("monitor.html.j2"), style
