"""What a hostile or unlucky repository, file system or caller may do: nothing of the user's is touched, and nobody else's
findings are lost.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
REFUSED = """\
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        return (lambda y: y)(x)


torch.jit.script(Net())
"""


def scriptlint(folder: Path, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "scriptlint", *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )


def codes(done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    """The codes that a run in the concise format has found, by file."""
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        place, _, rest = line.partition(": ")
        if place.count(":") >= 2:
            found.setdefault(place.rsplit(":", 2)[0], []).append(rest.split()[1])
    return found
