"""Attacks on whoever reads the result: a workflow, a browser, a terminal, a person."""

from tests.hostile.case import Hostile

FORGED = '{"window": "%s", "trades": [], "ending_balance": 0.0, "started_at": null, "failure": %s}'


def forged(name: str, failure: str) -> str:
    """Code that answers with a failure of its own making."""
    text = (FORGED % (name, failure)).encode()
    return (
        f"import os\nfor fd in range(3, 1024):\n    try: os.write(fd, {text!r})\n    except OSError: pass\nos._exit(0)"
    )


INJECT = (
    Hostile(
        "a workflow command",
        "raise ValueError('\\n::error file=x::owned\\n::set-env name=PATH::/tmp\\r\\n##[command]owned')",
        "owned",
        linted=False,
    ),
    Hostile(
        "Markdown",
        "raise ValueError('| a | b |\\n|---|---|\\n# owned\\n[x](javascript:alert(1)) ![x](http://owned/x.png) @everyone')",
        "owned",
        linted=False,
    ),
    Hostile(
        "HTML",
        "raise ValueError('</td></table><script>alert(\"owned\")</script><img src=x onerror=alert(1)>')",
        "owned",
        linted=False,
    ),
    Hostile(
        "terminal escapes",
        "raise ValueError('\\x1b]0;owned\\x07\\x1b[2J\\x1b[31m\\x9b31m\\u202eowned')",
        "owned",
        linted=False,
    ),
    Hostile("a name of a class", "raise type('::error::owned\\n', (Exception,), {})('x')", "owned", linted=False),
    Hostile(
        "a message that cannot be said",
        "class E(Exception):\n    def __str__(self): raise RuntimeError('no')\nraise E()",
        "exit code 1",
        linted=False,
    ),
    Hostile("half a character", "raise ValueError('owned \\ud800')", "cannot be read", linted=False),
    Hostile("a message without end", "raise ValueError('owned ' * 10**7)", "owned", linted=False),
    Hostile(
        "a path out of the folder",
        forged(
            "a path out of the folder", '{"kind": "E", "message": "m", "file": "../../../.github/x.yml", "line": 1}'
        ),
        "answer is not one",
        alone=True,
    ),
    Hostile("a tag of a trade", "self.tag = '::error::owned <script> \\x1b[2J | `owned`'", "must be", linted=False),
    Hostile("a tag without end", "self.tag = 'x' * 5000", "answer is not one", alone=True, linted=False),
)
