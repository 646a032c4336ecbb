"""What others' linters say of the workflow files: nothing."""

import subprocess

import pytest

from tests.needs import ROOT, program, tool
from tests.workflows.files import actions, workflows

pytestmark = pytest.mark.processes


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_actionlint_finds_nothing_shell_lines_included() -> None:
    done = run(tool("actionlint"), "-no-color", "-shellcheck", program("shellcheck"), "-pyflakes", "")
    assert (done.returncode, done.stdout) == (0, "")


def test_zizmor_finds_nothing_even_where_it_is_pedantic() -> None:
    done = run(tool("zizmor"), "--offline", "--no-progress", "--color", "never", "--persona", "pedantic", ".github")
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


def test_every_finding_that_is_not_to_be_found_has_a_written_reason() -> None:
    config = (ROOT / ".github" / "zizmor.yml").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(config):
        if "disable: true" in line or line.strip() == "ignore:":
            assert config[number - 1].strip().startswith("#"), line
    texts = [workflow.text for workflow in workflows()] + [path.read_text(encoding="utf-8") for path in actions()]
    assert not any("zizmor: ignore" in text for text in texts), "say it in .github/zizmor.yml, with the reason"


def test_the_files_have_the_shape_that_github_publishes() -> None:
    files = [str(workflow.path) for workflow in workflows()]
    done = run(tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *files)
    assert done.returncode == 0, done.stdout
    done = run(tool("check-jsonschema"), "--builtin-schema", "vendor.github-actions", *map(str, actions()))
    assert done.returncode == 0, done.stdout
