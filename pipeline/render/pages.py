"""Pages in one file: they need no network, and let nothing in them reach one."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline import __version__


def self_contained(
    template: str, styles: Sequence[str], scripts: Sequence[str], data: object, context: Mapping[str, Any]
) -> str:
    """A template as a page with charts.

    Args:
        template: it embeds `style`, `scripts`, `policy` and `data`.
        styles: style sheets beside the templates, in order.
        scripts: scripts beside the templates; they share one scope, and draw with plotly, which comes before them.
        data: what the charts draw, as JSON holds it.
        context: what else the template names.

    The page carries plotly.js once, and a Content-Security-Policy that allows its own scripts by hash, and no connection at all.
    """
    from plotly.offline import get_plotlyjs  # megabytes that a page without scripts does not need

    templates = _templates()
    own = "".join(_source(templates, name) for name in scripts)
    running = [get_plotlyjs(), f'"use strict";\n(function () {{\n{own}}})();\n']
    return templates.get_template(template).render(
        {
            **context,
            "version": __version__,
            "style": Markup("".join(_source(templates, name) for name in styles)),
            "scripts": [Markup(script) for script in running],
            "policy": content_security_policy(running),
            "data": Markup(inert_json(data)),
        }
    )


def still(template: str, styles: Sequence[str], context: Mapping[str, Any]) -> str:
    """A template as a page that needs no script, with its own style sheet by its hash and nothing else that it may load.

    Args:
        template: it embeds `style` and `policy`.
    """
    templates = _templates()
    style = "".join(_source(templates, name) for name in styles)
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{hashed}'; img-src data:; base-uri 'none'; form-action 'none'"
    context = {**context, "version": __version__, "style": Markup(style), "policy": policy}
    return templates.get_template(template).render(context)


def content_security_policy(scripts: Sequence[str]) -> str:
    """Nothing but these scripts may run and nothing may be fetched; plotly sets styles, and draws to data: and blob: images."""
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    rules = ("default-src 'none'", f"script-src {hashes}", "style-src 'unsafe-inline'", "img-src data: blob:")
    return "; ".join((*rules, "base-uri 'none'", "form-action 'none'"))


def inert_json(value: object) -> str:
    """JSON that can stand inside a script element: no character in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("pipeline.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _source(templates: Environment, name: str) -> str:
    """A file beside the templates, as it stands."""
    assert templates.loader is not None
    return templates.loader.get_source(templates, name)[0]
