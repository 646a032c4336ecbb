"""Several bundles for people and for programs: what was cut, which there are, and whether they hold."""

from collections.abc import Iterator, Sequence

from pipeline.domain.bundle_manifest import Cut, Cuts, Verified
from pipeline.domain.canonical import Plain
from pipeline.domain.provenance import CarriedBundles
from pipeline.errors import ExitCode
from pipeline.render.bundles import SHORT, Document, commit_of, data_of, manifest_document, table
from pipeline.render.outcomes import MEANINGS, counted
from pipeline.render.plain import NAME_LIMIT, no_commands, plain_text

NOTHING_HERE = "There are no bundles here."


def cut_text(cuts: Cuts) -> str:
    """One line a bundle, then what was left and why."""
    lines = [line for one in cuts.made for line in _cut_lines(one)]
    lines += [f"nothing was cut: {plain_text(str(problem))}" for problem in cuts.refused]
    lines += [f"{plain_text(id, NAME_LIMIT)}: nothing was cut, it {MEANINGS[outcome]}" for id, outcome in cuts.left]
    return no_commands("\n".join(lines or ["Nothing was to be cut."]) + "\n")


def cut_document(cuts: Cuts) -> Document:
    """The same for a program."""
    return {
        "outcome": ExitCode.DONE.name,
        "bundles": [
            {
                "strategy": one.manifest.strategy,
                "bundle": one.manifest.bundle,
                "new": one.new,
                "manifest": manifest_document(one.manifest),
            }
            for one in cuts.made
        ],
        "left": [{"strategy": id, "outcome": outcome.name} for id, outcome in cuts.left],
        "refused": [str(problem) for problem in cuts.refused],
    }


def list_text(found: Sequence[Verified]) -> str:
    """A table of the bundles that can be read, then what is wrong with the others."""
    rows = [
        (
            one.digest[:SHORT],
            stored.bundle.strategy,
            f"{stored.newest.cut_at:%Y-%m-%d %H:%M} UTC",
            commit_of(stored.newest),
            data_of(stored.newest),
            str(len(stored.manifests)),
            "yes" if stored.for_live is not None else "no",
        )
        for one in found
        if (stored := one.stored) is not None
    ]
    lines = table(("bundle", "strategy", "cut", "from", "judged on", "times", "real money"), rows) if rows else []
    lines += [f"{problem}" for one in found for problem in one.problems]
    return no_commands("\n".join(lines or [NOTHING_HERE]) + "\n")


def list_document(found: Sequence[Verified]) -> Document:
    """The same for a program."""
    return {"outcome": _outcome(found), "bundles": [_entry(one) for one in found]}


def verify_text(found: Sequence[Verified]) -> str:
    """One line a bundle, or what is wrong with it."""
    return no_commands("\n".join([*(line for one in found for line in _verified(one))] or [NOTHING_HERE]) + "\n")


def verify_document(found: Sequence[Verified]) -> Document:
    """The same for a program."""
    return list_document(found)


def _cut_lines(one: Cut) -> Iterator[str]:
    what = "cut" if one.new else "was cut before on the same evidence"
    yield f"{one.manifest.strategy}: {what}: {one.manifest.bundle}"
    for reason in one.manifest.against_live:
        yield f"  not for real money: {reason}"


def _verified(one: Verified) -> Iterator[str]:
    if one.stored is not None and not one.problems:
        yield f"{one.digest}: sound, {one.stored.bundle.strategy}, {counted(len(one.stored.manifests), 'manifest')}"
    else:
        yield f"{one.digest}: damaged"
        yield from (f"  {problem}" for problem in one.problems)


def _entry(one: Verified) -> Document:
    entry: dict[str, Plain] = {"bundle": one.digest, "sound": not one.problems, "problems": list(one.problems)}
    if one.stored is not None:
        live = one.stored.for_live
        entry |= {
            "strategy": one.stored.bundle.strategy,
            "manifests": len(one.stored.manifests),
            "newest": manifest_document(one.stored.newest),
            "for_live": live.digest if live is not None else None,
        }
    return entry


def _outcome(found: Sequence[Verified]) -> str:
    return (ExitCode.REFUSED if any(one.problems for one in found) else ExitCode.DONE).name


def carried_text(carried: CarriedBundles, new: str, old: str) -> str:
    """One line a manifest: `new` says what was done with those that were not there, `old` that the others were."""
    lines = [
        f"{plain_text(one.manifest.strategy, NAME_LIMIT)}: {new if one.new else old}: {one.manifest.bundle}"
        for one in carried.bundles
    ]
    lines = lines or [f"No bundle was cut of {carried.commit}."]
    return no_commands("\n".join([*lines, *([carried.url] if carried.url else [])]) + "\n")


def carried_document(carried: CarriedBundles) -> Document:
    """The same for a program."""
    return {
        "outcome": ExitCode.DONE.name,
        "commit": carried.commit,
        "release": carried.url or None,
        "bundles": [
            {
                "strategy": one.manifest.strategy,
                "bundle": one.manifest.bundle,
                "manifest": one.manifest.digest,
                "new": one.new,
            }
            for one in carried.bundles
        ],
    }


def missing_text(carried: Sequence[CarriedBundles], lacking: Sequence[str], refused: Sequence[str]) -> str:
    """What was fetched, of which strategies there still is no bundle, and what was refused."""
    lines = [
        f"{plain_text(one.manifest.strategy, NAME_LIMIT)}: kept: {one.manifest.bundle}"
        for commit in carried
        for one in commit.bundles
        if one.new
    ]
    lines += [f"{plain_text(strategy, NAME_LIMIT)}: no bundle of it as main has it is here" for strategy in lacking]
    lines += [f"refused: {plain_text(told)}" for told in refused]
    return no_commands("\n".join(lines or ["A bundle of every strategy of main is here."]) + "\n")


def missing_document(carried: Sequence[CarriedBundles], lacking: Sequence[str], refused: Sequence[str]) -> Document:
    """The same for a program."""
    return {
        "outcome": (ExitCode.REFUSED if refused else ExitCode.DONE).name,
        "commits": [carried_document(one) for one in carried],
        "lacking": list(lacking),
        "refused": list(refused),
    }
