"""What was found before: findings that a project has decided to live with, so that only new ones count.

A finding is known by its file, its rule and the class or function that it is in, and each of these has a number: a line
that moves changes nothing, and one finding more is noticed. Which of several findings in one function is the new one cannot
be told then, so all of them are shown.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import msgspec

from scriptlint.diag import Diagnostic
from scriptlint.engine.definitions import Definitions
from scriptlint.engine.paths import shown
from scriptlint.engine.rules import FAILURES
from scriptlint.engine.settings_file import SettingsError
from scriptlint.text import SourceFile, UnreadableSource
from scriptlint.text.reading import read as read_bytes

DEFAULT_NAME = "scriptlint-baseline.json"
_VERSION = 1


class Key(NamedTuple):
    """What findings have in common that are counted together; `file` is relative to the folder of the baseline."""

    file: str
    definition: str
    rule: str


@dataclass(frozen=True)
class Compared:
    """The findings that a baseline does not have, those that it has, and how many of its entries found less than they say."""

    new: Sequence[Diagnostic]
    known: Sequence[Diagnostic]
    stale: int


class Baseline:
    """The findings of one file of a baseline, counted."""

    def __init__(self, path: str, counts: Mapping[Key, int]) -> None:
        self.path = path
        self.counts = Counter(dict(counts))

    def compared(
        self, findings: Sequence[Diagnostic], sources: Callable[[str], SourceFile], linted: Collection[str]
    ) -> Compared:
        """Compare with what is found now; entries of files that were not linted are left alone."""
        keys = Keys(self.path, sources)
        found = [(one, keys.of(one)) for one in findings]
        counts = Counter(key for _, key in found if key is not None)
        known = {key for key, count in counts.items() if count <= self.counts[key]}
        judged = keys.files(linted, findings)
        return Compared(
            new=[one for one, key in found if key not in known],
            known=[one for one, key in found if key in known],
            stale=sum(count > counts[key] for key, count in self.counts.items() if self._is_judged(key, judged)),
        )

    def renewed(
        self,
        findings: Sequence[Diagnostic],
        sources: Callable[[str], SourceFile],
        linted: Collection[str],
        *,
        grow: bool,
    ) -> Baseline:
        """Return a baseline with what is found now in the files that were linted; without `grow`, no number rises."""
        keys = Keys(self.path, sources)
        found = Counter(key for one in findings if (key := keys.of(one)) is not None)
        judged = keys.files(linted, findings)
        kept = {key: count for key, count in self.counts.items() if not self._is_judged(key, judged)}
        now = {key: count if grow else min(count, self.counts[key]) for key, count in found.items()}
        return Baseline(self.path, {key: count for key, count in {**kept, **now}.items() if count})

    def _is_judged(self, key: Key, judged: frozenset[str]) -> bool:
        folder = os.path.dirname(self.path)
        return key.file in judged or not os.path.lexists(os.path.join(folder, key.file))

    def text(self) -> str:
        """Return the content of the file, an entry on each line so that two branches can be merged."""
        lines = [json.dumps({**key._asdict(), "count": count}) for key, count in sorted(self.counts.items())]
        entries = "".join(f"\n    {line}{',' if at < len(lines) else ''}" for at, line in enumerate(lines, 1))
        return f'{{\n  "version": {_VERSION},\n  "findings": [{entries}{chr(10) + "  " if lines else ""}]\n}}\n'


class Keys:
    """Makes the keys of findings, reading every file once."""

    def __init__(self, baseline: str, sources: Callable[[str], SourceFile]) -> None:
        self._folder = os.path.dirname(baseline)
        self._sources = sources
        self._known: dict[str, Definitions | None] = {}

    def of(self, finding: Diagnostic) -> Key | None:
        """Return the key of a finding; None for a file that could not be judged, which nobody can live with."""
        if finding.code in FAILURES:
            return None
        path = finding.span.path
        if path not in self._known:
            try:
                self._known[path] = Definitions(self._sources(path))
            except (OSError, LookupError, UnreadableSource):
                self._known[path] = None
        definitions = self._known[path]
        name = definitions.name(finding.span.start) if definitions is not None else ""
        return Key(self._file(path), name, finding.code)

    def files(self, linted: Iterable[str], findings: Iterable[Diagnostic]) -> frozenset[str]:
        """Return the names of the files that were judged as a whole."""
        failed = {one.span.path for one in findings if one.code in FAILURES}
        return frozenset(self._file(path) for path in linted if path not in failed)

    def _file(self, path: str) -> str:
        return os.path.relpath(path, self._folder).replace(os.sep, "/")


def read(path: str) -> Baseline:
    """Read a baseline; raises SettingsError, whose message is one sentence, for a file that is not one."""
    name = shown(path)
    try:
        document = msgspec.json.decode(read_bytes(path), type=_Document)
    except FileNotFoundError:
        raise SettingsError(f"{name}: there is no such baseline; `scriptlint baseline` writes one") from None
    except OSError as error:
        raise SettingsError(f"{name}: the baseline cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}: this is not a baseline: {error}") from None
    if document.version != _VERSION:
        raise SettingsError(f"{name}: this is not a baseline of version {_VERSION}")
    counts: Counter[Key] = Counter()
    for entry in document.findings:
        counts[Key(entry.file, entry.definition, entry.rule)] += entry.count
    return Baseline(path, counts)


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    file: str
    definition: str
    rule: str
    count: Annotated[int, msgspec.Meta(gt=0)]


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    findings: list[_Entry]
