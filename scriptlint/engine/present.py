"""What the files of one run are now, and whether a judgement still holds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from scriptlint.engine.judgement import Basis, Text
from scriptlint.engine.store import Store
from scriptlint.engine.suppress import may_suppress
from scriptlint.program.lookup import locate, mentions
from scriptlint.program.module import dotted_name
from scriptlint.syntax.trivia import Comment
from scriptlint.text import MARKDOWN, NOTEBOOK
from scriptlint.text.code import Code, code_of, comments_of
from scriptlint.text.source import digest_of

_WHOLE, _CODE = "whole", "code"


class Present:
    """Tells what files are, each asked once; `among` are those that were asked for, and those with roots."""

    def __init__(self, among: Iterable[str], store: Store) -> None:
        self.among = digest_of("\n".join(sorted(among)).encode("utf-8", "surrogatepass"))
        self.digest = store.digest
        self._store = store
        self._states: dict[tuple[str, str], str] = {}
        self._codes: dict[str, Code | None] = {}
        self._lookups: dict[tuple[str, str], str | None] = {}
        self._words: dict[tuple[str, str], bool] = {}

    def code(self, path: str) -> Code | None:
        """Return the code of a file; None where all of it matters."""
        if path not in self._codes:
            is_apart = path.endswith((NOTEBOOK, MARKDOWN)) or not self.digest(path)
            self._codes[path] = None if is_apart else code_of(self._store.source(path).text)
        return self._codes[path]

    def suppressions(self, path: str) -> list[Comment]:
        """Return the comments of a file that may be suppressions, where its code is known."""
        found = (Comment(*one) for one in comments_of(self._store.source(path).text))
        return [one for one in found if may_suppress(one)]

    def text(self, path: str) -> Text:
        """Return what has to be remembered of a text to find places of it in another text of the same code."""
        code = self.code(path)
        return Text(self.digest(path), [] if code is None else code.gaps)

    def state(self, path: str, *, whole: bool) -> str:
        """Return what a file holds, and by which name it is imported; the `whole` of it, or its code if that can be told."""
        code = None if whole else self.code(path)
        return self._state(path, _WHOLE if code is None else _CODE)

    def _state(self, path: str, kind: str) -> str:
        if (path, kind) not in self._states:
            code = self.code(path) if kind == _CODE else None
            digest = self.digest(path) if kind == _WHOLE else "" if code is None else code.digest
            self._states[path, kind] = f"{kind} {digest} {dotted_name(path)}"
        return self._states[path, kind]

    def agrees(self, basis: Basis) -> bool:
        """Return True if all that a judgement rests on is as it was then."""
        return (
            basis.among in ("", self.among)
            and all(self._state(path, then.partition(" ")[0]) == then for path, then in basis.files.items())
            and all(self._located(root, name) == then for root, name, then in basis.lookups)
            and all(self._mentions(path, word) == then for path, word, then in basis.words)
        )

    def _located(self, root: str, name: str) -> str | None:
        key = (root, name)
        if key not in self._lookups:
            self._lookups[key] = locate(Path(root), name)
        return self._lookups[key]

    def _mentions(self, path: str, word: str) -> bool:
        key = (path, word)
        if key not in self._words:
            self._words[key] = mentions(self._store.bytes(path), word)
        return self._words[key]
