"""supervisord's configuration is data, and the same data are the same text."""

import configparser

from pipeline.adapters.supervisor import sections

PROGRAM = """\
[program:test-swing-a]
command = /bin/sh launch.sh bots/test-swing-a
autostart = false
autorestart = false
startsecs = 0
startretries = 0
stopsignal = TERM
stopwaitsecs = 45
killasgroup = true
redirect_stderr = true
stdout_logfile = NONE
"""

SUPERVISORD = """\
[supervisord]
identifier = freqtrain-1-abc
logfile = supervisord.log
logfile_maxbytes = 5242880
logfile_backups = 1
pidfile = supervisord.pid
childlogdir = .
nocleanup = true
umask = 077
minfds = 512

[unix_http_server]
file = supervisor.sock
chmod = 0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[rpcinterface:freqtrain]
supervisor.rpcinterface_factory = pipeline.adapters.supervisor.inside:make_interface

[include]
files = bots/*/program.conf
"""


def test_a_bot_is_a_program_that_supervisord_never_starts_by_itself() -> None:
    assert sections.rendered(sections.program("test-swing-a", 45.0)) == PROGRAM


def test_supervisord_listens_on_its_unix_socket_and_nowhere_else() -> None:
    text = sections.rendered(sections.supervisord("freqtrain-1-abc", "supervisor.sock"))
    assert text == SUPERVISORD
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    assert "inet_http_server" not in parser.sections()


def test_a_bot_gets_at_least_a_second_to_end() -> None:
    assert sections.program("a", 0.2)["program:a"]["stopwaitsecs"] == 1
