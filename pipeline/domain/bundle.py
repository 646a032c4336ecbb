"""A Bundle: one strategy's immutable build, an archive that is named by the sha256 of its bytes."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from pipeline.domain import tar
from pipeline.domain.canonical import Plain, canonical, digest_bytes
from pipeline.domain.lint import MAX_FILES, MAX_TOTAL_BYTES, closed_list
from pipeline.domain.strategy import DESCRIPTION_FILE, TEST_FILE, Candidate
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.errors import UsageError

SCHEMA = 1
CARD_FILE = "bundle.json"
"""What the archive says of itself: the strategy's class, timeframe and pairs, and the engine."""

STRATEGY_FOLDER = "strategy"
LARGEST_ARCHIVE = MAX_TOTAL_BYTES + (MAX_FILES + 2) * 3 * tar.BLOCK
"""Bytes; no strategy that the closed list of files admits makes a larger one."""

SHORTEST_PREFIX = 6
LEFT_OUT = (DESCRIPTION_FILE, TEST_FILE)
"""Files of a strategy that are in no bundle."""

_TEXTS = ("strategy", "class", "timeframe")
_KEYS = {"schema", *_TEXTS, "pairs", "engine"}


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that decides how a strategy trades, and nothing else.

    `timeframe` and `pairs` are what strategy.yml says, empty where the class and the environment decide. `engine` maps normalised
    distributions to the version they must have. `files` are code, parameters and local package by path relative to the strategy's folder.
    """

    strategy: str
    class_name: str
    timeframe: str
    pairs: tuple[str, ...]
    engine: dict[str, str]
    files: dict[str, bytes]

    @property
    def archive(self) -> bytes:
        """The bundle as one file."""
        card: dict[str, Plain] = {
            "schema": SCHEMA,
            "strategy": self.strategy,
            "class": self.class_name,
            "timeframe": self.timeframe,
            "pairs": list(self.pairs),
            "engine": dict(self.engine),
        }
        inside = {f"{STRATEGY_FOLDER}/{path}": content for path, content in self.files.items()}
        return tar.pack({CARD_FILE: canonical(card) + b"\n", **inside})

    @property
    def digest(self) -> str:
        """The bundle's name: `sha256:` and what `sha256sum` says of the archive."""
        return digest_bytes(self.archive)


def bundle_of(candidate: Candidate, engine: Mapping[str, str]) -> Bundle:
    """The bundle of a candidate: without its tests, and of its description only what decides how it trades.

    So a better test, a stricter policy, another title or owner leave a bundle, its bot and its soak as they are.

    Raises:
        ValueError: the folder holds what a strategy may not have.
    """
    spec = candidate.spec
    files = {path: content for path, content in sorted(candidate.files.items()) if path not in LEFT_OUT}
    bundle = Bundle(spec.id, spec.class_name, spec.timeframe, spec.pairs, dict(sorted(engine.items())), files)
    _check(bundle)
    return bundle


def read_bundle(archive: bytes) -> Bundle:
    """The bundle in an archive that `Bundle.archive` made; anything else is refused, links and paths that lead elsewhere first of all.

    Raises:
        ValueError: says what is wrong.
    """
    if len(archive) > LARGEST_ARCHIVE:
        raise ValueError(f"is larger than {LARGEST_ARCHIVE // 1024} KiB")
    inside = tar.unpack(archive)
    card = _read_card(inside.pop(CARD_FILE, b""))
    strays = [path for path in inside if not path.startswith(f"{STRATEGY_FOLDER}/")]
    if strays:
        raise ValueError(f"holds {strays[0]!r}, which does not belong into a bundle")
    files = {path.removeprefix(f"{STRATEGY_FOLDER}/"): content for path, content in inside.items()}
    strategy, class_name, timeframe = (str(card[key]) for key in _TEXTS)
    pairs, engine = cast(list[str], card["pairs"]), cast(dict[str, str], card["engine"])
    bundle = Bundle(strategy, class_name, timeframe, tuple(pairs), engine, files)
    _check(bundle)
    if bundle.archive != archive:
        raise ValueError(f"is not written as the train writes bundles: look at {CARD_FILE}")
    return bundle


def chosen(text: str, digests: Iterable[str]) -> str:
    """The one digest that a text means: all of it or its first digits, with or without `sha256:`.

    Raises:
        UsageError: it means none or several, or is none at all.
    """
    digits = text.removeprefix("sha256:")
    if not re.fullmatch(r"[0-9a-f]{1,64}", digits) or len(digits) < SHORTEST_PREFIX:
        hint = f"write sha256: and its digits; the first {SHORTEST_PREFIX} may do. `freqtrain bundle list` shows all"
        raise UsageError(f"{text!r} names no bundle", hint=hint)
    found = sorted({digest for digest in digests if digest.startswith(f"sha256:{digits}")})
    if not found:
        raise UsageError(f"there is no bundle sha256:{digits} here", hint="`freqtrain bundle list` shows all")
    if len(found) > 1:
        raise UsageError(f"{text!r} may mean {' or '.join(found)}", hint="write more of its digits")
    return found[0]


def _check(bundle: Bundle) -> None:
    """What a bundle must not hold, whoever made it: freqtrade takes a class's name with a colon for code, and a path leads anywhere."""
    if not bundle.class_name.isidentifier():
        raise ValueError(f"names {bundle.class_name[:80]!r}, which cannot be a class")
    if bundle.timeframe and bundle.timeframe not in TIMEFRAMES:
        raise ValueError(f"names {bundle.timeframe[:80]!r}, which is no timeframe")
    if not all(re.fullmatch(r"[A-Za-z0-9]+/[A-Za-z0-9]+", pair) for pair in bundle.pairs):
        raise ValueError("names pairs that are none of the spot market")
    strays = [path for path in bundle.files if path in LEFT_OUT]
    if strays:
        raise ValueError(f"holds {strays[0]!r}, which does not belong into a bundle")
    found = closed_list(bundle.strategy, {**bundle.files, **dict.fromkeys(LEFT_OUT, b"")})
    if found:
        raise ValueError(" ".join(finding.reason for finding in found))


def _read_card(text: bytes) -> dict[str, Plain]:
    """The card's keys and the types of their values; that it is written canonically shows when it is written again."""
    try:
        card = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"has no {CARD_FILE} that can be read") from None
    if not isinstance(card, dict) or card.keys() != _KEYS or card["schema"] != SCHEMA:
        raise ValueError(f"has a {CARD_FILE} of another kind: another version of freqtrain made it")
    pairs, engine = card["pairs"], card["engine"]
    well_formed = (
        all(isinstance(card[key], str) for key in _TEXTS)
        and isinstance(pairs, list)
        and all(isinstance(pair, str) for pair in pairs)
        and isinstance(engine, dict)
        and all(isinstance(version, str) for version in engine.values())
    )
    if not well_formed:
        raise ValueError(f"has a {CARD_FILE} whose values are of the wrong type")
    return card
