"""What runs for months in a few threads keeps one heap: by itself, glibc gives each thread one of its own, and takes none of them back."""

import ctypes
import sys

M_ARENA_MAX = -8
"""mallopt(3): how many heaps (glibc calls them arenas) there may be."""


def keep_one_heap() -> bool:
    """Have all threads of this process allocate from the heap of the first; before others are started. False where the C library knows no such thing.

    Python's threads run one at a time, so that none of them waits for the heap.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return mallopt is not None and bool(mallopt(M_ARENA_MAX, 1))
