"""The ledger on a real disk: crashes, full disks, several writers, and whoever edits it."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters import ledger_file
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.domain.ledger import Head, follow, line
from pipeline.errors import Locked, Refused, ToolFailed
from tests.fakes import FakeClock, FakeNarrator
from tests.needs import ROOT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.jsonl"


@pytest.fixture
def heard() -> FakeNarrator:
    return FakeNarrator()


@pytest.fixture
def ledger(path: Path, heard: FakeNarrator) -> LedgerFile:
    return LedgerFile(path, FakeClock(), heard)


def filled(ledger: LedgerFile, count: int = 3) -> None:
    for number in range(count):
        ledger.append("judged", {"number": number})


def head_of(path: Path) -> Path:
    return path.with_name(path.name + ".head")


def told(ledger: LedgerFile) -> list[str]:
    return [str(found) for found in ledger.verify()]


def test_a_ledger_that_is_not_there_yet_is_empty_and_intact(ledger: LedgerFile, path: Path) -> None:
    assert ledger.entries() == ()
    assert ledger.verify() == ()
    assert not path.exists()


def test_what_is_appended_is_read_back_in_order(ledger: LedgerFile, path: Path) -> None:
    filled(ledger)
    entries = LedgerFile(path, FakeClock(), FakeNarrator()).entries()
    assert [(entry.seq, entry.kind, entry.body) for entry in entries] == [
        (n + 1, "judged", {"number": n}) for n in range(3)
    ]
    assert ledger.verify() == ()
    assert len(path.read_bytes().splitlines()) == 3


def test_a_torn_last_line_is_set_aside_and_the_ledger_goes_on(
    ledger: LedgerFile, path: Path, heard: FakeNarrator
) -> None:
    filled(ledger, 2)
    for number, torn in enumerate([b'{"at":"2025', b"\x00\x00\x00\x00", b"x" * 100_000, b"half\n"], start=1):
        with path.open("ab") as file:
            file.write(torn)
        assert len(ledger.entries()) == number + 1
        assert ledger.verify() == ()
        assert ledger.append("judged", {}).seq == number + 2
        assert path.with_name(f"ledger.jsonl.torn-{number}").read_bytes() == torn
        assert (
            heard.lines.pop()
            == f"{path}: the last line was torn by a crash; it was set aside as ledger.jsonl.torn-{number}"
        )
    assert ledger.verify() == ()
    assert len(ledger.entries()) == 6


def test_a_line_that_was_being_written_is_recovered_wherever_it_was_cut(ledger: LedgerFile, path: Path) -> None:
    filled(ledger, 2)
    whole, head = path.read_bytes(), head_of(path).read_bytes()
    ledger.append("judged", {"the": "last"})
    new = path.read_bytes()
    for length in (len(whole), len(whole) + 1, len(whole) + 90, len(new) - 2, len(new) - 1, len(new)):
        path.write_bytes(new[:length])
        head_of(path).write_bytes(head)
        assert ledger.verify() == ()
        entry = ledger.append("judged", {})
        assert entry.seq == (4 if length == len(new) else 3)
        assert ledger.verify() == ()


def test_an_entry_that_the_head_file_does_not_count_yet_is_taken_up(
    ledger: LedgerFile, path: Path, heard: FakeNarrator
) -> None:
    filled(ledger, 2)
    old = head_of(path).read_bytes()
    ledger.append("judged", {"number": 2})
    head_of(path).write_bytes(old)
    assert len(ledger.entries()) == 3
    assert ledger.append("judged", {"number": 3}).seq == 4
    assert heard.lines == [f"{path}: entry 3 was written before a crash, and its head file was not; it counts"]
    assert ledger.verify() == ()


def test_a_crash_before_the_very_first_entry_leaves_nothing_to_mend(ledger: LedgerFile, path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert ledger.verify() == ()
    assert ledger.append("judged", {}).seq == 1


def test_two_entries_that_the_head_file_does_not_count_were_not_left_by_a_crash(ledger: LedgerFile, path: Path) -> None:
    filled(ledger, 1)
    old = head_of(path).read_bytes()
    filled(ledger, 2)
    head_of(path).write_bytes(old)
    assert told(ledger) == ["the ledger holds 3 entries, and its head file counts 1: one of them was changed"]
    with pytest.raises(Refused, match="no crash leaves such an end"):
        ledger.append("judged", {})


def test_an_entry_that_somebody_wrote_behind_the_end_is_refused(ledger: LedgerFile, path: Path) -> None:
    filled(ledger, 2)
    forged = follow(Head(2, 0, "sha256:" + "1" * 64), datetime.now(UTC), "promoted", {})
    with path.open("ab") as file:
        file.write(line(forged))
    assert told(ledger)[0] == "line 3: does not follow from the line before it: entry 2 was replaced"
    with pytest.raises(Refused):
        ledger.append("judged", {})


def test_an_edited_line_is_reported_with_its_number_and_nothing_is_read(ledger: LedgerFile, path: Path) -> None:
    filled(ledger)
    path.write_bytes(path.read_bytes().replace(b'"number":1', b'"number":9'))
    assert told(ledger) == ["line 2: was edited: the judged entry does not have the hash that it carries"]
    with pytest.raises(Refused, match="is not intact:\n  line 2: was edited"):
        ledger.entries()


def test_an_edit_that_makes_a_line_longer_is_reported_at_its_line(ledger: LedgerFile, path: Path) -> None:
    filled(ledger)
    path.write_bytes(path.read_bytes().replace(b'"number":0', b'"number":1000'))
    assert told(ledger) == ["line 1: was edited: the judged entry does not have the hash that it carries"]
    with pytest.raises(Refused, match="line 3 is not the entry that the head file names"):
        ledger.append("judged", {})


def test_a_cut_tail_is_reported_and_not_appended_to(ledger: LedgerFile, path: Path) -> None:
    filled(ledger)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    assert told(ledger) == ["the ledger was cut: it holds 2 entries, and its head file counts 3"]
    with pytest.raises(Refused, match="was cut"):
        ledger.append("judged", {})


def test_a_ledger_that_was_deleted_is_reported(ledger: LedgerFile, path: Path) -> None:
    filled(ledger)
    path.unlink()
    assert told(ledger) == ["the ledger is missing, but its head file is there"]
    with pytest.raises(Refused, match="was cut"):
        ledger.append("judged", {})


@pytest.mark.parametrize("content", [None, b"", b"{}\n", b"\xff", b'{"hash":"x","length":"3","size":1}\n', b"[]"])
def test_a_head_file_that_is_missing_or_edited_is_reported(
    ledger: LedgerFile, path: Path, content: bytes | None
) -> None:
    filled(ledger)
    if content is None:
        head_of(path).unlink()
    else:
        head_of(path).write_bytes(content)
    (found,) = told(ledger)
    assert "head file" in found
    with pytest.raises(Refused, match="head file"):
        ledger.append("judged", {})


def test_a_head_file_that_names_another_entry_is_reported(ledger: LedgerFile, path: Path) -> None:
    filled(ledger)
    content = head_of(path).read_bytes()
    head_of(path).write_bytes(content.replace(b'"length":3', b'"length":2'))
    assert told(ledger) == ["the ledger holds 3 entries, and its head file counts 2: one of them was changed"]
    with pytest.raises(Refused):
        ledger.append("judged", {})


def test_reading_changes_nothing(ledger: LedgerFile, path: Path) -> None:
    filled(ledger)
    with path.open("ab") as file:
        file.write(b"torn")
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    ledger.entries()
    ledger.verify()
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


@pytest.mark.parametrize("room", [0, 1, 50, 200])
def test_a_full_disk_leaves_the_ledger_as_it_was(
    ledger: LedgerFile, path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    filled(ledger)
    before = path.read_bytes()
    with monkeypatch.context() as full:
        real, left = os.write, [room]

        def write(file: int, content: bytes) -> int:
            if left[0] <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            written = real(file, bytes(content)[: left[0]])
            left[0] -= written
            return written

        full.setattr(ledger_file.os, "write", write)
        with pytest.raises(ToolFailed, match="could not be added: No space left on device"):
            ledger.append("judged", {"long": "x" * 500})
    assert path.read_bytes() == before
    assert ledger.verify() == ()
    assert ledger.append("judged", {}).seq == 4


def test_a_disk_that_is_full_when_the_head_file_is_written_leaves_the_ledger_as_it_was(
    ledger: LedgerFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(ledger)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(ledger_file, "write_whole", full)
        with pytest.raises(ToolFailed):
            ledger.append("judged", {})
    assert path.read_bytes() == before
    assert ledger.append("judged", {}).seq == 4


def test_an_interrupt_between_the_two_files_leaves_a_ledger_that_is_intact(
    ledger: LedgerFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(ledger)
    real = ledger_file.write_whole
    for before in (True, False):

        def interrupted(target: Path, content: bytes, when: bool = before) -> None:
            if not when:
                real(target, content)
            raise KeyboardInterrupt

        with monkeypatch.context() as disk:
            disk.setattr(ledger_file, "write_whole", interrupted)
            with pytest.raises(KeyboardInterrupt):
                ledger.append("judged", {})
        assert ledger.verify() == ()
        assert len(ledger.entries()) == (3 if before else 4)


def test_who_waits_too_long_for_the_lock_is_told(ledger: LedgerFile, path: Path) -> None:
    filled(ledger)
    clock = FakeClock()
    with (
        ledger._locked(ledger_file.fcntl.LOCK_EX, create=True),
        pytest.raises(Locked, match="locked by another process for 10 s"),
    ):
        LedgerFile(path, clock, FakeNarrator()).append("judged", {})
    assert clock.now() - FakeClock().now() >= timedelta(seconds=10)


PATIENCE_SECONDS = 120.0
"""A loaded machine is no failure."""

APPEND = """
import sys, time
from pathlib import Path
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile

