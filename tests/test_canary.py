"""The searcher finds what was planted: a search that finds nothing would prove nothing."""

import base64
import gzip
import json
import os
import shlex
import subprocess
import sys
import zlib
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode
from uuid import uuid4

import pytest

from tests.adapters.test_git import git
from tests.canary import files_with, leaks_in, processes_with

SECRETS = ("0001234567", 'it\'s "$ec#ret" & more/%', "-----BEGIN K-----\nabc+/def==\n-----END K-----\n")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_leak_is_found_however_it_was_written(secret: str) -> None:
    raw = secret.encode()
    for written in (
        secret,
        json.dumps({"deep": [{"key": secret}]}),
        json.dumps(json.dumps({"twice": secret})),
        json.dumps(secret, ensure_ascii=False),
        f"https://x/?{urlencode({'key': secret})}",
        quote(secret),
        quote_plus(secret),
        f"sh -c {shlex.quote(secret)}",
        repr({"key": secret}),
        raw.hex(),
        *(base64.b64encode(b"u" * n + b":" + raw + b":more").decode() for n in range(4)),
        base64.urlsafe_b64encode(raw).decode(),
    ):
        assert leaks_in(f"before {written} after".encode(), SECRETS), written


def test_what_is_no_leak_is_none() -> None:
    assert not leaks_in(b"0001234 it's a $ecret -----BEGIN K----- EXCHANGE_ACCESS_KEY", SECRETS)


@pytest.mark.processes
def test_leaks_are_found_in_files_packed_ones_and_commits_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "good").write_text("nothing")
    planted = {
        "log": SECRETS[0].encode(),
        "packed": zlib.compress(SECRETS[0].encode()),
        "z.gz": gzip.compress(b"0001234567"),
    }
    for name, content in planted.items():
        (tmp_path / "deep" / name).write_bytes(content)
    clone = tmp_path / "clone"
    clone.mkdir()
    git(clone, "init", "-q")
    (clone / "keys").write_text(SECRETS[1])
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "oops")
    git(clone, "rm", "-q", "keys")
    git(clone, "commit", "-q", "-m", "gone")
    git(clone, "gc", "-q")
    assert files_with(tmp_path, SECRETS) == {*(tmp_path / "deep" / name for name in planted), clone / ".git"}


@pytest.mark.processes
def test_leaks_are_found_in_arguments_and_variables_of_processes() -> None:
    own = f"{SECRETS[1]} {uuid4()}"  # other tests of this machine may hold what looks alike
    sleeping = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    for argv, env in (([*sleeping, own], {}), (sleeping, {"KEY": own})):
        with subprocess.Popen(
            argv, env={**os.environ, **env}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as running:
            assert running.stdout is not None
            running.stdout.readline()
            assert len(processes_with((own,))) == 1
    assert processes_with((own,)) == []
