"""Bytes to a parsed file, here or in worker processes; of a file that was parsed before, what changed is parsed.

A file that is not Python is parsed as far as it is: its tree has gaps, which say why.

A worker gets bytes and gives back the encoded tree: the parent stores it as it is and decodes it only if it is needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

import msgspec

from scriptlint.engine import failures
from scriptlint.program.module import Parsed
from scriptlint.syntax.nodes import Module
from scriptlint.syntax.room import with_room
from scriptlint.syntax.trivia import Comment
from scriptlint.syntax.walk import gaps_of
from scriptlint.text.source import UnreadableSource, decode

WORTH_A_POOL = 200_000
"""Bytes of text below which a worker costs more, by starting and importing what it needs, than it saves."""
_BATCH = 150_000


class Failure(msgspec.Struct, frozen=True):
    """Why a file has no tree, or only a part of it: `kind` is unreadable, syntax or internal; `offset` is where it stopped."""

    kind: str
    reason: str
    offset: int = 0
    is_partial: bool = False


Outcome = bytes | Failure

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Parsed)


def parse(data: bytes) -> Outcome:
    """Parse one file: its Parsed, encoded, or why there is none. Never raises for what stands in the file."""
    from scriptlint.syntax.parse import parse as parse_text

    return with_room(lambda: _outcome(data, parse_text))


def reparse(data: bytes, older: str, stored: bytes) -> Outcome:
    """Return what `parse` gives, made from what it gave for an older text of the file."""
    from scriptlint.syntax.parse import parse as parse_text
    from scriptlint.syntax.reparse import reparse as reparse_text

    def reparsed(text: str) -> tuple[Module, list[Comment]]:
        known = decoded(stored)
        if any(gaps_of(known.tree.body)):
            return parse_text(text)
        return reparse_text(text, older, known.tree, known.comments)

    return with_room(lambda: _outcome(data, reparsed))


def _outcome(data: bytes, read: Callable[[str], tuple[Module, list[Comment]]]) -> Outcome:
    from scriptlint.syntax.parse import SyntaxFailure

    try:
        text = decode(data)
        try:
            tree, comments = read(text)
        except SyntaxFailure as error:
            from scriptlint.syntax.recover import recover

            rest = recover(text, error)
            if rest is None:
                raise
            tree, comments = rest
        return _encoder.encode(Parsed(tree, comments))
    except UnreadableSource as error:
        return Failure("unreadable", str(error))
    except SyntaxFailure as error:
        return Failure("syntax", error.reason, error.offset)
    except RecursionError:
        return Failure("syntax", "it is nested too deeply to be read")
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a bug of ours must cost one file, not the run; one of libcst's is no Exception
        failures.show(error)
        return Failure("internal", failures.reason(error))


def decoded(stored: bytes) -> Parsed:
    """Return the Parsed of what `parse` gave; raises msgspec.DecodeError or ValidationError for anything else."""
    return _decoder.decode(stored)


def parse_all(
    files: Mapping[str, bytes], jobs: int, progress: Callable[[int, int, str], None] | None = None
) -> Iterator[tuple[str, Outcome]]:
    """Parse many files by path, in worker processes where that is faster; `jobs` 0 takes every processor."""
    workers = jobs or os.cpu_count() or 1
    total = len(files)
    if workers == 1 or sum(map(len, files.values())) < WORTH_A_POOL:
        for count, (path, data) in enumerate(files.items()):
            if progress is not None:
                progress(count, total, path)
            yield path, parse(data)
        return
    from scriptlint.engine.workers import results  # a run that parses nothing does not pay for it

    for done, (path, outcome) in enumerate(results(parse, files, _batches(files), workers), 1):
        if progress is not None:
            progress(done, total, path)
        yield path, outcome if outcome is not None else Failure("internal", "the process that parsed it died")


def _batches(files: Mapping[str, bytes]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    # The largest first, so that no worker is left alone with one at the end.
    for path in sorted(files, key=lambda one: -len(files[one])):
        batch.append(path)
        size += len(files[path])
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
