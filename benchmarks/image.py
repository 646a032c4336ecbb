"""How large the image is, framework included, against one into which freqtrade alone was installed as its own pages say, on the same base.

Needs a Docker engine. Prints both sizes, and as its last line one JSON object. `python -m benchmarks.image`.
"""

import json
import re
import sys

from tests.needs import ROOT
from tests.runner.image_ground import BUILD_SECONDS, base_argument, docker, image

GOAL_RATIO = 0.85
PLAIN = """
{base}
FROM ${{BASE}}
RUN python3 -m pip install --no-cache-dir --break-system-packages freqtrade=={version}
"""


def main() -> None:
    """Measure, print, and end with 1 where the goal is missed."""
    ours, plain = size(image()), size(plain_image())
    ratio = ours / plain
    print(f"freqtrain, bots and framework {ours / 1e6:6.0f} MB")
    print(f"freqtrade, installed by pip   {plain / 1e6:6.0f} MB")
    print(
        json.dumps(
            {
                "name": "size of the image, framework included",
                "value": round(ratio, 3),
                "unit": "ratio",
                "against": f"pip install --no-cache-dir freqtrade on the same base, {plain / 1e6:.0f} MB",
                "goal": f"<= {GOAL_RATIO:g}",
            }
        )
    )
    sys.exit(0 if ratio <= GOAL_RATIO else 1)


def plain_image() -> str:
    """An image with freqtrade of the version that the lock pins, and whatever pip brings along; its name."""
    name = "freqtrain-benchmark:plain"
    docker("build", "--tag", name, *base_argument(), "-", seconds=BUILD_SECONDS, stdin=plain_dockerfile())
    return name


def plain_dockerfile() -> str:
    found = re.search(r"^ARG BASE=.*$", (ROOT / "runner" / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    pinned = re.search(r"^freqtrade==(\S+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    assert found, "runner/Dockerfile names no base"
    assert pinned, "the lock pins no freqtrade"
    return PLAIN.format(base=found.group(0), version=pinned.group(1))


def size(name: str) -> int:
    """Bytes of all its layers, as the engine counts them."""
    return int(docker("image", "inspect", "--format", "{{.Size}}", name))


if __name__ == "__main__":
    main()
