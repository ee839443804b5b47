"""Making and opening snapshots: one file per version of torch, holding all that the analyses ask about it.

`make` starts the interpreter whose torch is asked, lets it import `torchlib.survey` (and no other file of ours: that
interpreter need not have scriptlint's dependencies), and packs its answers. A snapshot is a MessagePack map from section
to a zlib-compressed MessagePack map; opening one decodes the outer map only, and a section is unpacked when it is first
asked for. Records inside a section stay undecoded (`msgspec.Raw`) until they are looked up.

Why zlib: lzma makes the file smaller (233 kB, not 329) and takes 2.4 times as long to unpack (12.7 ms, not 5.4, for all).

"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import msgspec

FORMAT = 1
SUFFIX = ".snapshot"
HOME = Path(__file__).parent / "data"

# The child finds the survey without the packages above it being run: they may need what its interpreter does not have.
BOOT = """
import sys, types
for name, path in (("scriptlint", sys.argv[1]), ("scriptlint.torchlib", sys.argv[2])):
    package = types.ModuleType(name)
    package.__path__ = [path]
    sys.modules[name] = package
from scriptlint.torchlib.survey import main
main(sys.argv[3])
"""


class SnapshotFailed(Exception):
    """The interpreter could not be asked: it has no torch, or the survey stopped."""


def make(python: str, out: Path | None = None) -> Path:
    """Ask the torch of the interpreter `python` everything and write the snapshot; return where.

    `out` is a file, or a folder for a file named after the version; None means the folder that scriptlint ships.
    """
    import subprocess  # linting opens snapshots and never makes one
    import tempfile

    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as scratch:
        answers = Path(scratch) / "answers.json"
        command = [python, "-c", BOOT, str(here.parent), str(here), str(answers)]
        child = subprocess.run(command, capture_output=True, text=True, cwd=scratch, check=False)
        if child.returncode != 0 or not answers.exists():
            errors = [
                line for line in child.stderr.splitlines() if line.startswith(("ModuleNotFoundError", "ImportError"))
            ]
            raise SnapshotFailed(
                f"`{python}` could not be asked about torch: {errors[-1] if errors else f'exit code {child.returncode}'}"
            )
        sections: dict[str, Any] = json.loads(answers.read_text("utf-8"))
    where = out or HOME
    if where.suffix != SUFFIX:
        where.mkdir(parents=True, exist_ok=True)
        where = where / f"torch-{sections['meta']['torch']}{SUFFIX}"
    where.write_bytes(pack(sections))
    return where


def pack(sections: dict[str, Any]) -> bytes:
    """Return the bytes of a snapshot file."""
    packed = {name: zlib.compress(msgspec.msgpack.encode(answers), 9) for name, answers in sections.items()}
    return msgspec.msgpack.encode({"format": FORMAT, "sections": packed})


class _File(msgspec.Struct):
    format: int
    sections: dict[str, bytes]


class Snapshot:
    """An opened snapshot file; raises ValueError for anything that is not one."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = msgspec.msgpack.decode(path.read_bytes(), type=_File)
        except msgspec.MsgspecError as error:
            raise ValueError(f"`{path}` is not a snapshot: {error}") from error
        if self._file.format != FORMAT:
            raise ValueError(f"`{path}` is a snapshot of another format ({self._file.format}, not {FORMAT})")

    def section(self, name: str) -> dict[str, msgspec.Raw]:
        """Return a section's records, undecoded."""
        return msgspec.msgpack.decode(zlib.decompress(self._file.sections[name]), type=dict[str, msgspec.Raw])

    def strings(self, name: str) -> dict[str, str]:
        """Return a section that maps strings to strings."""
        return msgspec.msgpack.decode(zlib.decompress(self._file.sections[name]), type=dict[str, str])
