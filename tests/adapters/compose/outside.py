"""A network outside of the device, in a namespace of its own: an internet of one address, and a home's network of another."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.needs import ROOT, missing

INTERNET, HOME, GATEWAY = "198.51.100.10", "192.168.231.10", "198.51.100.1"
"""Addresses that nobody has: one of those that are kept for examples, and one of a home's."""

BEGIN, END = "<!-- begin: egress -->", "<!-- end: egress -->"
RELAY = """
import asyncio, sys
HELLO = [(host, port) for host in (sys.argv[1], sys.argv[2]) for port in (53, 80, 443)]
async def hello(reader, writer):
    writer.write(b"hello"); await writer.drain(); writer.close()
async def pump(reader, writer):
    while data := await reader.read(65536):
        writer.write(data); await writer.drain()
    writer.close()
async def relay(reader, writer):
    up, down = await asyncio.open_connection("127.0.0.1", int(sys.argv[3]))
    await asyncio.gather(pump(reader, down), pump(up, writer), return_exceptions=True)
async def main():
    for host, port in HELLO:
        behind = relay if sys.argv[3] != "0" and (host, port) == HELLO[2] else hello
        await asyncio.start_server(behind, host, port)
    print("ready", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
"""Says hello on the ports of names, of the web and of TLS; behind the last one of the internet may be an exchange instead."""


@dataclass(frozen=True)
class Outside:
    """The namespace, by the process that keeps it."""

    pid: int

    def start(self, *argv: str, stdin: str = "") -> "subprocess.Popen[str]":
        """Start a Python program there."""
        command = ["nsenter", "--target", str(self.pid), "--net", sys.executable, *argv]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )


def run(*argv: str) -> str:
    """Run a program of the system; fails with what it said."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}"
    return done.stdout


def need_rights() -> None:
    """Skip visibly where there is no network to be made, or no rule."""
    for program in ("ip", "nsenter", "unshare", "iptables"):
        if shutil.which(program) is None:
            missing(program)
    for argv in (("unshare", "--net", "true"), ("iptables", "--wait", "-t", "mangle", "-S", "FORWARD")):
        if subprocess.run(argv, capture_output=True, timeout=60, check=False).returncode != 0:
            missing(f"the right to call {' '.join(argv)}")


@contextmanager
def outside() -> Iterator[Outside]:
    """A namespace with both addresses, to which the device knows the way; gone at the end."""
    near, far = f"fto{os.getpid()}"[:15], f"ftx{os.getpid()}"[:15]
    keeper = subprocess.Popen(["unshare", "--net", "sleep", "3600"])
    try:
        made = subprocess.run(
            ["ip", "link", "add", near, "type", "veth", "peer", "name", far],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            missing(f"the right to make a network ({made.stderr.strip()})")
        there = ("nsenter", "--target", str(keeper.pid), "--net", "ip")
        run("ip", "link", "set", far, "netns", str(keeper.pid))
        run("ip", "address", "add", f"{GATEWAY}/24", "dev", near)
        run("ip", "link", "set", near, "up")
        run("ip", "route", "add", f"{HOME}/32", "dev", near)
        for line in (
            f"link set {far} up",
            "link set lo up",
            f"address add {INTERNET}/24 dev {far}",
            f"address add {HOME}/32 dev {far}",
        ):
            run(*there, *line.split())
        run(*there, "route", "add", "default", "via", GATEWAY)
        yield Outside(keeper.pid)
    finally:
        subprocess.run(["ip", "link", "delete", near], capture_output=True, timeout=60, check=False)
        keeper.kill()
        keeper.wait()


@contextmanager
def documented_rules(bridge: str) -> Iterator[None]:
    """The rules of docs/runtime.md, for one bridge alone and in a chain of their own, and taken out again."""
    chain = f"FT-TEST-{os.getpid()}"
    page = (ROOT / "docs" / "runtime.md").read_text(encoding="utf-8")
    lines = [line.strip() for line in page.partition(BEGIN)[2].partition(END)[0].splitlines() if line.strip()]
    assert all(re.fullmatch(r"iptables -t mangle -[NAI] [\w ',/.+:-]+", line) for line in lines), lines
    assert lines[-1] == "iptables -t mangle -I FORWARD -i 'ft-+' -j FREQTRAIN-BOTS"
    before = run("iptables", "--wait", "-t", "mangle", "-S")
    try:
        for line in lines:
            own = line.replace("FREQTRAIN-BOTS", chain).replace("'ft-+'", bridge)
            run("iptables", "--wait", *own.split()[1:])
        yield
    finally:
        for words in (("-D", "FORWARD", "-i", bridge, "-j", chain), ("-F", chain), ("-X", chain)):
            subprocess.run(["iptables", "--wait", "-t", "mangle", *words], capture_output=True, timeout=60, check=False)
    assert chain not in run("iptables", "--wait", "-t", "mangle", "-S"), before
