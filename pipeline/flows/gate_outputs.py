"""What a gate leaves behind: evidence.json a strategy, report.html, summary.md."""

from collections.abc import Callable
from pathlib import Path

from pipeline.flows.gate import Gated
from pipeline.render import evidence_json, report, summary

Write = Callable[[Path, str], None]


def write_outputs(gated: Gated, out: Path, write: Write, docs_url: str) -> Path:
    """Write everything below `out`; returns the report's path.

    All texts are made before the first is written, each file appears whole or not at all, and the report comes last, after an older one was
    removed: where there is a report, what lies beside it belongs to it.

    Args:
        gated: what the gate found.
        out: the folder, made where it is missing.
        write: writes one file whole.
        docs_url: where the report's links to the documentation lead.

    Raises:
        OSError: the disk.
    """
    texts = {
        out / judgement.evidence.provenance.strategy / "evidence.json": evidence_json.to_text(
            evidence_json.evidence_document(judgement)
        )
        for judgement in gated.judgements
    }
    texts[out / "summary.md"] = summary.markdown(gated.judgements, gated.pictures)
    page = out / "report.html"
    texts[page] = report.html(gated.judgements, gated.pictures, docs_url=docs_url)
    page.unlink(missing_ok=True)
    for path, text in texts.items():
        write(path, text)
    return page
