"""Judgements of the classes of a file, put together to one of the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from scriptlint.engine.judgement import Basis, Judgement, Looked, Part, State

T = TypeVar("T")


def joined(part: Part, pieces: Sequence[Judgement]) -> Judgement:
    """Return the judgement of a part of which these are the pieces."""
    whole = {path for one in pieces for path in one.basis.files if path not in one.texts and _is_whole(one, path)}
    return Judgement(
        part,
        _basis([one.basis for one in pieces]),
        [(about, found) for one in pieces for about, found in one.findings],
        [verdict for one in pieces for verdict in one.verdicts],
        any(one.has_roots for one in pieces),
        told=_each(told for one in pieces for told in one.told),
        rooted=_each(place for one in pieces for place in one.rooted),
        reached=_each(place for one in pieces for place in one.reached),
        excluded=_each(place for one in pieces for place in one.excluded),
        looked_at=_each(place for one in pieces for place in one.looked_at),
        annotations=_each(annotation for one in pieces for annotation in one.annotations),
        used=_each(place for one in pieces for place in one.used),
        unreached=_each(span for one in pieces for span in one.unreached),
        saves=_each(save for one in pieces for save in one.saves),
        loads=_each(load for one in pieces for load in one.loads),
        stated=sorted({name for one in pieces for name in one.stated}),
        failures=pieces[0].failures,
        comments=pieces[0].comments,
        texts={path: text for one in pieces for path, text in one.texts.items() if path not in whole},
        pieces=msgspec.Raw(msgspec.msgpack.encode(pieces)),
    )


def pieces_of(judgement: Judgement) -> list[Judgement]:
    """Return the pieces that a judgement was put together from; none where it was made as one."""
    return msgspec.msgpack.decode(judgement.pieces, type=list[Judgement])


def _is_whole(one: Judgement, path: str) -> bool:
    """Return True if all of a file matters to a judgement."""
    return not one.basis.files[path].code


def _each(values: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(values))


def _basis(each: Sequence[Basis]) -> Basis:
    """Return what several judgements rest on together."""
    files: dict[str, State] = {}
    for one in each:
        for path, state in one.files.items():
            if path not in files or not state.code:  # of which all matters to one, all matters
                files[path] = state
    apart = {path for path in files if all(path in one.outlines for one in each if path in one.files)}
    return Basis(
        files,
        {path: _looked([one.outlines[path] for one in each if path in one.files]) for path in sorted(apart)},
        _each(lookup for one in each for lookup in one.lookups),
        _each(word for one in each for word in one.words),
        next((one.among for one in each if one.among), ""),
    )


def _looked(each: Sequence[Looked]) -> Looked:
    read = {body for one in each for body in one.bodies}
    answers: dict[tuple[int, str], dict[str, str]] = {}
    for one in each:
        for number, digest, given in one.answers:
            known = answers.setdefault((number, digest), {})
            if any(known.setdefault(question, answer) != answer for question, answer in given.items()):
                read.add((number, digest))
    return Looked(
        each[0].outline,
        sorted(read),
        sorted({attributes for one in each for attributes in one.attributes}),
        sorted({search for one in each for search in one.searched}),
        [(*body, given) for body, given in sorted(answers.items()) if body not in read],
    )
