"""What a finding is beside its place: where it is defined, and a name for it that stays when lines move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

from scriptlint.diag import Diagnostic
from scriptlint.engine.definitions import Definitions
from scriptlint.engine.paths import shown
from scriptlint.output.places import Places
from scriptlint.output.words import sentence


class Identity(NamedTuple):
    """The class or function that holds a finding, empty outside of all, and the fingerprint of the finding."""

    definition: str
    fingerprint: str


def identities(findings: Iterable[Diagnostic], places: Places) -> Iterator[Identity]:
    """Yield the identity of each finding; of those that are alike, each has a number."""
    known: dict[str, Definitions | None] = {}
    met: Counter[tuple[str, ...]] = Counter()
    for one in findings:
        path = one.span.path
        if path not in known:
            source = places.source(path)
            known[path] = None if source is None else Definitions(source)
        definitions = known[path]
        name = definitions.name(one.span.start) if definitions is not None else ""
        parts = one.code, shown(path).replace("\\", "/"), name, sentence(one)
        digest = sha256("\0".join([*parts, str(met[parts])]).encode("utf-8", "surrogateescape"))
        met[parts] += 1
        yield Identity(name, digest.hexdigest())
