"""`runner/set-up` makes a bare Debian a device: once, whole, and for nobody but those whom it is meant for."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.runner.device import PASSWORD, REPOSITORY, TOKEN, Container, bare_device

pytestmark = pytest.mark.processes

CANARY = "canary-of-an-exchange-5d0b"
VERB = "/opt/freqtrain/bin/verb"
STAND_IN = """#!/bin/sh
env | sort > "$FREQTRAIN_HOME/seen.env"
printf '%s\\n' "$@" > "$FREQTRAIN_HOME/seen.arguments"
cat "/proc/$PPID/cmdline" "/proc/$$/cmdline" | tr '\\0' ' ' > "$FREQTRAIN_HOME/seen.processes"
pwd > "$FREQTRAIN_HOME/seen.folder"
while [ $# -gt 0 ]; do
  [ "$1" != --out ] || echo '{"outcome": "DONE"}' > "$2"
  [ "$1" != --approval ] || cat "$2" > "$FREQTRAIN_HOME/seen.approval"
  shift
done
exit 6
"""


@dataclass(frozen=True)
class Device:
    container: Container
    first: str
    second: str


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    """Set up twice; what was said both times."""
    with bare_device(tmp_path_factory.mktemp("device")) as (container, answers):
        first = container.set_up(answers=answers)
        assert first.returncode == 0, first.stdout[-6000:] + first.stderr[-3000:]
        second = container.set_up()
        assert second.returncode == 0, second.stdout[-6000:] + second.stderr[-3000:]
        yield Device(container, first.stdout + first.stderr, second.stdout + second.stderr)


@pytest.fixture
def stand_in(device: Device) -> Iterator[Container]:
    """freqtrain is replaced by a program that writes down what it was given."""
    there = device.container
    there.sh(
        f"mkdir -p /opt/stand-in/bin; cat > /opt/stand-in/bin/freqtrain <<'END'\n{STAND_IN}END\nchmod 755 /opt/stand-in/bin/freqtrain"
    )
    current = there.sh("readlink /opt/freqtrain/current").strip()
    there.sh("ln -sfn /opt/stand-in /opt/freqtrain/current")
    try:
        yield there
    finally:
        there.sh(f"ln -sfn {current} /opt/freqtrain/current; rm -f /var/lib/freqtrain/*/seen.*")


def test_the_second_run_changes_nothing(device: Device) -> None:
    assert re.search(r"localhost +: ok=\d+ +changed=\d\d+ +unreachable=0 +failed=0", device.first), device.first[-3000:]
    changed = re.search(r"localhost +: ok=\d+ +changed=(\d+) +unreachable=0 +failed=0", device.second)
    assert changed is not None
    assert changed[1] == "0", [line for line in device.second.splitlines() if "changed:" in line]


def test_ansible_finds_no_fault_in_the_playbook(device: Device) -> None:
    playbook = ["/opt/freqtrain/ansible/bin/ansible-playbook", "--syntax-check", "--inventory", "localhost,"]
    done = device.container.run(*playbook, "/srv/runner/playbook.yml", env=["LC_ALL=C.UTF-8"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr


def test_what_needs_systemd_and_a_reboot_is_said(device: Device) -> None:
    assert "SKIPPED (no systemd): units are written and not started" in device.first
    assert "REBOOT NEEDED: the memory cgroup is off" in device.first


def test_neither_the_token_nor_the_password_stays_anywhere_but_where_restic_reads_it(device: Device) -> None:
    assert TOKEN not in device.first + device.second
    assert PASSWORD not in device.first + device.second
    there = device.container
    places = "/etc /home /opt/freqtrain/bin /root /tmp /var/lib/freqtrain /var/log /run /dev/shm"
    assert there.sh(f"grep -rlF {TOKEN} {places} || true") == ""
    assert there.sh(f"grep -rlF {PASSWORD} {places} || true") == "/etc/freqtrain/backup.password\n"
    assert (
        there.sh("stat -c %a:%U /etc/freqtrain/backup.password /etc/freqtrain/backup.env").split() == ["600:root"] * 2
    )


def test_the_kernels_line_is_one_line_with_the_memory_cgroup_once(device: Device) -> None:
    line = device.container.sh("cat /boot/firmware/cmdline.txt")
    assert line == "console=tty1 root=PARTUUID=1-02 rootwait cgroup_enable=memory cgroup_memory=1\n"


def test_the_runners_user_is_confined(device: Device) -> None:
    there = device.container
    assert there.sh("id -nG freqtrain-runner").split() == ["freqtrain-runner", "freqtrain-told"]
    for path in (
        "/var/lib/freqtrain/prod",
        "/var/lib/freqtrain/prod/prod",
        "/home/freqtrain-prod",
        "/var/lib/freqtrain/carrier",
    ):
        assert there.run("ls", path, user="freqtrain-runner").returncode != 0, path
    for argv in (
        ("id",),
        ("-u", "freqtrain-prod", "sh"),
        ("-u", "freqtrain-prod", VERB, "status", "prod"),
        ("-u", "root", VERB),
    ):
        assert "a password is required" in there.run("sudo", "-n", *argv, user="freqtrain-runner").stderr, argv
    assert there.run("visudo", "-c").returncode == 0


def test_environments_are_apart_and_later_ones_read_the_ledger_of_earlier_ones(device: Device) -> None:
    there = device.container
    homes = "/var/lib/freqtrain"
    own = f"{homes}/sandbox/sandbox"
    there.sh(
        f"umask 027; echo x > {own}/told-to-others; mkdir -p {own}/bots/dip; echo k > {own}/bots/dip/secret.json",
        user="freqtrain-sandbox",
    )
    assert there.sh(f"cat {homes}/prod/sandbox/told-to-others", user="freqtrain-prod") == "x\n"
    assert there.run("cat", f"{homes}/test/sandbox/told-to-others", user="freqtrain-test").returncode != 0
    for reader in ("freqtrain-test", "freqtrain-prod", "freqtrain-runner", "freqtrain-carrier"):
        assert there.run("cat", f"{homes}/sandbox/sandbox/bots/dip/secret.json", user=reader).returncode != 0, reader
        assert there.run("touch", f"{homes}/sandbox/sandbox/x", user=reader).returncode != 0, reader
    ports = [there.sh(f"cat {homes}/{name}/ports.json") for name in ("test", "sandbox", "prod")]
    assert len({first for text in ports for first in json.loads(text).values()}) == 3
    there.sh(f"rm -r {homes}/sandbox/sandbox/bots/dip {homes}/sandbox/sandbox/told-to-others")


def test_root_follows_no_link_that_an_environments_user_laid(device: Device) -> None:
    there, told = device.container, "/var/lib/freqtrain/test/told"
    there.sh(f"mv {told} {told}-away; ln -s /var/lib/freqtrain/prod/prod/bots {told}", user="freqtrain-test")
    try:
        done = there.set_up("--tags", "homes")
    finally:
        there.sh(f"rm {told}; mv {told}-away {told}", user="freqtrain-test")
    assert done.returncode != 0
    assert there.sh("stat -c %U:%a /var/lib/freqtrain/prod/prod/bots") == "freqtrain-prod:700\n"


def test_what_runs_belongs_to_root(device: Device) -> None:
    there = device.container
    places = ["bin", "hooks", "current/bin", "clone"]
    folders = " ".join(["/usr/local/bin/freqtrain", "/etc/sudoers.d", *(f"/opt/freqtrain/{place}" for place in places)])
    writable = there.sh(f"find -L {folders} ! -user root -o -perm /022 ! -type l")
    assert writable == ""
    assert there.freqtrain("--version").stdout.startswith("freqtrain, version")


def test_a_jobs_verb_runs_as_its_environments_user_with_what_that_environment_names(stand_in: Container) -> None:
    given = [
        *(f"EXCHANGE_ACCESS_SECRET={CANARY}", "EXCHANGE_ACCESS_KEY=000123", "DRY_RUN=false", "GITHUB_ACTOR=trader"),
        *("GITHUB_API_URL=http://evil.example", "GITHUB_REPOSITORY=evil/evil", "FREQTRAIN_HOME=/tmp/evil"),
        *("PYTHONPATH=/tmp/evil", "LD_LIBRARY_PATH=/tmp/evil", "ACTIONS_RUNTIME_TOKEN=t", "UNNAMED=x"),
    ]
    done = stand_in.freqtrain(
        "stop",
        "sandbox",
        "--all",
        "--reason",
        "it fell; $(id) 'x' --release",
        env=given,
    )
    assert done.returncode == 6, done.stderr
    seen = dict(line.split("=", 1) for line in stand_in.sh("cat /var/lib/freqtrain/sandbox/seen.env").splitlines())
    assert seen["EXCHANGE_ACCESS_SECRET"] == CANARY
    assert seen["EXCHANGE_ACCESS_KEY"] == "000123"
    assert (seen["GITHUB_ACTOR"], seen["GITHUB_API_URL"], seen["GITHUB_REPOSITORY"]) == (
        "trader",
        "https://api.github.com",
        REPOSITORY,
    )
    assert seen["FREQTRAIN_HOME"] == "/var/lib/freqtrain/sandbox"
    assert not {"PYTHONPATH", "LD_LIBRARY_PATH", "ACTIONS_RUNTIME_TOKEN", "UNNAMED"} & set(seen)
    assert stand_in.sh("cat /var/lib/freqtrain/sandbox/seen.arguments").splitlines() == [
        "stop",
        "--all",
        "--reason=it fell; $(id) 'x' --release",
        "sandbox",
    ]
    assert CANARY not in stand_in.sh("cat /var/lib/freqtrain/sandbox/seen.processes")
    assert stand_in.sh("stat -c %U /var/lib/freqtrain/sandbox/seen.env") == "freqtrain-sandbox\n"
    assert stand_in.sh("cat /var/lib/freqtrain/sandbox/seen.folder").startswith("/var/lib/freqtrain/carrier/trees/")


def test_a_job_gives_a_signed_approval_and_gets_the_promotions_document(stand_in: Container) -> None:
    """Both are files of the runner's user, which the environment's user can neither read nor write."""
    folder = stand_in.sh("mktemp -d", user="freqtrain-runner").strip()
    stand_in.sh(f"cd {folder}; echo 'freqtrain approval 1' > a; echo signed > b", user="freqtrain-runner")
    files = ["--approval", f"{folder}/a", f"--signature={folder}/b", "--out", f"{folder}/out/promotion.json"]
    done = stand_in.freqtrain("promote", "sandbox", "--tag", "v1.4", "--in-order", "--wait", "30", *files)
    assert done.returncode == 6, done.stderr
    assert stand_in.sh(f"cat {folder}/out/promotion.json", user="freqtrain-runner") == '{"outcome": "DONE"}\n'
    assert stand_in.sh("cat /var/lib/freqtrain/sandbox/seen.approval") == "freqtrain approval 1\n"
    assert stand_in.sh("cat /var/lib/freqtrain/test/seen.arguments").split() == ["share", "test"]
    assert stand_in.sh("find /tmp /var/tmp -name 'freqtrain-verb-*'") == ""


def test_what_was_taken_back_is_asked_of_whoever_reads_most_ledgers(stand_in: Container) -> None:
    assert stand_in.freqtrain("rolled-back", "--days", "3", "--out", "/tmp/rolled-back.json").returncode == 6
    assert stand_in.sh("cat /tmp/rolled-back.json") == '{"outcome": "DONE"}\n'
    assert stand_in.sh("cat /var/lib/freqtrain/prod/seen.arguments").startswith("rolled-back\n--days=3\n")


@pytest.mark.parametrize(
    "command",
    [
        "deploy sandbox 4f1c22ab",
        "stop sandbox --all --release --reason x",
        "stop sandbox --all --home /tmp",
        "block lift sandbox 4f1c22ab --reason x",
        "promote sandbox --tag v1 --main refs/heads/evil",
        "promote sandbox --tag v1 --repository /tmp",
        "promote sandbox --tag main",
        "promote sandbox --commit refs/heads/evil",
        "converge sandbox prod",
        "secrets list sandbox",
        "stop sandbox ../../etc",
        "bundle fetch --commit refs/remotes/origin/main --token-file /etc/shadow",
        "bundle publish --commit refs/remotes/origin/main",
        "log sandbox --lines=-1",
        "bundle fetch --commit refs/remotes/origin/main --repository evil/evil",
    ],
)
def test_a_job_may_not_ask_for_anything_else(stand_in: Container, command: str) -> None:
    done = stand_in.freqtrain(*shlex.split(command))
    assert done.returncode == 3, done.stdout + done.stderr
    assert "this device does not run that" in done.stderr
    assert stand_in.sh("cat /var/lib/freqtrain/*/seen.arguments 2>/dev/null || true") in ("", "share\ntest\n")


def test_the_user_of_one_environment_runs_no_other(stand_in: Container) -> None:
    request = json.dumps({"arguments": ["status", "prod"], "variables": {}, "files": {}})
    done = stand_in.run("sudo", "-n", "-u", "freqtrain-test", VERB, user="freqtrain-runner", stdin=request)
    assert done.returncode == 3
    assert "runs 'test' alone" in done.stderr


@pytest.mark.parametrize(
    "request_",
    [
        "",
        "[]",
        "{",
        '{"arguments": "status test"}',
        '{"arguments": [1]}',
        '{"arguments": ["status", "test"], "variables": {"A": 1}}',
        "x" * (1 << 20) + "x",
    ],
)
def test_a_request_that_is_none_runs_nothing(stand_in: Container, request_: str) -> None:
    done = stand_in.run("sudo", "-n", "-u", "freqtrain-test", VERB, user="freqtrain-runner", stdin=request_)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert stand_in.sh("ls /var/lib/freqtrain/test/seen.arguments 2>/dev/null || true") == ""


def test_the_real_freqtrain_answers_a_job(device: Device) -> None:
    done = device.container.freqtrain("status", "test")
    assert (done.returncode, "nothing was ever deployed to 'test' here" in done.stderr) == (2, True)
    assert device.container.freqtrain("bundle", "list").stdout == "There are no bundles here.\n"


def test_the_hook_is_filled_in_and_refuses_a_strangers_job(device: Device) -> None:
    there = device.container
    allowed = there.sh("cat /opt/freqtrain/hooks/job-started.allow").splitlines()
    assert f"repository {REPOSITORY}" in allowed
    assert "clone /home/freqtrain-runner/clone" in allowed
    main = there.sh(
        "git -C /home/freqtrain-runner/clone rev-parse refs/remotes/origin/main", user="freqtrain-runner"
    ).strip()
    told = {
        "REPOSITORY": REPOSITORY,
        "EVENT_NAME": "workflow_dispatch",
        "REF": "refs/heads/main",
        "SHA": main,
        "WORKFLOW_SHA": main,
    }

    def begin(workflow: str) -> int:
        job = [
            *(f"GITHUB_{name}={value}" for name, value in told.items()),
            f"GITHUB_WORKFLOW_REF={REPOSITORY}/.github/workflows/{workflow}@refs/heads/main",
        ]
        return there.run("/opt/freqtrain/hooks/job-started.sh", user="freqtrain-runner", env=job).returncode

    assert begin("stop.yml") == 0
    assert begin("evil.yml") == 1
    for runner in ("deploy", "emergency"):
        assert there.sh(f"stat -c %U:%a /home/freqtrain-runner/{runner}/.env") == "root:644\n"
        assert "ACTIONS_RUNNER_HOOK_JOB_STARTED=/opt/freqtrain/hooks/job-started.sh\n" in there.sh(
            f"cat /home/freqtrain-runner/{runner}/.env"
        )
    assert "--labels freqtrain-emergency" in there.sh("cat /home/freqtrain-runner/emergency/.runner")


def test_systemd_would_take_every_unit(device: Device) -> None:
    units = [
        f"freqtrain-{name}@test.{kind}" for name in ("converge", "backup", "report") for kind in ("service", "timer")
    ]
    runners = [f"/etc/systemd/system/freqtrain-runner-{name}.service" for name in ("deploy", "emergency")]
    said = device.container.run("sh", "-c", f"systemd-analyze verify {' '.join(runners + units)} 2>&1")
    ours = [
        line for line in said.stdout.splitlines() if "freqtrain-" in line and "Cannot add dependency job" not in line
    ]
    assert ours == [], said.stdout


def test_the_timer_asks_for_a_report_as_the_environments_own_user(device: Device, stand_in: Container) -> None:
    unit = stand_in.sh("cat /etc/systemd/system/freqtrain-report@.service").replace("%i", "test")
    (user,) = re.findall(r"^User=(.+)$", unit, re.M)
    (begun,) = re.findall(r"^ExecStart=(.+)$", unit, re.M)
    assert stand_in.run(*begun.split(), user=user).returncode == 6
    assert stand_in.sh("cat /var/lib/freqtrain/test/seen.arguments").split() == ["report", "test"]
    assert "OnCalendar=Mon *-*-* 06:00:00" in stand_in.sh("cat /etc/systemd/system/freqtrain-report@.timer")
    said = device.container.run("systemd-analyze", "calendar", "Mon *-*-* 06:00:00")
    assert said.returncode == 0, said.stderr


def test_with_the_few_capabilities_that_the_runners_unit_leaves_sudo_still_works(stand_in: Container) -> None:
    unit = stand_in.sh("cat /etc/systemd/system/freqtrain-runner-deploy.service")
    left = re.findall(
        r"CAP_(\w+)", next(line for line in unit.splitlines() if line.startswith("CapabilityBoundingSet="))
    )
    bounds = ",".join(["-all", *(f"+{name.lower()}" for name in left)])
    narrow = [
        "setpriv",
        "--bounding-set",
        bounds,
        "--reuid",
        "freqtrain-runner",
        "--regid",
        "freqtrain-runner",
        "--init-groups",
    ]
    done = stand_in.run(*narrow, "freqtrain", "status", "test")
    assert done.returncode == 6, done.stderr
    assert stand_in.sh("cat /var/lib/freqtrain/test/seen.arguments").split() == ["status", "test"]
    for implies_no_new_privileges in (
        "NoNewPrivileges=y",
        "RestrictSUIDSGID=y",
        "SystemCallFilter=",
        "PrivateDevices=y",
        "LockPersonality=y",
    ):
        assert implies_no_new_privileges not in unit


def test_the_firewall_lets_ssh_in_and_touches_no_rule_of_dockers(device: Device) -> None:
    rules = device.container.sh("cat /etc/nftables.conf")
    assert "policy drop" in rules
    assert "tcp dport 22 " in rules
    assert "flush ruleset" not in rules
    assert device.container.run("nft", "--check", "--file", "/etc/nftables.conf").returncode == 0


def test_preflight_is_green_for_all_that_a_container_can_have(device: Device) -> None:
    done = device.container.run("freqtrain", "preflight", "--environment", "test", "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout)["checks"]}
    assert done.returncode == 0, rows
    for name in ("Python", "git", "disk", "room to swap", "installation", "job hook", "bots' APIs", "file modes"):
        assert rows[name]["standing"] == "good", rows[name]


def test_preflight_tells_what_somebody_changed_since(device: Device) -> None:
    there = device.container
    there.sh("chmod 755 /var/lib/freqtrain/test/test/bots; chmod 775 /opt/freqtrain/hooks/job-started.sh")
    try:
        done = there.run("freqtrain", "preflight", "--environment", "test", "--json")
    finally:
        there.sh("chmod 700 /var/lib/freqtrain/test/test/bots; chmod 755 /opt/freqtrain/hooks/job-started.sh")
    rows = {row["name"]: row["standing"] for row in json.loads(done.stdout)["checks"]}
    assert (done.returncode, rows["file modes"], rows["job hook"]) == (3, "missing", "missing")


def test_a_checkout_that_shadows_the_installed_freqtrain_is_found(device: Device) -> None:
    there = device.container
    python = "PYTHONPATH=. FREQTRAIN_HOME=/var/lib/freqtrain/test /opt/freqtrain/current/bin/python"
    tree = "/var/lib/freqtrain/carrier/current"
    shadowed = f"cd {tree} && {python} -m pipeline preflight --environment test --json"
    done = there.run("sh", "-c", shadowed, user="freqtrain-test")
    rows = {row["name"]: row for row in json.loads(done.stdout)["checks"]}
    assert (done.returncode, rows["installation"]["standing"]) == (3, "missing"), done.stderr
    assert "/var/lib/freqtrain/carrier/trees/" in rows["installation"]["found"]


def test_a_32_bit_system_is_refused_before_anything_is_changed(device: Device) -> None:
    there = device.container
    there.sh("mkdir -p /tmp/old; printf '#!/bin/sh\\necho 32\\n' > /tmp/old/getconf; chmod 755 /tmp/old/getconf")
    done = there.set_up(env=["PATH=/tmp/old:/usr/sbin:/usr/bin:/sbin:/bin"])
    assert (done.returncode, "install Raspberry Pi OS (64-bit)" in done.stderr) == (3, True)


def test_an_archive_of_another_digest_is_not_unpacked(device: Device) -> None:
    wrong = device.container.set_up("--tags", "runners", "--extra-vars", f"freqtrain_runner_sha256={'0' * 64}")
    assert wrong.returncode != 0
    assert "checksum" in (wrong.stdout + wrong.stderr).lower()


def test_a_backup_is_restored_on_an_empty_device_and_holds_no_secret(device: Device) -> None:
    there, own = device.container, "/var/lib/freqtrain/test/test"
    python = "/opt/freqtrain/current/bin/python"
    write = (
        "from pathlib import Path\nfrom pipeline.adapters.clock import SystemClock\nfrom pipeline.adapters.ledger_file import LedgerFile\n"
        "class Said:\n    def say(self, line): pass\n"
        f"LedgerFile(Path('{own}/ledger.jsonl'), SystemClock(), Said()).append('cut', {{'strategy': 'dip'}})\n"
        "import sqlite3\n"
        f"d = sqlite3.connect('{own}/databases/dip.dry_run.sqlite'); d.execute('PRAGMA journal_mode = WAL'); d.execute('create table trades (id)')\n"
        "d.execute('insert into trades values (7)'); d.commit(); import time; print('open', flush=True); time.sleep(3600)\n"
    )
    there.sh(
        f"umask 077; mkdir -p {own}/bots/dip; echo {CANARY} > {own}/bots/dip/secret.json; echo {CANARY} > {own}/secrets.json",
        user="freqtrain-test",
    )
    there.run(python, "-c", write, user="freqtrain-test", detached=True)
    there.sh(
        f"for _ in $(seq 600); do [ -s {own}/databases/dip.dry_run.sqlite-wal ] && exit 0; sleep 0.1; done; exit 1"
    )
    there.sh("/opt/freqtrain/bin/back-up test")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[0-9:]+Z\n", there.sh("cat /var/lib/freqtrain/backed-up-test"))

    there.sh(
        "mkdir -p /srv/look; . /etc/freqtrain/backup.env; export RESTIC_REPOSITORY RESTIC_PASSWORD_FILE; restic restore -q latest --target /srv/look"
    )
    assert there.sh("find /srv/look -name 'dip.dry_run.sqlite'") != ""
    assert there.sh(f"grep -rlF {CANARY} /srv/look /srv/backups || true") == ""

    assert "never replaced" in there.run("/opt/freqtrain/bin/restore", "test").stderr
    there.sh(
        f"pkill -u freqtrain-test python || true; sleep 1; rm -rf {own}/ledger.jsonl* {own}/databases/* {own}/bots/dip {own}/secrets.json"
    )
    done = there.run("/opt/freqtrain/bin/restore", "test")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = there.sh(
        f"{python} -c \"import sqlite3; print(sqlite3.connect('{own}/databases/dip.dry_run.sqlite').execute('select id from trades').fetchall())\"",
        user="freqtrain-test",
    )
    assert rows == "[(7,)]\n"
    assert there.sh(f"stat -c %U:%a {own}/databases/dip.dry_run.sqlite {own}/ledger.jsonl").split() == [
        "freqtrain-test:600",
        "freqtrain-test:640",
    ]
