"""A pull request on the double, a run of its gate, and what the run left."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pipeline.adapters.github.comments import GitHubComments
from pipeline.adapters.github.pull_requests import GitHubPullRequests
from pipeline.adapters.github.workflow_runs import GitHubWorkflowRuns
from pipeline.adapters.joined_file import read_joined
from pipeline.domain.gate_account import Commented
from pipeline.flows.github_comment import Ground, comment
from tests.adapters.github.ground import SHA, repository, session
from tests.adapters.github.test_zip_files import zipped
from tests.fakes import FakeClock
from tests.github_double import GitHubDouble, Token
from tests.github_double.routes_pulls import open_pull
from tests.github_double.routes_runs import artifact, job, run
from tests.github_double.world import ACTIONS

Json = Any
FORK = "stranger/r"
TOKEN = {"actions": "read", "contents": "read", "pull_requests": "write"}
"""What comment.yml asks for."""

NUMBERS: Mapping[str, Json] = {
    "candidate": {
        "all together": {"trades": 143, "profit_total_ratio": 0.72, "profit_factor": 2.26, "attempts": 3},
        "early": {"trades": 70, "profit_total_ratio": 0.3},
        "late": {"trades": 73, "profit_total_ratio": 0.32},
    },
    "incumbent": {
        "all together": {"trades": 99, "profit_total_ratio": 0.5},
        "early": {"profit_total_ratio": 0.2},
        "late": {"profit_total_ratio": 0.25},
    },
    "market": {
        "all together": {"profit_total_ratio": 0.02},
        "early": {"profit_total_ratio": -0.1},
        "late": {"profit_total_ratio": 0.14},
    },
}
CODES = {"PASS": 0, "FAIL": 10, "INCONCLUSIVE": 11, "ERROR": 12}


def strategy(id: str = "dip", outcome: str = "PASS", *reasons: str, **more: Json) -> Json:
    return {
        "id": id,
        "outcome": outcome,
        "chosen_because": "strategy.py changed",
        "evidence_digest": None,
        "reasons": list(reasons),
        "measurements": deepcopy(NUMBERS),
        **more,
    }


def document(outcome: str = "PASS", *strategies: Json, **more: Json) -> Json:
    """What the join leaves; one strategy of that outcome where none is given."""
    return {
        "outcome": outcome,
        "schema": 1,
        "exit_code": CODES.get(outcome, 0),
        "simulated": False,
        "note": "",
        "problems": [],
        "strategies": list(strategies) or [strategy("dip", outcome)],
        **more,
    }


def packed(said: Json) -> bytes:
    return zipped({"joined.json": said if isinstance(said, bytes) else json.dumps(said).encode()})


def ground(hub: GitHubDouble, permissions: Mapping[str, str] = TOKEN, clock: FakeClock | None = None) -> Ground:
    """As the workflow's own token has it."""
    hub.world.tokens["token-of-the-job"] = Token(ACTIONS, permissions)
    github = session(hub, "token-of-the-job", clock)
    return Ground(GitHubPullRequests(github), GitHubComments(github), GitHubWorkflowRuns(github), read_joined)


def proposed(hub: GitHubDouble, sha: str = SHA, head: str = "") -> int:
    """Somebody opens a pull request; its number."""
    return int(open_pull(hub.world, repository(hub), sha, head=head)["number"])


def gated(hub: GitHubDouble, said: Json = None, ended: str = "success", sha: str = SHA, **more: Json) -> Json:
    """A run of the gate that ended so, and left that (nothing where it is None, and bytes as the zip file)."""
    whole = {"workflow": "gate.yml", "event": "pull_request", "branch": "idea", "conclusion": ended, **more}
    made = run(hub.world, repository(hub), sha, **whole)
    job(hub.world, repository(hub), made, "plan")
    job(hub.world, repository(hub), made, "gate", conclusion=ended)
    if said is not None:
        left(hub, made, said)
    return made


def left(hub: GitHubDouble, of: Json, said: Json, **more: Json) -> None:
    artifact(hub.world, repository(hub), of, "joined", said if isinstance(said, bytes) else packed(said), **more)


def told(hub: GitHubDouble, of: Json) -> Commented:
    return comment(of["id"], ground(hub))


def texts(hub: GitHubDouble, number: int = 1) -> list[str]:
    return [one["body"] for one in repository(hub).comments.get(number, [])]


def text(hub: GitHubDouble, number: int = 1) -> str:
    """The one comment there is."""
    (only,) = texts(hub, number)
    return str(only)
