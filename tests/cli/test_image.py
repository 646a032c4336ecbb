"""`freqtrain image` as a person calls it; the `docker` here is a small script."""

import json
from pathlib import Path

import pytest

from tests.cli.freqtrain import Said, freqtrain

pytestmark = pytest.mark.processes

OLD, NEW = (f"sha256:{digit * 64}" for digit in "12")
ENGINE = r"""#!/bin/sh
echo "$*" >> "$(dirname "$0")/calls"
one() { printf '{"Id": "%s", "RepoTags": %s, "RepoDigests": [], "Created": "%sT00:00:00Z", "Size": 764000000}' "$@"; }
old=$(one OLD '["freqtrain:old"]' 2026-01-01) new=$(one NEW '["freqtrain:latest"]' 2026-02-01)
[ -e "$(dirname "$0")/gone" ] && old=
case "$1 $2 $*" in
"image ls "*) echo OLD; echo NEW ;;
"image rm "*) : > "$(dirname "$0")/gone" ;;
"image inspect "*NEW*) echo "[${old:+$old,} $new]" ;;
"image inspect "*) echo "[$old]" ;;
esac
"""


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "docker").write_text(ENGINE.replace("OLD", OLD).replace("NEW", NEW))
    (folder / "docker").chmod(0o755)
    return folder


def said(engine: Path, *arguments: str) -> Said:
    path = {"PATH": f"{engine}:/usr/bin:/bin", "FREQTRAIN_HOME": str(engine.parent / "home"), "FREQTRAIN_IMAGE": ""}
    return freqtrain("image", *arguments, env=path)


def test_what_nothing_needs_is_listed_planned_and_removed(engine: Path) -> None:
    listed = said(engine, "list")
    assert listed.code == 0, listed.err
    assert listed.out.splitlines() == [
        f"{NEW}  2026-02-01 00:00  764 MB  freqtrain:latest",
        "  it is the newest",
        f"{OLD}  2026-01-01 00:00  764 MB  freqtrain:old",
        "  nothing needs it",
    ]
    document = json.loads(said(engine, "list", "--json").out)
    assert next(iter(document)) == "outcome"
    assert [one["needed"] for one in document["images"]] == [["it is the newest"], []]

    planned = said(engine, "prune", "--plan")
    assert (planned.code, planned.out.splitlines()[0]) == (0, f"{OLD}  2026-01-01 00:00  764 MB  freqtrain:old")
    assert "would be removed" in planned.out
    assert "image rm" not in (engine / "calls").read_text()

    pruned = said(engine, "prune")
    assert (pruned.code, "was removed: 764 MB" in pruned.out) == (0, True), pruned.err
    assert "image rm freqtrain:old" in (engine / "calls").read_text()


def test_where_there_is_no_engine_nothing_is_said_to_be_unneeded(tmp_path: Path) -> None:
    done = freqtrain("image", "prune", env={"PATH": str(tmp_path), "FREQTRAIN_HOME": str(tmp_path / "home")})
    assert (done.code, done.out) == (4, "")
    assert "docker is not installed" in done.err
