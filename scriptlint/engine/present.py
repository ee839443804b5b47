"""What the files of one run are now, and whether a judgement still holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scriptlint.engine.judgement import Basis, Looked, State, Text
from scriptlint.engine.memory import Memory
from scriptlint.engine.settings import Settings
from scriptlint.engine.store import Store
from scriptlint.engine.suppress import may_suppress
from scriptlint.program.lookup import locate, mentions
from scriptlint.program.module import ModuleInfo, dotted_name
from scriptlint.syntax.trivia import Comment
from scriptlint.text import MARKDOWN, NOTEBOOK
from scriptlint.text.code import Code, code_of, comments_of
from scriptlint.text.source import digest_of

if TYPE_CHECKING:
    from scriptlint.engine.answers import Answers
    from scriptlint.engine.outline import Outline


class Present:
    """Tells what files are, each asked once; `among` are those that were asked for, and those with roots.

    Without `settings` nothing is asked of functions that have changed: what took answers of them does not hold.
    """

    def __init__(self, among: Iterable[str], store: Store, settings: Settings | None = None) -> None:
        self.among = digest_of("\n".join(sorted(among)).encode("utf-8", "surrogatepass"))
        self._store = store
        self._digests: dict[str, str] = {}
        self._names: dict[str, str] = {}
        memory = store.memory or Memory()
        self._codes = memory.codes
        self._outlines = memory.outlines
        self._lookups: dict[tuple[str, str], str | None] = {}
        self._words: dict[tuple[str, str], bool] = {}
        self._suppressions: dict[str, list[Comment]] = {}
        self._searched: dict[tuple[str, str], bool] = {}
        self._loaded: tuple[str, ModuleInfo | None] = "", None
        self._settings = settings
        self._answers: Answers | None = None

    def digest(self, path: str) -> str:
        """Return the digest of a file; empty where it cannot be read."""
        if path not in self._digests:
            self._digests[path] = self._store.digest(path)
        return self._digests[path]

    def code(self, path: str) -> Code | None:
        """Return the code of a file; None where all of it matters."""
        digest = self.digest(path)
        known = self._codes.get(path)
        if known is None or known[0] != digest:
            is_apart = path.endswith((NOTEBOOK, MARKDOWN)) or not digest
            code = None if is_apart else code_of(self._store.source(path).text)
            known = self._codes[path] = digest, code
        return known[1]

    def outline(self, path: str, module: ModuleInfo | None = None) -> Outline | None:
        """Return the outline of a file, of which the tree may be at hand; None where there is none."""
        digest = self.digest(path)
        known = self._outlines.get(path)
        if known is None or known[0] != digest:
            code = self.code(path)
            if code is not None and module is None:
                self._store.prepare([path], 1)
                module = self._module(path)
            made = None
            if code is not None and module is not None and not module.gaps:
                from scriptlint.engine.outline import outline_of  # with half of the analysis, where something changed

                made = outline_of(module, code)
            known = self._outlines[path] = digest, made
        return known[1]

    def bodies(self, path: str) -> Sequence[tuple[int, int]]:
        """Return where in the code of a file bodies begin and end that are no part of its outline."""
        outline = self.outline(path)
        return [] if outline is None else outline.places

    def suppressions(self, path: str) -> list[Comment]:
        """Return the comments of a file that may be suppressions, where its code is known."""
        if path not in self._suppressions:
            found = (Comment(*one) for one in comments_of(self._store.source(path).text))
            self._suppressions[path] = [one for one in found if may_suppress(one)]
        return self._suppressions[path]

    def text(self, path: str, *, is_apart: bool) -> Text:
        """Return what has to be remembered of a text to find places of it in another text.

        That is one of the same code, or of the same outline where bodies are `is_apart`.
        """
        code = self.code(path)
        outline = self.outline(path) if is_apart else None
        bodies = [] if outline is None else outline.places
        return Text(self.digest(path), [] if code is None else code.gaps, list(bodies))

    def state(self, path: str, *, whole: bool) -> State:
        """Return what a file is now; without its code if the `whole` of it matters."""
        code = None if whole else self.code(path)
        return State(self.digest(path), "" if code is None else code.digest, self._name(path))

    def _name(self, path: str) -> str:
        if path not in self._names:
            self._names[path] = dotted_name(path)
        return self._names[path]

    def _is(self, path: str, basis: Basis) -> bool:
        """Return True if a file is what it was, as far as that matters."""
        then = basis.files[path]
        if then.name != self._name(path):
            return False
        if then.digest == self.digest(path):
            return True
        if not then.code or (now := self.code(path)) is None:
            return False
        return now.digest == then.code or (path in basis.outlines and self._agrees(path, basis.outlines[path]))

    def _agrees(self, path: str, then: Looked) -> bool:
        """Return True if of a file all is as it was that was looked at."""
        now = self.outline(path)
        return (
            now is not None
            and now.digest == then.outline
            and all(now.bodies[number] == one for number, one in then.bodies)
            and all(self._of_attributes(path, now, number) == one for number, one in then.attributes)
            and all(self._matches(path, pattern) == one for pattern, one in then.searched)
            and all(
                now.bodies[number] == digest or self._answer(path, now.functions[number], answers)
                for number, digest, answers in then.answers
            )
        )

    def _answer(self, path: str, number: int, answers: Mapping[str, str]) -> bool:
        """Return True if a function that has changed gives the same answers."""
        if self._settings is None:
            return False
        if self._answers is None:
            from scriptlint.engine.answers import Answers  # with all of the analysis, where a function changed

            self._answers = Answers(self._store, self._settings)
        of = self._answers.of
        return all(of(path, number, question) == answer for question, answer in answers.items())

    def _of_attributes(self, path: str, outline: Outline, number: int) -> str | None:
        known = outline.attributes.get(number)
        module = self._module(path) if known is None else None
        return known if module is None else outline.of_attributes(number, module)

    def _matches(self, path: str, pattern: str) -> bool:
        key = (path, pattern)
        if key not in self._searched:
            module = self._module(path)
            self._searched[key] = module is not None and module.finds(pattern)
        return self._searched[key]

    def _module(self, path: str) -> ModuleInfo | None:
        """Return the module of a file, decoded once for all that is asked about one file after another."""
        if self._loaded[0] != path:
            self._loaded = path, self._store.load(path)
        return self._loaded[1]

    def agrees(self, basis: Basis) -> bool:
        """Return True if all that a judgement rests on is as it was then."""
        return (
            basis.among in ("", self.among)
            and all(self._is(path, basis) for path in basis.files)
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
