"""Runs the shell blocks of a page as a reader would: one after the other, in one shell, in an empty directory."""

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

TIMEOUT_S = 240

# What the pages use of curl, for machines without it.
_CURL = f"""#!{sys.executable}
import base64, sys, urllib.error, urllib.request
arguments, headers, url, data, show, fail = iter(sys.argv[1:]), {{}}, "", [], False, False
for one in arguments:
    if one == "-H":
        name, _, value = next(arguments).partition(": ")
        headers[name] = value
    elif one == "-d":
        data.append(next(arguments))
    elif one == "-u":
        headers["Authorization"] = "Basic " + base64.b64encode(next(arguments).encode()).decode()
    elif one.startswith("-"):
        show, fail = show or "i" in one, fail or "f" in one
    else:
        url = one
body = "&".join(data).encode() if data else None
try:
    answer = urllib.request.urlopen(urllib.request.Request(url, body, headers))
except urllib.error.HTTPError as error:
    answer = error
except OSError:
    sys.exit(7)
if fail and answer.status >= 400:
    sys.exit(22)
if show:
    print(f"HTTP/1.1 {{answer.status}} {{answer.reason}}\\n{{answer.headers}}", end="")
sys.stdout.write(answer.read().decode())
"""


def run_blocks(page: str, *, directory: Path, database_url: str) -> str:
    """What the page's `bash` blocks print; an AssertionError with it when one fails."""
    programs = directory / "programs"
    programs.mkdir()
    # The commands of this environment, whether or not it is active.
    for name, target in (("escrow", Path(sys.executable).parent / "escrow"), ("python3", Path(sys.executable))):
        (programs / name).write_text(f'#!/bin/sh\nexec "{target}" "$@"\n')
    if shutil.which("curl") is None:
        (programs / "curl").write_text(_CURL)
    for program in programs.iterdir():
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    blocks = re.findall(r"```bash\n(.*?)```", page, flags=re.S)
    assert blocks, "the page has no commands"
    script = "\n".join(["set -euo pipefail", "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT", *blocks])
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "ESCROW_DATABASE_URL": database_url,
        "ESCROW_DATA_DIR": str(directory / "data"),
        "ESCROW_PORT": str(_free_port()),
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
