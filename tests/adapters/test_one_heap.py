"""One heap for all threads, counted by the C library itself, in a process of its own: what was set cannot be taken back."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

PROGRAM = """\
import ctypes, sys, threading
from pipeline.adapters.one_heap import keep_one_heap

libc = ctypes.CDLL(None)
if not hasattr(libc, "malloc_info"):
    sys.exit("no glibc")
if sys.argv[2] == "one":
    assert keep_one_heap()
begun = threading.Barrier(5)

def allocate():
    libc.malloc(1000)
    begun.wait()  # all of them live at the same time

threads = [threading.Thread(target=allocate) for _ in range(5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
assert libc.malloc_info(0, file) == 0
libc.fclose(file)
"""


def heaps(path: Path, how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(path), how], capture_output=True, text=True, check=False)
    if "no glibc" in done.stderr:
        pytest.skip("another C library than glibc")
    assert done.returncode == 0, done.stderr
    return path.read_text().count("<heap nr=")


def test_threads_share_one_heap_where_that_was_asked_for_and_only_there(tmp_path: Path) -> None:
    assert heaps(tmp_path / "by_itself.xml", "by itself") > 1
    assert heaps(tmp_path / "one.xml", "one") == 1
