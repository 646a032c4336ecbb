"""The first process of every container: it starts the bot, starts it again within bounds, ends it in order, and writes down what became of it.

    python3 -m pipeline.adapters.compose.keeper STATE_FOLDER MEMORY_MIB HOME COMMAND...

Docker's own restarts know no exit codes that a restart does not mend, count crashes over a container's whole life, and come back with the engine;
so containers are never restarted by it, and this process, PID 1 of its own small world, does it instead. The standard library only.
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose import oom
from pipeline.adapters.compose.child import NOT_LAUNCHED, Child, hand_on
from pipeline.adapters.compose.ears import Ears
from pipeline.adapters.supervisor import record
from pipeline.adapters.supervisor.record import Record
from pipeline.domain.bot import BotState
from pipeline.domain.last_words import BEGINS, words_in
from pipeline.domain.restarts import STOPPED, Aftermath, after_crash, after_exit

RECORD, ASKED = "record.json", "asked.json"
RESTART_SECONDS = 3.0
NOT_ALONE_CODE = 125


class Keeper:
    """Keeps one bot. `state` is where its record goes."""

    def __init__(self, state: Path, memory_mib: int, home: str, argv: tuple[str, ...]) -> None:
        self._state = state
        self._memory_mib = memory_mib
        self._home = home
        self._argv = argv
        self._clock = SystemClock()
        self._record = Record(BotState.STARTING, self._clock.now())
        self._ears = Ears()

    def run(self) -> None:
        """Keep it until it is down; then nothing of it is left."""
        self._ears.listen()
        while True:
            code, words, excess = self._lived()
            if self._ears.asked:
                return self._down(self._why_asked())
            self._ended(self._aftermath(code, words, excess), code)
            if self._record.state is BotState.DOWN:
                return None
            self._ears.wait(RESTART_SECONDS)
            if self._ears.asked:
                return self._down(f"{self._why_asked()} after a crash: {self._record.reason}")
            self._put(replace(self._record, restarts=self._record.restarts + 1))

    def _lived(self) -> tuple[int, str, bool]:
        """One life of the bot: how it ended (negative: by a signal), its last words, and whether it took too much memory."""
        killed_before = oom.kills()
        say(f"{BEGINS} (memory limit {self._memory_mib} MiB)")
        child = Child(self._argv, self._home, self._memory_mib)
        self._put(replace(self._record, state=BotState.RUNNING, since=self._clock.now(), pid=child.pid, reason=""))
        told = False
        while (code := child.code()) is None:
            if self._ears.asked and not told:
                told = True
                self._put(replace(self._record, state=BotState.STOPPING, since=self._clock.now()))
                child.ask()
            child.copy(self._ears.wait(None, child.output))
        end_all_others()
        child.close()
        return code, words_in(child.tail()), oom.kills() > killed_before

    def _aftermath(self, code: int, words: str, excess: bool) -> Aftermath:
        crashes, now = self._record.crashes, self._clock.now()
        if code in NOT_LAUNCHED:
            return Aftermath(False, True, f"it could not be launched: {words}", crashes)
        if excess:
            told = f"it used more memory than {self._memory_mib} MiB, and the kernel ended a process of it"
            return after_crash(told, crashes, now)
        return after_exit(code, words, crashes, now)

    def _ended(self, what: Aftermath, code: int) -> None:
        state = BotState.STARTING if what.restart else BotState.DOWN
        found = replace(self._record, state=state, since=self._clock.now(), pid=0, reason=what.reason, code=code)
        self._put(replace(found, gave_up=what.gave_up, crashes=what.crashes))

    def _down(self, reason: str) -> None:
        self._put(replace(self._record, state=BotState.DOWN, since=self._clock.now(), pid=0, reason=reason))

    def _why_asked(self) -> str:
        return STOPPED if (self._state / ASKED).exists() else "its engine or the device was shut down"

    def _put(self, found: Record) -> None:
        """Remember, also on the disk; on a full one only in memory, and the next change writes it."""
        self._record = found
        try:
            put(self._state / RECORD, record.written(found))
        except OSError as error:
            say(f"freqtrain: the record could not be written: {error}")


def put(file: Path, text: str) -> None:
    """Replace a file as a whole. Not `files.write_whole`, whose imports would cost each container as much memory as all the rest of this.

    Raises:
        OSError: the disk; the old file stays.
    """
    aside = file.with_name(f".{file.name}.part")
    with aside.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(file)


def end_all_others() -> None:
    """Kill whatever else runs in the container, and wait until it is gone: a bot leaves nothing behind that trades on.

    Only the first process of a container may do this: there, and nowhere else, -1 means this container.
    """
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def say(line: str) -> None:
    """Into the bot's own output."""
    hand_on(line.encode(errors="replace") + b"\n")


def main(arguments: list[str]) -> int:
    """Keep a bot; the exit code. Refuses to run anywhere but as the first process of a container."""
    if os.getpid() != 1 or len(arguments) < 4:
        sys.stderr.write("freqtrain: only the engine starts this, as the first process of a container\n")
        return NOT_ALONE_CODE
    state, memory_mib, home, *argv = arguments
    os.umask(0o077)
    os.set_blocking(1, False)
    Keeper(Path(state), int(memory_mib), home, tuple(argv)).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
