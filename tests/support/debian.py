"""Debian packages unpacked into `.tools/`, nothing installed: no root, no services, the system stays as it is."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.instance import ServerUnavailable

TOOLS = Path(__file__).resolve().parents[2] / ".tools"


def is_possible() -> bool:
    """Whether this machine has the tools to fetch and unpack Debian packages."""
    return all(shutil.which(tool) for tool in ("apt-get", "dpkg"))


def unpacked(package: str) -> Path:
    """The root folder with the package and what it needs beyond what is installed; fetched at first use.

    Raises ``ServerUnavailable`` when the package cannot be fetched.
    """
    root = TOOLS / package / "root"
    if root.exists():  # it appears whole, whoever of this folder's users fetched it
        return root
    try:
        TOOLS.mkdir(exist_ok=True)
        with (TOOLS / f"{package}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not root.exists():
                print(f"daybook test: fetching {package} into {TOOLS.name} (once) …", file=sys.stderr, flush=True)
                _fetch(package, TOOLS / package, root)
    except OSError as error:
        raise ServerUnavailable(f"{package} cannot be unpacked into {TOOLS}: {error.strerror}") from None
    return root


def _fetch(package: str, folder: Path, root: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    options: list[str] = []
    try:
        _download(package, folder, options)
    except subprocess.CalledProcessError:  # package lists missing or old: fetch them into a place of our own
        options = _own_lists(folder)
        try:
            _run(["apt-get", *options, "update"], folder)
            _download(package, folder, options)
        except subprocess.CalledProcessError as failure:
            raise ServerUnavailable(f"apt-get could not fetch {package}:\n{failure.stdout[-2000:]}") from None
    unpacking = folder / "unpacking"
    for archive in sorted(folder.glob("*.deb")):
        _run(["dpkg", "-x", str(archive), str(unpacking)], folder)
        archive.unlink()
    _relocate_erlang(unpacking)
    unpacking.rename(root)


def _download(package: str, folder: Path, options: list[str]) -> None:
    plan = _run(["apt-get", *options, "install", "--simulate", "--no-install-recommends", package], folder)
    names = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    _run(["apt-get", *options, "download", *(names or [package])], folder)


def _own_lists(folder: Path) -> list[str]:
    for part in ("state/lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    return [
        *("-o", f"Dir::State::lists={folder}/state/lists"),
        *("-o", f"Dir::Cache={folder}/cache"),
        *("-o", "Debug::NoLocking=1"),
    ]


def _run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ).stdout


def _relocate_erlang(root: Path) -> None:
    """Debian's ``erl`` knows only /usr/lib/erlang; here it finds its own folder."""
    erl = root / "usr/lib/erlang/bin/erl"
    if erl.exists():
        script = erl.read_text()
        erl.write_text(script.replace("ROOTDIR=/usr/lib/erlang\n", 'ROOTDIR="$(cd "${progdir}/.." && pwd)"\n'))


def library_path(root: Path) -> str:
    """LD_LIBRARY_PATH for programs unpacked under a root."""
    return os.pathsep.join(str(folder) for folder in sorted((root / "usr/lib").glob("*-linux-*")) if folder.is_dir())
