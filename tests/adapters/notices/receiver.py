"""Services of the loopback: one that takes apprise's JSON, a ping and Telegram's Bot API, and does to its callers what a test asks for."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN, CHAT = "123456:canary-token-of-telegram", "7700112233"


@dataclass
class Receiver:
    """What was said to it, and how it answers: `status`, `refuses`, `hangs` (does not answer), `drips` (a byte now and then, for ever)."""

    status: int = 200
    refuses: tuple[str, ...] = ()
    """Ends of paths that are answered with 400, whatever `status` says; "picture": whatever has one attached to it."""
    hangs: bool = False
    drips: bool = False
    answer: bytes = b"{}"
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def json_url(self) -> str:
        """For apprise."""
        return f"json://127.0.0.1:{self.port}/hooks/canary-word-of-apprise"

    def texts(self) -> list[str]:
        """What apprise delivered, or what was written into the chat."""
        return [
            str(said.get("message") or said.get("text") or said.get("caption", ""))
            for path, said in self.asked
            if said and not path.endswith("getUpdates")
        ]

    def wrote(self, text: str, chat: str = CHAT, by: str = "ada", at: int = 0) -> None:
        """Somebody writes to the bot."""
        number = len(self.updates) + 1
        message = {"message_id": number, "date": at, "chat": {"id": int(chat)}, "from": {"username": by}, "text": text}
        self.updates.append({"update_id": number, "message": message})

    def reply(self, path: str, said: dict[str, Any]) -> bytes:
        if not path.startswith(f"/bot{TOKEN}/"):
            return self.answer
        if self.status != 200:
            return json.dumps(
                {
                    "ok": False,
                    "error_code": self.status,
                    "description": f"no, bot{TOKEN}",
                    "parameters": {"retry_after": 33},
                }
            ).encode()
        if path.endswith("/getUpdates"):
            fresh = [one for one in self.updates if one["update_id"] >= said["offset"]]
            if not fresh:
                self.over.wait(said["timeout"])
            return json.dumps({"ok": True, "result": fresh}).encode()
        return json.dumps({"ok": True, "result": {"message_id": 1}}).encode()


def parts_of(kind: str, content: bytes) -> dict[str, Any]:
    """A form's parts by name: bytes of files, text of all others."""
    boundary = re.search(r"boundary=([^;]+)", kind)
    assert boundary is not None
    found: dict[str, Any] = {}
    first, *parts, last = (b"\r\n" + content).split(b"\r\n--" + boundary[1].encode())
    assert (first, last) == (b"", b"--\r\n")
    for part in parts:
        head, _, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'; name="([^"]+)"', head)
        assert name is not None
        found[name[1].decode()] = value if b"filename=" in head else value.decode()
    return found


@contextmanager
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            kind = self.headers["Content-Type"]
            self._answer(parts_of(kind, content) if kind.startswith("multipart/") else json.loads(content))

        def _answer(self, said: dict[str, Any]) -> None:
            made.asked.append((self.path, said))
            if made.hangs:
                made.over.wait(60)
                return
            content = made.reply(self.path, said)
            shown = "picture" in made.refuses and said.get("attachments")
            refused = shown or self.path.endswith(tuple(made.refuses))
            content = b'{"ok": false, "error_code": 400}' if refused else content
            self.send_response(400 if refused else made.status)
            self.send_header("Content-Length", str(10**6 if made.drips else len(content)))
            self.end_headers()
            while made.drips and not made.over.wait(0.2):
                self.wfile.write(b" ")
                self.wfile.flush()
            self.wfile.write(content)

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
