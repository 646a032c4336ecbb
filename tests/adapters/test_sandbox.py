"""The sandboxes: how they are called, what is seen inside, and what is said where they do not work."""

import json
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from pipeline.adapters import process, sandbox
from pipeline.adapters.answer_cache import AnswerCache
from pipeline.adapters.engine import FreqtradeChild
from pipeline.adapters.sandbox import Choice, Sandbox, bubblewrap, choose, demanded, docker, visible
from pipeline.adapters.sandbox.visible import Mount
from pipeline.domain.job import Account, Job, Limits
from pipeline.domain.preflight_isolation import Tried
from pipeline.domain.windows import Window
from pipeline.errors import ExitCode, Refused, ToolFailed
from tests import descendants, needs
from tests.hostile import ground
from tests.hostile.ground import Market, made_market

DAY = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    for name in ("strategy", "candles"):
        (tmp_path / name).mkdir()
    (tmp_path / "candles" / "BTC_USDT-1h.feather").write_bytes(b"candles")
    (tmp_path / "markets.json").write_text("{}")
    return Job(
        str(tmp_path / "strategy"), "S", "binance", str(tmp_path / "candles"), str(tmp_path / "markets.json"), ("BTC/USDT",), "1h",
        (Window("w", DAY, DAY),), Account("USDT", 1000.0, None, 2), limits=Limits(memory_mib=1000), parallel=3,
    )  # fmt: skip


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return made_market(tmp_path_factory.mktemp("market"))


@pytest.fixture
def real() -> bubblewrap.Bubblewrap:
    try:
        return bubblewrap.probe()
    except ToolFailed as error:
        needs.missing(error.message)
        raise