class Silent:
    def say(self, text):
        print("said", text, flush=True)

ledger = LedgerFile(Path(sys.argv[1]), SystemClock(), Silent())
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    time.sleep(float(sys.argv[4]))
    print("added", ledger.append("judged", {"by": sys.argv[3], "number": number, "fill": "x" * 2000}).seq, flush=True)
"""


@pytest.fixture
def appending(path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes that are ready to append to one ledger as soon as they are told; each leaves the other room, however slow the disk is."""
    command = [sys.executable, "-c", APPEND, str(path)]
    started = [
        subprocess.Popen(
            [*command, count, name, "0.01"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for count, name in (("1000000", "a"), ("12", "b"))
    ]
    yield started
    for process in started:
        process.kill()
        process.communicate()


def added(lines: list[str]) -> list[int]:
    return [int(text.split()[1]) for text in lines if text.startswith("added")]


@pytest.mark.processes
def test_two_writers_and_a_kill_in_the_middle_lose_nothing_that_was_acknowledged(
    path: Path, appending: list[subprocess.Popen[str]], ledger: LedgerFile
) -> None:
    first, second = appending
    for process in appending:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
    for process in appending:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    output, _ = second.communicate(timeout=60)
    assert second.returncode == 0
    until = time.monotonic() + PATIENCE_SECONDS
    while path.read_bytes().count(b'"a"') < 2:  # so that one of them was acknowledged
        assert first.poll() is None, "the first writer ended"
        assert time.monotonic() < until, "the first writer never wrote"
        time.sleep(0.02)
    first.kill()
    rest, _ = first.communicate(timeout=60)
    acknowledged = added(output.splitlines()) + added(rest.splitlines())
    assert len(added(output.splitlines())) == 12
    assert len(added(rest.splitlines())) > 0
    assert len(acknowledged) == len(set(acknowledged))
    assert ledger.verify() == ()
    next_seq = ledger.append("judged", {}).seq
    assert next_seq - 1 - len(acknowledged) in (0, 1)
    assert set(acknowledged) <= {entry.seq for entry in ledger.entries()}
    assert {entry.body["by"] for entry in ledger.entries()[:-1]} == {"a", "b"}


@pytest.mark.processes
def test_a_kill_at_any_moment_leaves_a_ledger_that_goes_on(path: Path, ledger: LedgerFile) -> None:
    acknowledged: list[int] = []
    for round_ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", APPEND, str(path), "1000000", "a", "0"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("\n")
        process.stdin.flush()
        time.sleep(0.05 + 0.013 * round_)
        process.kill()
        output, _ = process.communicate(timeout=60)
        acknowledged += added(output.splitlines())
        assert ledger.verify() == ()
    ledger.append("judged", {})
    entries = ledger.entries()
    assert set(acknowledged) <= {entry.seq for entry in entries}
    assert len(entries) - 1 <= len(acknowledged) + 3


def test_what_was_verified_once_is_compared_with_the_disk_at_every_look(ledger: LedgerFile, path: Path) -> None:
    filled(ledger)
    first = ledger.entries()
    LedgerFile(path, FakeClock(), FakeNarrator()).append("judged", {"number": 3})
    assert ledger.entries()[:3] == first
    assert [entry.body for entry in ledger.entries()] == [{"number": number} for number in range(4)]
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"number":1', b'"number":7'))
    with pytest.raises(Refused, match="line 2: was edited"):
        ledger.entries()
    path.write_bytes(content)
    assert len(ledger.entries()) == 4
    path.write_bytes(content[: len(content) // 2].rpartition(b"\n")[0] + b"\n")
    with pytest.raises(Refused, match="was cut"):
        ledger.entries()


def test_a_ledger_that_was_written_anew_is_read_anew(ledger: LedgerFile, path: Path, tmp_path: Path) -> None:
    filled(ledger)
    assert len(ledger.entries()) == 3
    other = LedgerFile(tmp_path / "other.jsonl", FakeClock(), FakeNarrator())
    for number in (5, 6, 7, 8):
        other.append("judged", {"number": number})
    path.write_bytes((tmp_path / "other.jsonl").read_bytes())
    head_of(path).write_bytes(head_of(tmp_path / "other.jsonl").read_bytes())
    assert [entry.body["number"] for entry in ledger.entries()] == [5, 6, 7, 8]


def test_a_head_file_that_counts_in_fractions_is_damaged_and_crashes_nobody(ledger: LedgerFile, path: Path) -> None:
    filled(ledger)
    sound = head_of(path).read_bytes()
    for edited in (sound.replace(b":3,", b":3.0,"), sound.replace(b"}", b".0}")):
        head_of(path).write_bytes(edited)
        assert told(ledger) == [f"{path}: the head file was edited or is damaged"]
        with pytest.raises(Refused, match="edited or is damaged"):
            ledger.append("judged", {})
