"""A bare Debian in a container that `runner/set-up` makes a device of, with a repository and an archive of a runner that stand in for GitHub's."""

import hashlib
import shutil
import subprocess
import tarfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import needs
from tests.adapters.test_git import git

BASE = "python:3.11-slim-bookworm"
IMAGE = "freqtrain-device-test:prepared"
REPOSITORY = "trader/strategies"
TOKEN = "REGISTRATION-TOKEN-7f3a"
PASSWORD = "backups-password-91c2"
SETTINGS = """\
freqtrain_remote: file:///srv/repository.git
freqtrain_backup_repository: /srv/backups
"""
CONFIG = """\
#!/bin/sh
[ -n "$ACTIONS_RUNNER_INPUT_TOKEN" ] || { echo "no token" >&2; exit 1; }
echo "$@" > .runner
"""
IN_THE_REPOSITORY = (
    "pipeline",
    "environments",
    "runner",
    "strategies",
    ".github",
    "pyproject.toml",
    "requirements.lock",
    "README.md",
    "LICENSE",
)
PATIENCE_SECONDS = 1500.0
"""A loaded machine is no failure."""


@dataclass(frozen=True)
class Container:
    """The device; what is run in it ends with a code and says something."""

    name: str

    def run(
        self, *argv: str, user: str = "root", stdin: str = "", env: Sequence[str] = (), detached: bool = False
    ) -> subprocess.CompletedProcess[str]:
        variables = [word for one in env for word in ("--env", one)]
        return subprocess.run(
            ["docker", "exec", *(["--detach"] if detached else ["--interactive"]), "--user", user, *variables, "--workdir", "/", self.name, *argv],
            input=stdin, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip

    def sh(self, script: str, user: str = "root", env: Sequence[str] = ()) -> str:
        """What a script of the shell says; it has to succeed."""
        done = self.run("sh", "-eu", "-c", script, user=user, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def set_up(self, *arguments: str, answers: str = "", env: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        return self.run("/srv/runner/set-up", *arguments, stdin=answers, env=env)

    def play(self, tags: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A part of the playbook once more, without what `set-up` asks before and looks at afterwards."""
        ansible = ["/opt/freqtrain/ansible/bin/ansible-playbook", "--connection", "local", "--inventory", "localhost,"]
        answers = ["--extra-vars", "@/etc/freqtrain/settings.yml", "--tags", tags, *arguments]
        return self.run(*ansible, *answers, "/srv/runner/playbook.yml", env=["ANSIBLE_PIPELINING=1", "LC_ALL=C.UTF-8"])

    def freqtrain(self, *arguments: str, env: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """As a job of the runner calls it."""
        return self.run("freqtrain", *arguments, user="freqtrain-runner", env=env)


@contextmanager
def bare_device(folder: Path) -> Iterator[tuple[Container, str]]:
    """A container that nothing was set up in, and the answers that the set-up asks for; gone at the end."""
    prepare_image(folder)
    name = f"freqtrain-device-{uuid.uuid4().hex[:12]}"
    archive, repository = runner_archive(folder), bare_repository(folder)
    docker("run", "--detach", "--init", "--cap-add", "NET_ADMIN", "--name", name, IMAGE, "sleep", "7200")
    try:
        for source, target in (
            (repository, "repository.git"),
            (archive, "runner.tar.gz"),
            (needs.ROOT / "runner", "runner"),
        ):
            docker("cp", str(source), f"{name}:/srv/{target}")
        container = Container(name)
        container.sh(
            "chown -R root: /srv; git config --system --add safe.directory '*'; mkdir -p /boot/firmware /etc/freqtrain"
        )
        container.sh("echo 'console=tty1 root=PARTUUID=1-02 rootwait' > /boot/firmware/cmdline.txt")
        container.sh(f"cat > /etc/freqtrain/settings.yml <<'END'\n{SETTINGS}END\nchmod 600 /etc/freqtrain/settings.yml")
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        yield container, f"{REPOSITORY}\nfile:///srv/runner.tar.gz\n{digest}\n{TOKEN}\n{PASSWORD}\n"
    finally:
        subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True, timeout=120, check=False)


def prepare_image(folder: Path) -> None:
    """Build the image once; its layers are Docker's to keep."""
    needs.program("docker")
    if subprocess.run(["docker", "info"], capture_output=True, timeout=60, check=False).returncode != 0:
        needs.missing("a Docker engine that answers")
    if (
        subprocess.run(["docker", "image", "inspect", BASE], capture_output=True, timeout=60, check=False).returncode
        != 0
    ):
        stand_in = needs.SHARED / "lab" / "base-image.sh"
        made = [str(stand_in), BASE] if stand_in.exists() else ["docker", "pull", "--quiet", BASE]
        if subprocess.run(made, capture_output=True, timeout=600, check=False).returncode != 0:
            needs.missing(f"the image {BASE}")
    context = folder / "context"
    context.mkdir()
    for file, name in (
        ("tests/runner/device.Dockerfile", "Dockerfile"),
        ("runner/ansible.lock", "ansible.lock"),
        ("requirements.lock", "requirements.lock"),
    ):
        shutil.copy(needs.ROOT / file, context / name)
    docker("build", "--quiet", "--tag", IMAGE, str(context))


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def runner_archive(folder: Path) -> Path:
    """As GitHub's: config.sh, which registers with the token from its environment, and run.sh."""
    inside = folder / "actions-runner"
    inside.mkdir()
    for name, content in (("config.sh", CONFIG), ("run.sh", "#!/bin/sh\nexec sleep 3600\n")):
        (inside / name).write_text(content)
        (inside / name).chmod(0o755)
    with tarfile.open(folder / "runner.tar.gz", "w:gz") as tar:
        tar.add(inside, arcname=".")
    return folder / "runner.tar.gz"


def bare_repository(folder: Path) -> Path:
    """The working tree as main of a repository."""
    work = folder / "work"
    work.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in IN_THE_REPOSITORY:
        source = needs.ROOT / name
        if source.is_dir():
            shutil.copytree(source, work / name, ignore=ignored)
        else:
            shutil.copy(source, work / name)
    git(work, "init", "-q", "-b", "main")
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", "main")
    git(folder, "clone", "-q", "--bare", str(work), str(folder / "repository.git"))
    return folder / "repository.git"
