"""Attacks on the machine: on its memory, processors, processes, files and patience."""

from tests.hostile.case import Hostile

EXHAUST = (
    Hostile("memory", "x = bytearray(6 * 2**30)", "MemoryError", linted=False),
    Hostile("memory bit by bit", "x = []\nwhile True: x.append(bytearray(2**26))", "MemoryError", linted=False),
    Hostile("memory of a frame", "import numpy as np\nx = np.ones((10**6, 10**4))", "MemoryError", linted=False),
    Hostile(
        "disk",
        "import os\ntry:\n    for n in range(10**6):\n        with open(f'/tmp/{n}', 'wb') as f: f.write(bytes(2**24))\n"
        "finally:\n    for m in range(n + 1): os.remove(f'/tmp/{m}')",
        "No space left on device",
    ),
    Hostile(
        "shared memory",
        "f = open('/dev/shm/x', 'wb')\nwhile True: f.write(bytes(2**22))",
        "No space left on device|FileNotFound|Permission",
    ),
    Hostile(
        "disk where nobody looks",
        "f = open('/x', 'wb')\nwhile True: f.write(bytes(2**22))",
        "Read-only file system|Permission",
    ),
    Hostile("recursion", "def f(): return f()\nf()", "RecursionError", linted=False),
    Hostile(
        "recursion without end",
        "import sys\nsys.setrecursionlimit(10**9)\nf = lambda x: repr(x)\nx = []\nfor _ in range(10**7): x = [x]\nf(x)",
        "signal 11|RecursionError|MemoryError",
        linted=False,
    ),
    Hostile(
        "threads",
        "import threading, time\nfor _ in range(10**5): threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
        "can't start new thread|MemoryError",
    ),
    Hostile("open files", "x = [open('/dev/null') for _ in range(10**5)]", "Too many open files"),
    Hostile(
        "an endless answer",
        "import os\nfor fd in range(3, 1024):\n    try:\n        while True: os.write(fd, bytes(2**20))\n"
        "    except OSError:\n        pass",
        "answered more than|signal 9",
    ),
    Hostile("an endless loop", "while True: pass", "did not finish within", waits=True, linted=False),
    Hostile(
        "half an answer",
        "import os, time\nfor fd in range(3, 1024):\n    try: os.write(fd, b'{\"window\"')\n    except OSError: pass\n"
        "time.sleep(600)",
        "did not finish within",
        waits=True,
    ),
    Hostile(
        "an endless loop that stops the clocks",
        "import time, signal\ntime.monotonic = time.time = lambda: 0.0\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))\n"
        "while True: pass",
        "did not finish within",
        waits=True,
    ),
    Hostile(
        "a fork bomb",
        "import os\nwhile True: os.fork()",
        "became more than|did not finish within|temporarily unavailable",
        alone=True,
        seconds=8.0,
    ),
    Hostile(
        "a brood that eats",
        "import os, time\nfor _ in range(12):\n    if not os.fork():\n        x = b'x' * (300 * 2**20); time.sleep(60)\ntime.sleep(60)",
        "of memory together|did not finish within",
        alone=True,
        seconds=12.0,
        memory_mib=1536,
    ),
    Hostile(
        "an orphan that stays",
        "import os, time\nif not os.fork():\n    os.setsid()\n    if not os.fork(): time.sleep(600)\n    os._exit(0)\n"
        "raise ValueError('gone')",
        "gone|did not finish",
        waits=True,
    ),
    Hostile("a flood of words", "import os\nwhile True: os.write(2, b'x' * 65536)", "printed more than", alone=True),
)
