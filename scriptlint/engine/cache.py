"""What is remembered between runs: parsed files by the digest of their bytes, and the findings of whole runs.

Data only, as MessagePack: an entry that does not decode is a miss, and a repository that ships a cache gains nothing but
findings about itself. Writes go to a temporary file that is then renamed.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

import msgspec

from scriptlint.diag import Diagnostic
from scriptlint.engine.cache_folder import claim
from scriptlint.syntax.trivia import Comment
from scriptlint.text.source import digest_of
from scriptlint.version import __version__

_RUNS_KEPT = 20


class Run(msgspec.Struct):
    """The findings of a run and everything they depend on.

    `files` are the digests of all files that were read, empty for one that was not there; `lookups` what the search for
    each module name gave; `comments` those that may be suppressions.
    """

    files: dict[str, str]
    lookups: list[tuple[str, str, str | None]]
    diagnostics: list[Diagnostic]
    comments: dict[str, list[Comment]]


class Cache:
    """A folder of entries; None as `folder` remembers nothing."""

    def __init__(self, folder: str | None) -> None:
        self._folder = None
        if folder is not None:
            with contextlib.suppress(OSError):
                claim(folder)
                self._folder = Path(folder) / f"{__version__}-{sys.version_info[0]}.{sys.version_info[1]}"

    def parsed(self, digest: str) -> bytes | None:
        """The encoded Parsed of the file with this digest."""
        return self._read("parsed", digest)

    def store_parsed(self, digest: str, entry: bytes) -> None:
        """Remembers a parsed file."""
        self._write("parsed", digest, entry)

    def run(self, key: str) -> Run | None:
        """The run that was remembered under this key."""
        entry = self._read("runs", digest_of(key.encode("utf-8", "surrogatepass")))
        if entry is None:
            return None
        try:
            return msgspec.msgpack.decode(entry, type=Run)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def store_run(self, key: str, run: Run) -> None:
        """Remembers a run, and forgets the oldest beyond a few."""
        self._write("runs", digest_of(key.encode("utf-8", "surrogatepass")), msgspec.msgpack.encode(run))
        if self._folder is not None:
            with contextlib.suppress(OSError):
                entries = sorted((self._folder / "runs").iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
                for old in entries[_RUNS_KEPT:]:
                    old.unlink(missing_ok=True)

    def _path(self, kind: str, name: str) -> Path | None:
        return None if self._folder is None else self._folder / kind / name

    def _read(self, kind: str, name: str) -> bytes | None:
        path = self._path(kind, name)
        try:
            return None if path is None else path.read_bytes()
        except OSError:
            return None

    def _write(self, kind: str, name: str, entry: bytes) -> None:
        path = self._path(kind, name)
        if path is None:
            return
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(entry)
            os.replace(temporary, path)
