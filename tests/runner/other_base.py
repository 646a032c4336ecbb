"""A stand-in for the base image on another kind of machine, where no registry is reached: Debian's packages, unpacked and nothing of them run."""

import subprocess
import tarfile
from pathlib import Path

from tests.needs import program

SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
RELEASE = "bookworm"
PACKAGES = "base-files,base-passwd,ca-certificates,coreutils,dash,libc-bin,libstdc++6,login,passwd,python3"
"""Python, a shell, what makes users, and the library that every base has: all that the image's last part needs."""

ACCOUNTS = {
    "etc/passwd": "./usr/share/base-passwd/passwd.master",
    "etc/group": "./usr/share/base-passwd/group.master",
}
"""What the packages' own scripts would have put there."""

DOCKERFILE = """\
FROM scratch
ADD root.tar /
COPY etc /etc
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
CMD ["python3"]
"""
SECONDS = 900.0


def unpack(folder: Path, architecture: str) -> None:
    """Lay out what an image of that kind of machine is built from, Dockerfile included."""
    argv = [program("mmdebstrap"), "--quiet", f"--arch={architecture}", "--variant=extract", f"--include={PACKAGES}"]
    argv += ["--aptopt=APT::Install-Recommends false", "--aptopt=Acquire::Check-Valid-Until false"]
    argv += [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "man", "locale")]
    argv += [RELEASE, str(folder / "root.tar"), str(SOURCES)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (folder / "etc").mkdir()
    with tarfile.open(folder / "root.tar") as archive:
        for name, source in ACCOUNTS.items():
            content = archive.extractfile(source)
            assert content is not None
            (folder / name).write_bytes(content.read())
    (folder / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
