"""The Caddyfile beside the monitor, in a real Caddy: over TLS the page is shown to who knows the token, and to nobody else."""

import http.client
import os
import ssl
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.monitor_server import Address, MonitorServer
from pipeline.adapters.monitor_token import Token
from tests import needs
from tests.fakes import FakeNarrator
from tests.monitor_served import PATIENCE_SECONDS, FakePages, served
from tests.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

WORD = "0123456789abcdef01234567"
OWN = """{{
	admin off
	skip_install_trust
	auto_https disable_redirects
	storage file_system {folder}
}}
import {file}
"""
"""What a test needs besides: nothing of the system is touched, and the certificate is Caddy's own."""


@pytest.fixture
def front(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A monitor with a token behind a Caddy: the port of the latter, and who signed its certificate."""
    caddy, port = needs.program("caddy"), free_port()
    file = tmp_path / "Caddyfile"
    file.write_text(OWN.format(folder=tmp_path / "store", file=needs.ROOT / "runner" / "monitor" / "Caddyfile"))
    with served(MonitorServer(FakePages(), Address("127.0.0.1", 0), FakeNarrator(), Token(WORD))) as address:
        own = {
            "FREQTRAIN_MONITOR_NAME": f"https://localhost:{port}",
            "FREQTRAIN_MONITOR": address.removeprefix("http://").rstrip("/"),
            "HOME": str(tmp_path),
            "XDG_DATA_HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
        }
        with (tmp_path / "said").open("wb") as said:
            argv = [caddy, "run", "--config", str(file), "--adapter", "caddyfile"]
            process = subprocess.Popen(argv, env={**os.environ, **own}, stdout=said, stderr=said)
        try:
            root = tmp_path / "store" / "pki" / "authorities" / "local" / "root.crt"
            until = time.monotonic() + PATIENCE_SECONDS
            while not (root.exists() and _answers(port, root)):
                assert process.poll() is None and time.monotonic() < until, (tmp_path / "said").read_text()  # noqa: PT018
                time.sleep(0.1)
            yield port, root
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def _answers(port: int, root: Path) -> bool:
    try:
        return over_tls(port, root)[0] > 0
    except OSError:
        return False


def over_tls(port: int, root: Path, authorization: str = "") -> tuple[int, dict[str, str], str]:
    context = ssl.create_default_context(cafile=str(root))
    connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/", headers={"Authorization": authorization} if authorization else {})
        found = connection.getresponse()
        return found.status, dict(found.getheaders()), found.read().decode()
    finally:
        connection.close()


def test_the_page_is_shown_over_tls_to_who_knows_the_token(front: tuple[int, Path]) -> None:
    status, headers, body = over_tls(*front)
    assert (status, "WWW-Authenticate" in headers or "Www-Authenticate" in headers) == (401, True)
    status, headers, body = over_tls(*front, "Basic " + b64encode(f"me:{WORD}".encode()).decode())
    assert (status, body) == (200, "<p>month</p>")
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Content-Security-Policy"] == FakePages.policy
