"""What a person and a program read about a machine."""

from collections.abc import Callable

import pytest

from pipeline.domain.preflight import Checked, Standing
from pipeline.domain.preflight_isolation import Namespaces, Tried, namespaces, sandboxes
from pipeline.domain.preflight_machine import disk, interpreter, landlock, memory, memory_groups
from pipeline.render.preflight import ADVICE, document, table
from tests.domain.test_preflight_machine import LAPTOP, PI

RUNNER = (
    Tried(
        "bubblewrap",
        reason="bubblewrap does not work on Linux 6.14.0-azure: bwrap: setting up uid map: Permission denied "
        "(user namespaces are forbidden to this user)",
    ),
    Tried(
        "Docker",
        reason="Docker does not work: permission denied while trying to connect to the Docker daemon socket (this user may not use it)",
        hint="sudo usermod --append --groups docker $USER, then log in anew",
    ),
)
FORBIDDEN = Namespaces("Operation not permitted", apparmor_restricts=True)


def _machine_of(name: str) -> tuple[Checked, ...]:
    if name == "pi":
        tried = (Tried("bubblewrap", "bubblewrap 0.8.0"), Tried("Docker", "", "Docker is not installed", "install it"))
        walls = (*namespaces(Namespaces(""), tried), *memory_groups(PI, container_used=False), *landlock(PI))
        return (interpreter(PI), disk("user_data", 21_000.0), memory(PI), *walls, *sandboxes(tried, required=False))
    walls = (*namespaces(FORBIDDEN, RUNNER), *sandboxes(RUNNER, required=True))
    return (interpreter(LAPTOP), disk("user_data", 300.0), memory(LAPTOP), *walls)


@pytest.mark.parametrize(("name", "width"), [("pi", 110), ("runner", 110), ("runner", 80)])
def test_a_person_reads_a_row_a_check(golden: Callable[[str, str], None], name: str, width: int) -> None:
    text = table(_machine_of(name), width)
    assert max(len(line) for line in text.splitlines() if not line.startswith(ADVICE)) <= width
    golden(f"render/preflight_{name}_{width}.txt", text)


def test_what_a_tool_said_cannot_move_the_cursor() -> None:
    said = Checked("Docker", Standing.WEAK, "\x1b[2Jgone\u202e", "do\x07 it")
    assert not {"\x1b", "\u202e", "\x07"} & set(table((said,)))


def test_a_program_reads_the_same() -> None:
    found = document(_machine_of("runner"))
    assert len(found) == len(_machine_of("runner"))
    assert found[-1] == {
        "name": "isolation",
        "standing": "missing",
        "found": "no sandbox works, and one is required",
        "advice": "make one of them work",
    }
