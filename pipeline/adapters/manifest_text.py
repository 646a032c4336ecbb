"""A bundle's manifest as text: canonical JSON that carries its own digest, and back."""

import json
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipeline.adapters.trading_facts_model import FactsModel
from pipeline.domain.bundle_manifest import BundleManifest
from pipeline.domain.canonical import canonical

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    bundle: Digest
    strategy: str
    title: str
    owner: str
    cut_at: AwareDatetime
    commit: Annotated[str, Field(pattern=r"^([0-9a-f]{40}([0-9a-f]{24})?)?$")]
    uncommitted: bool
    content: Digest
    evidence: Digest
    verdict: Digest
    environment: str
    environment_digest: Digest
    policy_digest: Digest
    incumbent: Digest | Literal[""]
    dataset: str
    dataset_digest: Digest
    markets_digest: Digest
    simulated: bool
    isolation: str
    versions: dict[str, str]
    facts: FactsModel
    image: Digest | None = None
    schema_: Annotated[Literal[1], Field(alias="schema")]
    digest: Digest


def manifest_text(manifest: BundleManifest) -> bytes:
    """The manifest with its digest; equal manifests give equal texts."""
    return canonical({**manifest.written, "digest": manifest.digest}) + b"\n"


def read_manifest(text: bytes) -> BundleManifest:
    """The manifest in a text that `manifest_text` wrote.

    Raises:
        ValueError: it is none, or was changed.
    """
    try:
        json.loads(text)  # refuses what is no UTF-8 with a plain word
        model = _Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"is no manifest: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no manifest: {error}") from error
    fields = {
        name: getattr(model, name) for name in BundleManifest.__slots__ if name not in ("facts", "image", "schema")
    }
    manifest = BundleManifest(**fields, facts=model.facts.facts(), image=model.image or "")
    if manifest_text(manifest) != text:
        raise ValueError("was changed: it does not have the digest that it carries")
    return manifest
