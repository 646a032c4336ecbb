"""What the engine's child sees of the environment."""

from pathlib import Path


def clean_environment(scratch: Path) -> dict[str, str]:
    """Nothing inherited, one thread per process, no hash or locale that could change a number."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "NUMEXPR_MAX_THREADS": "1",
    }
