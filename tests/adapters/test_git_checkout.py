"""Which secrets git is given, and when. What it does with a checkout: tests/cli/test_update.py."""

from pathlib import Path

import pytest

from pipeline.adapters.git_checkout import GitCheckout

pytestmark = pytest.mark.processes


def test_git_is_given_githubs_token_where_it_goes_to_a_remote_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = tmp_path / "git"
    git.write_text(f'#!/bin/sh\nenv >"{tmp_path}/$3"\n')
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("GITHUB_TOKEN", "hunter2")
    monkeypatch.setenv("EXCHANGE_ACCESS_KEY", "hunter3")
    GitCheckout(tmp_path).fetch("https://x.invalid/y", "")
    assert "GITHUB_TOKEN=hunter2" in (tmp_path / "fetch").read_text()
    assert "hunter2" not in (tmp_path / "rev-parse").read_text() + (tmp_path / "remote").read_text()
    assert "hunter3" not in (tmp_path / "fetch").read_text()
