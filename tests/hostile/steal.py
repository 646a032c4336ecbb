"""Attacks that look for what is not theirs. Each tells what it found by raising it, so that a find would stand in the evidence."""

from tests.hostile.case import Hostile

NOT_THERE = r"FileNotFoundError|NotADirectoryError|PermissionError|found: nothing"
LIBC = "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True)\n"
FAILED = "raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))"


def found(expression: str, imports: str = "import glob, os") -> str:
    """Code that raises what an expression gives."""
    return f"{imports}\nfound = {expression}\nraise ValueError('found: ' + (str(found) if found else 'nothing'))"


STEAL = (
    Hostile("environment", "import os\nraise ValueError(os.environ['GITHUB_TOKEN'])", "KeyError: 'GITHUB_TOKEN'"),
    Hostile(
        "environment of libc",
        LIBC + "libc.getenv.restype = ctypes.c_char_p\n" + found("libc.getenv(b'GITHUB_TOKEN')", ""),
        "found: nothing",
    ),
    Hostile("environment of others", "raise ValueError(open('/proc/1/environ').read())", NOT_THERE + "|ValueError"),
    Hostile(
        "environment of all",
        found("[open(p).read() for p in glob.glob('/proc/[0-9]*/environ') if os.access(p, os.R_OK)]"),
        "found: |PermissionError",
    ),
    Hostile("users", "raise ValueError(open('/etc/passwd').read())", "FileNotFoundError"),
    Hostile(
        "keys",
        found("glob.glob('/roo[t]/.ssh/*') + glob.glob('/home/*/.ssh/*') + glob.glob('/roo[t]/.config/**')"),
        "found: nothing",
    ),
    Hostile(
        "files of the runner",
        found("glob.glob('/home/runner/**') + glob.glob('/github/**') + glob.glob('/opt/actions*')"),
        "found: nothing",
    ),
    Hostile(
        "folders of the user",
        found("[e for e in os.listdir('/') if e in ('home', 'opt', 'mnt', 'srv', 'var', 'boot')]"),
        "found: nothing",
    ),
    Hostile(
        "the neighbour",
        "import pathlib\nraise ValueError((pathlib.Path(__file__).parent.parent / 'neighbour' / 'strategy.py').read_text())",
        NOT_THERE + "|NameError",
    ),
    Hostile(
        "other strategies",
        found(
            "[d for top in os.listdir('/') if top not in ('usr', 'lib', 'lib64', 'proc', 'sys') "
            "for d, below, _ in os.walk('/' + top) if 'neighbour' in below]"
        ),
        "found: nothing",
    ),
    Hostile(
        "the checkout",
        "import pathlib, pipeline\nraise ValueError((pathlib.Path(pipeline.__file__).parents[1] / '.git' / 'config').read_text())",
        NOT_THERE,
    ),
    Hostile(
        "the environments",
        found(
            "[str(p) for p in pathlib.Path(pipeline.__file__).parents[1].iterdir() if p.name in "
            "('environments', 'strategies', '.git', 'tests', 'user_data')]",
            "import pathlib, pipeline",
        ),
        "found: nothing",
    ),
    Hostile(
        "cloud metadata",
        "import urllib.request\nurllib.request.urlopen('http://169.254.169.254/latest/meta-data/', timeout=3)",
        "no network|PermissionError",
    ),
    Hostile(
        "cloud metadata below Python",
        LIBC + "import struct, socket\ns = libc.socket(2, 1, 0)\n"
        "a = struct.pack('!H', 80) + bytes([169, 254, 169, 254]) + bytes(8)\n"
        "if libc.connect(s, struct.pack('H', 2) + a, 16): " + FAILED,
        "unreachable|timed out",
    ),
    Hostile(
        "names below Python",
        LIBC + "r = ctypes.c_void_p()\ncode = libc.getaddrinfo(b'example.org', b'80', None, ctypes.byref(r))\n"
        "raise OSError(code, 'no such name' if code else 'resolved')",
        "no such name",
    ),
    Hostile(
        "Docker's socket",
        found("[p for p in ('/var/run/docker.sock', '/run/docker.sock') if os.path.exists(p)]"),
        "found: nothing",
    ),
    Hostile(
        "the worker's registers",
        LIBC + "if libc.ptrace(16, os.getppid(), 0, 0): " + FAILED,
        "not permitted|PermissionError",
    ),
    Hostile(
        "the worker's memory",
        LIBC + "class V(ctypes.Structure): _fields_ = [('base', ctypes.c_void_p), ('size', ctypes.c_size_t)]\n"
        "b = ctypes.create_string_buffer(8)\nhere = V(ctypes.addressof(b), 8); there = V(id(None), 8)\n"
        "if libc.process_vm_readv(os.getppid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0) < 0: "
        + FAILED
        + "\nraise ValueError('read it')",
        "not permitted|PermissionError",
    ),
    Hostile(
        "another program",
        "import subprocess\nsubprocess.run(['/bin/sh', '-c', 'id'], check=True)",
        "starts no programs|PermissionError",
    ),
    Hostile(
        "another program below Python",
        LIBC + "libc.execv(b'/bin/sh', (ctypes.c_char_p * 2)(b'/bin/sh', None))\n" + FAILED,
        "No such file",
    ),
)
