"""What is remembered between runs: parsed files by the digest of their bytes, judgements, the findings of whole runs, and
which files of a project may hold roots.

Why it lies in the project, and is authenticated: there it goes when the project goes, and what a service for continuous
integration keeps of a checkout holds it. But a repository may bring one along, in which the entry of a harmless file
stands for another. So every entry carries a code made with a key of the user's own (see `user`), over what it is about,
over the state of scriptlint, of the parser and of Python, and over its content. An entry whose code is wrong is a miss,
as is one that was written before a rule was changed, or that a disk has damaged. Without a key nothing is remembered.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import sys
from functools import cache
from importlib.machinery import PathFinder
from typing import TypeVar

import msgspec

from scriptlint.diag import Diagnostic, Span
from scriptlint.engine import cache_folder, user
from scriptlint.engine.cache_folder import ENTRY, Place, is_regular
from scriptlint.engine.folder import Folder
from scriptlint.engine.judgement import Basis, Judgement
from scriptlint.engine.outcomes import Outcomes
from scriptlint.syntax.trivia import Comment
from scriptlint.text.source import digest_of
from scriptlint.version import __version__

_KEPT = {"runs": 20, "verdicts": 20, "parsed": 20_000, "judged": 60_000, "seen": 20}
T = TypeVar("T")

_LIMIT = 256 << 20  # bytes of an entry
_CODE = 32  # bytes of its code


class Run(msgspec.Struct):
    """The findings of a run and everything they depend on.

    `comments` are those that may be suppressions; `outcomes` what was judged, and `unjudged` where the classes are that
    were not.
    """

    basis: Basis
    diagnostics: list[Diagnostic]
    comments: dict[str, list[Comment]]
    outcomes: Outcomes
    unjudged: list[Span]


class Seen(msgspec.Struct, frozen=True):
    """A file as it was when it was searched: its size in bytes, its last change in nanoseconds, whether it seems to give
    something to torch.jit, and the dotted names in its import statements.
    """

    size: int
    changed: int
    is_root: bool
    imports: list[str]


class Cache:
    """The entries at one place; None as `place` remembers nothing."""

    def __init__(self, place: Place | None) -> None:
        self._folders: dict[str, Folder] = {}
        self._key = None if place is None else user.key()
        if place is None or self._key is None:
            return
        version = f"{__version__}-{sys.version_info[0]}.{sys.version_info[1]}"
        with contextlib.suppress(cache_folder.Foreign, OSError, ValueError):
            folder = cache_folder.claim(place).enter(version, make=0o777)
            self._folders = {kind: folder.enter(kind, make=0o777) for kind in _KEPT}

    def parsed(self, digest: str) -> bytes | None:
        """Return the encoded Parsed of the file with this digest."""
        return self._read("parsed", digest)

    def has_parsed(self, digest: str) -> bool:
        """Return True if there is an entry for the file with this digest, which may turn out to be wrong."""
        folder = self._folders.get("parsed")
        return folder is not None and is_regular(folder, digest)

    def store_parsed(self, digest: str, entry: bytes) -> None:
        """Remember a parsed file."""
        self._write("parsed", digest, entry)

    def run(self, key: str) -> Run | None:
        """Return the run that was remembered under this key."""
        return self._decoded("runs", key, Run)

    def store_run(self, key: str, run: Run) -> None:
        """Remember a run, and forget the oldest entries beyond a few."""
        try:
            entry = msgspec.msgpack.encode(run)
        except (UnicodeEncodeError, RecursionError):
            return  # the name of a file is no UTF-8: it is looked at again each time
        self._write("runs", _name(key), entry)
        for kind in self._folders:
            with contextlib.suppress(OSError):
                self._prune(kind)

    def verdicts(self, key: str, kind: type[T]) -> T | None:
        """Return the verdicts that were remembered under this key."""
        return self._decoded("verdicts", key, kind)

    def store_verdicts(self, key: str, verdicts: msgspec.Struct) -> None:
        """Remember verdicts."""
        with contextlib.suppress(UnicodeEncodeError, RecursionError):
            self._write("verdicts", _name(key), msgspec.msgpack.encode(verdicts))
            self._prune("verdicts")

    def judgement(self, name: str) -> Judgement | None:
        """Return the judgement that was remembered under this name."""
        return self._decoded("judged", name, Judgement)

    def store_judgement(self, name: str, judgement: Judgement) -> None:
        """Remember a judgement in place of an earlier one."""
        with contextlib.suppress(UnicodeEncodeError, RecursionError):
            self._write("judged", _name(name), msgspec.msgpack.encode(judgement))

    def seen(self, root: str) -> dict[str, Seen]:
        """Return what was found out about the files of a project."""
        return self._decoded("seen", root, dict[str, Seen]) or {}

    def store_seen(self, root: str, seen: dict[str, Seen]) -> None:
        """Remember what was found out about the files of a project."""
        with contextlib.suppress(UnicodeEncodeError):
            self._write("seen", _name(root), msgspec.msgpack.encode(seen))

    def _decoded(self, kind: str, key: str, type_: type[T]) -> T | None:
        """Return the entry of a kind under a key; None where there is none that can be used."""
        entry = self._read(kind, _name(key))
        if entry is None:
            return None
        try:
            return msgspec.msgpack.decode(entry, type=type_)
        except Exception:  # whatever is in it
            return None

    def _read(self, kind: str, name: str) -> bytes | None:
        folder = self._folders.get(kind)
        if folder is None:
            return None
        try:
            stored = folder.read(name, _LIMIT)
        except (OSError, MemoryError):
            return None
        code, entry = stored[:_CODE], stored[_CODE:]
        return entry if hmac.compare_digest(code, self._code(kind, name, entry)) else None

    def _write(self, kind: str, name: str, entry: bytes) -> None:
        folder = self._folders.get(kind)
        if folder is not None and len(entry) + _CODE <= _LIMIT:
            with contextlib.suppress(OSError):
                folder.replace(name, self._code(kind, name, entry) + entry)

    def _code(self, kind: str, name: str, entry: bytes) -> bytes:
        code = hashlib.blake2b(f"{kind} {name} {program()}\n".encode(), key=self._key or b"", digest_size=_CODE)
        code.update(entry)
        return code.digest()

    def _prune(self, kind: str) -> None:
        folder = self._folders[kind]
        folder.sweep()
        names = [name for name in folder.names() if ENTRY.fullmatch(name)]
        if len(names) <= _KEPT[kind]:
            return
        ages = {name: folder.status(name).st_mtime for name in names if is_regular(folder, name)}
        for name in sorted(ages, key=ages.__getitem__, reverse=True)[_KEPT[kind] :]:
            with contextlib.suppress(OSError):
                folder.remove(name)


def _name(key: str) -> str:
    return digest_of(key.encode("utf-8", "surrogatepass"))


@cache
def program() -> str:
    """Return what changes when scriptlint, its snapshots, the parser or Python are other ones than before.

    Files are told by their size and the time of their last change: to read them would cost more than a warm run.
    """
    seen = [__version__, sys.version]
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    waiting = [package]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting += [entry.path] if entry.name not in ("__pycache__", "rules") else []
                else:
                    status = entry.stat()
                    seen.append(f"{entry.path} {status.st_size} {status.st_mtime_ns}")
    parser = PathFinder.find_spec("libcst")
    if parser is not None and parser.origin is not None:
        with contextlib.suppress(OSError):
            seen.append(f"{parser.origin} {os.stat(parser.origin).st_mtime_ns}")
    return digest_of("\n".join(sorted(seen)).encode("utf-8", "surrogatepass"))
