"""What a program is given of the caller's variables."""

import sys

import pytest

from pipeline.adapters import process

pytestmark = pytest.mark.processes


def variables_of_a_child(**more: str) -> dict[str, str]:
    argv = [sys.executable, "-c", "import os; print('\\0'.join(f'{n}={v}' for n, v in os.environ.items()), end='')"]
    done = process.run(argv, timeout_seconds=60, env=process.for_programs(more) if more else None)
    assert done.code == 0, done.err
    return dict(one.split("=", 1) for one in done.out.split("\0"))


def test_a_program_inherits_no_secret_of_the_job_that_called_the_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "EXCHANGE_ACCESS_KEY",
        "MY_OWN_NAME_FOR_IT",
        "GITHUB_TOKEN",
        "TELEGRAM_TOKEN",
        "FREQTRADE__EXCHANGE__KEY",
    ):
        monkeypatch.setenv(name, "hunter2hunter2")
    assert "hunter2hunter2" not in variables_of_a_child().values()
    assert "hunter2hunter2" not in variables_of_a_child(GIT_TERMINAL_PROMPT="0").values()


def test_a_program_finds_its_way_the_network_the_engine_and_the_keys_of_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = {
        "HOME": "/h", "LC_ALL": "C", "TMPDIR": "/t", "SSH_AUTH_SOCK": "/s", "GIT_SSH_COMMAND": "ssh -4", "DOCKER_HOST": "tcp://x",
        "https_proxy": "http://p", "NO_PROXY": "x", "SSL_CERT_FILE": "/c", "PIP_INDEX_URL": "https://i", "XDG_RUNTIME_DIR": "/r",
    }  # fmt: skip
    for name, text in needed.items():
        monkeypatch.setenv(name, text)
    found = variables_of_a_child()
    assert {name: found.get(name) for name in needed} == needed
    assert "PATH" in found


def test_a_program_can_be_given_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE")
    found = variables_of_a_child(LC_ALL="C", EXTRA="1")
    assert (found["LC_ALL"], found["EXTRA"]) == ("C", "1")