def program(folder: Path, name: str, script: str) -> None:
    """A program of that name that is a shell script."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def pairs(words: Sequence[str], option: str, count: int) -> list[tuple[str, ...]]:
    """The words that follow each occurrence of an option."""
    return [tuple(words[i + 1 : i + 1 + count]) for i, word in enumerate(words) if word == option]


def test_bubblewrap_shares_nothing_and_binds_read_only(job: Job, tmp_path: Path) -> None:
    argv, inside = bubblewrap.Bubblewrap("/usr/bin/bwrap", "0.8.0").enter(["python", "-c", "x"], job, tmp_path)
    assert argv[:4] == ["/usr/bin/bwrap", "--unshare-all", "--unshare-user", "--disable-userns"]
    assert argv[-4:] == ["--", "python", "-c", "x"]
    assert {"--die-with-parent", "--new-session", "--clearenv"} <= set(argv)
    assert not {"--share-net", "--bind", "--bind-try", "--proc", "--dev", "--cap-add"} & set(argv)
    assert (job.strategy_dir, "/strategy") in pairs(argv, "--ro-bind", 2)
    assert (job.data_dir, "/data") in pairs(argv, "--ro-bind", 2)
    assert pairs(argv, "--tmpfs", 1) == [("/dev/shm",), ("/tmp",)]
    assert (inside.strategy_dir, inside.data_dir, inside.markets) == ("/strategy", "/data", "/markets.json")
    assert argv.index("--remount-ro") > max(i for i, word in enumerate(argv) if word == "--ro-bind")


def test_docker_mounts_read_only_has_no_network_and_bounds_all_processes_together(job: Job, tmp_path: Path) -> None:
    argv, inside = docker.Docker(("docker", "--host", "unix:///x"), "20").enter(["python"], job, tmp_path / "name")
    assert argv[:5] == ["docker", "--host", "unix:///x", "run", "--rm"]
    assert argv[-2:] == [docker.IMAGE, "python"]
    assert {"--read-only", "no-new-privileges"} <= set(argv)
    assert ("none",) in pairs(argv, "--network", 1)
    assert pairs(argv, "--cap-drop", 1) == [("ALL",)]
    assert pairs(argv, "--memory", 1) == pairs(argv, "--memory-swap", 1) == [("4000m",)]
    assert pairs(argv, "--name", 1) == [("name",)]
    assert all(mount.endswith(",readonly") for (mount,) in pairs(argv, "--mount", 1))
    assert inside.markets == "/markets.json"


def test_only_our_package_of_the_checkout_is_seen() -> None:
    sources = [Path(mount.source) for mount in visible.engine()]
    assert needs.ROOT / "pipeline" in sources
    assert not [source for source in sources if needs.ROOT.is_relative_to(source)]
    assert not [source for source in sources if source in (Path.home(), Path("/"), Path("/etc"), Path("/usr"))]


def test_files_behind_symbolic_links_are_bound_themselves(job: Job, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"x")
    (tmp_path / "candles" / "ETH_USDT-1h.feather").symlink_to(tmp_path / "elsewhere")
    mounts = visible.of_job(job)
    assert Mount(str(tmp_path / "elsewhere"), "/data/ETH_USDT-1h.feather") in mounts
    assert Mount(f"{job.data_dir}/BTC_USDT-1h.feather", "/data/BTC_USDT-1h.feather") in mounts


@pytest.mark.processes
def test_the_first_that_works_is_chosen_and_every_reason_is_told(real: bubblewrap.Bubblewrap) -> None:
    def broken() -> Sandbox:
        raise ToolFailed("no daemon")

    assert choose([broken, lambda: real]) == Choice(real, ("no daemon",))
    assert choose([broken, broken]) == Choice(None, ("no daemon", "no daemon"))
    assert demanded(Choice(real)) is real
    with pytest.raises(Refused, match="none works here: no daemon; no daemon") as refused:
        demanded(choose([broken, broken]))
    assert refused.value.code is ExitCode.REFUSED
    assert "apt install bubblewrap" in refused.value.hint


def test_every_kind_is_tried_out_whatever_the_others_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def works() -> Sandbox:
        return bubblewrap.Bubblewrap("/usr/bin/bwrap", "0.9.0")

    def refused() -> Sandbox:
        raise ToolFailed("it sleeps", hint="wake it")

    def unreadable() -> Sandbox:
        raise PermissionError(13, "Permission denied", "/elsewhere/python")

    monkeypatch.setattr(sandbox, "PROBES", {"a": unreadable, "b": works, "c": refused})
    assert sandbox.attempts() == (
        Tried("a", reason="a cannot be tried: /elsewhere/python: Permission denied"),
        Tried("b", "bubblewrap 0.9.0"),
        Tried("c", reason="it sleeps", hint="wake it"),
    )


@pytest.mark.processes
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("", "does not tell its version"),
        ("echo bubblewrap 0.6.1", "0.6.1 is too old: 0.8 is needed"),
        (
            '[ "$1" = --version ] && echo bubblewrap 0.9.0 && exit; echo "bwrap: setting up uid map: Permission denied" >&2; exit 1',
            "setting up uid map: Permission denied .user namespaces are forbidden",
        ),
        ('[ "$1" = --version ] && echo bubblewrap 0.9.0 && exit; echo ready; exit 3', "ended with exit code 3"),
        ('[ "$1" = --version ] && echo bubblewrap 0.9.0 && exit; kill -9 $$', "ended with exit code -9"),
    ],
    ids=["no bubblewrap at all", "an old one", "user namespaces forbidden", "it lies", "killed"],
)
def test_a_bubblewrap_that_does_not_work_is_not_used_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    program(tmp_path, "bwrap", script)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ToolFailed, match=said):
        bubblewrap.probe()


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolFailed, match=r"bubblewrap .* is not installed"):
        bubblewrap.probe()
    with pytest.raises(ToolFailed, match="Docker is not installed"):
        docker.probe()


@pytest.mark.processes
@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            '[ "$1" = context ] && echo unix:///x && exit; '
            'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1',
            "this user may not use it",
        ),
        ("echo ssh://pi@pi", "another machine .ssh://pi@pi"),
        ('case "$*" in *context*) echo unix:///x;; *version*) echo 28.0;; *run*) echo no;; esac', "does not start"),
    ],
    ids=["not permitted", "far away", "no interpreter"],
)
def test_a_docker_that_does_not_work_is_not_used_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    program(tmp_path, "docker", script)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ToolFailed, match=said):
        docker.probe()


@pytest.mark.processes
def test_inside_there_is_nothing_but_the_engine_and_the_job(
    job: Job, tmp_path: Path, real: bubblewrap.Bubblewrap
) -> None:
    code = (
        "import json, os; print(json.dumps([sorted(os.listdir('/')), sorted(os.environ), os.getuid(), "
        f"os.listdir({str(needs.ROOT)!r}), open('/markets.json').read(), os.uname().nodename]))"
    )
    argv, _ = real.enter([sys.executable, "-I", "-c", code], job, tmp_path)
    done = process.run(argv, timeout_seconds=120, env={"GITHUB_TOKEN": "planted"})
    root, names, uid, checkout, markets, host = json.loads(done.out)
    assert not {"home", "opt", "var", "mnt", "srv", "sys", "boot", "run"} & set(root)
    assert not [name for name in names if name.startswith(("GITHUB", "RUNNER", "EXCHANGE"))]
    assert (uid, markets, host) == (65534, "{}", "sandbox")
    assert set(checkout) <= {"pipeline", ".venv"}


@pytest.mark.processes
def test_the_trades_are_those_that_are_made_behind_the_guard(
    market: Market, tmp_path: Path, real: bubblewrap.Bubblewrap
) -> None:
    asked = ground.job(market, tmp_path, (), ["w"])
    inside, guarded = FreqtradeChild(real).measure(asked), FreqtradeChild().measure(asked)
    assert inside.backtests == guarded.backtests
    assert (inside.isolation, guarded.isolation[:5]) == (f"bubblewrap {real.version}", "guard")


@pytest.mark.processes
def test_a_sandbox_that_is_killed_from_outside_leaves_no_result_and_no_process(
    market: Market, tmp_path: Path, real: bubblewrap.Bubblewrap
) -> None:
    def kill() -> None:
        for _ in range(1200):
            for child in psutil.Process().children():
                with suppress(psutil.NoSuchProcess):
                    if child.name() == "bwrap":
                        time.sleep(1.0)
                        child.send_signal(signal.SIGKILL)
                        return
            time.sleep(0.05)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(ToolFailed, match="signal 9"):
        FreqtradeChild(real).measure(ground.job(market, tmp_path, (), ["w"]))
    killer.join()
    assert descendants.left() == []


@pytest.mark.processes
def test_what_was_answered_behind_the_guard_is_not_taken_for_an_answer_from_a_sandbox(
    market: Market, tmp_path: Path
) -> None:
    class Nowhere:
        name = "nowhere"

        def enter(self, argv: Sequence[str], job: Job, scratch: Path) -> tuple[list[str], Job]:
            raise ToolFailed("asked anew")

        def leave(self, scratch: Path) -> None:
            """Nothing was started."""

    cache = AnswerCache(tmp_path / "cache")
    asked = ground.job(market, tmp_path, (), ["w"], identity="sha256:" + "a" * 64)
    FreqtradeChild(cache=cache).measure(asked)
    assert FreqtradeChild(cache=cache).measure(asked).cached
    with pytest.raises(ToolFailed, match="asked anew"):
        FreqtradeChild(Nowhere(), cache).measure(asked)


@pytest.mark.processes
def test_what_lies_below_the_temporary_folder_can_be_mounted_too(tmp_path: Path) -> None:
    """A clone in /tmp is such a case: the sandbox's own /tmp must not hide the engine."""
    try:
        program = bubblewrap.probe().program
    except ToolFailed as error:
        needs.missing(error.message)
        raise
    (tmp_path / "file").write_text("seen")
    mounts = (*visible.engine(), Mount(str(tmp_path), "/tmp/engine"))
    argv = [sys.executable, "-I", "-c", "print(open('/tmp/engine/file').read())"]
    done = process.run(bubblewrap.command(program, argv, mounts), timeout_seconds=120)
    assert done.out.strip() == "seen", done.err
