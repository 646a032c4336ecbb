"""What can be said of the image without an engine: what its recipe names, and what the recipe is given to build from."""

import re

import yaml
from packaging.markers import Marker

from tests.needs import ROOT

RECIPE = (ROOT / "runner" / "Dockerfile").read_text(encoding="utf-8")
LINES = [line for line in RECIPE.splitlines() if not line.startswith("#")]


def copied() -> set[str]:
    """The files and folders that it takes from the checkout."""
    lines = [line.split()[1:] for line in LINES if line.startswith("COPY ") and "--from" not in line]
    return {name for words in lines for name in words[:-1]}


def stages() -> list[list[str]]:
    """The words of each stage's beginning, without FROM."""
    return [line.split()[1:] for line in LINES if line.startswith("FROM ")]


def test_the_base_is_an_argument_pinned_by_digest_and_used_by_every_stage() -> None:
    assert re.search(r"^ARG BASE=[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$", RECIPE, re.MULTILINE)
    assert "\nARG BUILD_BASE=${BASE}\n" in RECIPE
    begun = [[word for word in words if not word.startswith("--platform=")] for words in stages()]
    made = {words[2] for words in begun if len(words) == 3}
    assert {words[0] for words in begun} - made == {"${BASE}", "${BUILD_BASE}", "for-${TARGETARCH}"}
    assert begun[-1] == ["${BASE}"]


def test_packages_are_put_together_on_the_machine_that_builds_for_both_kinds() -> None:
    here = "--platform=${BUILDPLATFORM}"
    built = {words[3]: words[0] for words in stages() if "${BUILD_BASE}" in words}
    assert built == {"for-amd64": here, "for-arm64": here}
    assert re.findall(r"_PYTHON_HOST_PLATFORM=(\S+)", RECIPE) == ["linux-x86_64", "linux-aarch64"]
    assert ["for-${TARGETARCH}", "AS", "packages"] in stages()


def test_the_lock_pins_the_same_packages_for_both_kinds_of_machine() -> None:
    """Where that is chosen by markers, pip goes by the machine that builds."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    markers = [Marker(found) for found in re.findall(r"^\S+==\S+ ; (.+?) \\$", lock, re.MULTILINE)]
    assert markers
    for marker in markers:
        here, there = ({"sys_platform": "linux", "platform_machine": name} for name in ("x86_64", "aarch64"))
        assert marker.evaluate(here) == marker.evaluate(there), marker


def test_every_buildkit_understands_it() -> None:
    assert not re.match(r"#\s*syntax", RECIPE)
    assert not any("<<" in line or "--network" in line for line in LINES)


def test_packages_are_installed_by_their_hashes_alone() -> None:
    installs = re.findall(r"pip install (.*)", RECIPE)
    assert len(installs) == 3
    for words in installs:
        assert "--require-hashes" in words or ("--no-deps --no-build-isolation" in words and "--editable ." in words)


def test_it_ends_as_a_user_without_rights_with_a_check_of_its_health() -> None:
    last = RECIPE.rpartition("\nFROM ")[2]
    assert "USER 10001:10001" in last
    assert 'CMD ["python", "-I", "-m", "pipeline.adapters.bot_health"]' in last


def test_the_engine_is_sent_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert allowed - {"runner"} == copied()
    assert rules.index("runner/*") > rules.index("!runner")


def test_a_change_of_anything_that_it_is_made_of_makes_a_new_image() -> None:
    workflow = yaml.load((ROOT / ".github" / "workflows" / "image.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
    paths = {path.removesuffix("/**") for path in workflow["on"]["push"]["paths"]}
    assert paths == copied() | {".dockerignore", ".github/workflows/image.yml", "runner/Dockerfile"}
    assert workflow["on"]["push"]["branches"] == ["main"]
