"""Which fixes the settings let through, and how safe they are in the files of a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from scriptlint.diag import Diagnostic
from scriptlint.engine.selectors import rules_of
from scriptlint.engine.settings import Settings
from scriptlint.text import Safety
from scriptlint.text.reading import read


class Fixability:
    """The answers for files, by the settings of each; `files` are all that were asked for."""

    def __init__(self, settings_of: Callable[[str], Settings], files: Iterable[str] = ()) -> None:
        self._settings_of = settings_of
        self._files = files
        self._texts: dict[str, str] = {}
        self._set: dict[tuple[str, str], bool] = {}
        self._codes: dict[tuple[str, ...], frozenset[str]] = {}

    def safety(self, finding: Diagnostic) -> Safety | None:
        """Return how safe the fix of a finding is, None where there is none or it is not to be offered."""
        if finding.fix is None:
            return None
        settings = self._settings_of(finding.fix.path)
        if not self._names(settings.fixable, finding.code) or self._names(settings.unfixable, finding.code):
            return None
        safety = Safety(finding.fix.safety)
        if safety is Safety.DISPLAY:
            return safety
        if self._names(settings.extend_unsafe_fixes, finding.code):
            return Safety.UNSAFE
        if self._names(settings.extend_safe_fixes, finding.code):
            return Safety.SAFE
        relies_on = finding.fix.relies_on
        return Safety.UNSAFE if any(self._is_set(one, finding.fix.path) for one in relies_on) else safety

    def applies(self, finding: Diagnostic) -> bool:
        """Return True if `--fix` applies the fix of a finding."""
        safety = self.safety(finding)
        if safety is None or finding.fix is None:
            return False
        unsafe = self._settings_of(finding.fix.path).unsafe_fixes
        return safety is Safety.SAFE or (safety is Safety.UNSAFE and unsafe)

    def hidden(self, finding: Diagnostic) -> bool:
        """Return True if it would apply it with `--unsafe-fixes`."""
        return self.safety(finding) is Safety.UNSAFE and not self.applies(finding)

    def _is_set(self, attribute: str, path: str) -> bool:
        """Return True if another file may set an attribute: of any object, or of itself where it speaks of the class."""
        if (attribute, path) not in self._set:
            cls, _, name = attribute.partition(".")
            outside = re.compile(
                rf"(?<!\bself)\.{name}\s*(?::[^=\n]+)?=(?!=)|(?:setattr(?:__)?\(|__dict__\[).*['\"]{name}['\"]"
            )
            inside = re.compile(rf"\.{name}\s*(?::[^=\n]+)?=(?!=)")
            speaks = re.compile(rf"(?<!class )\b{cls}\b")
            texts = (text for one in self._files if one != path and name in (text := self._text(one)))
            self._set[attribute, path] = any(
                outside.search(text) or (inside.search(text) and speaks.search(text)) for text in texts
            )
        return self._set[attribute, path]

    def _text(self, path: str) -> str:
        if path not in self._texts:
            try:
                self._texts[path] = read(path).decode(errors="replace")
            except OSError:
                self._texts[path] = ""
        return self._texts[path]

    def _names(self, selectors: tuple[str, ...], code: str) -> bool:
        if not selectors or selectors == ("ALL",):  # a warm run that selects nothing needs no list of rules
            return bool(selectors)
        if selectors not in self._codes:
            self._codes[selectors] = frozenset[str]().union(*map(rules_of, selectors))
        return code in self._codes[selectors]
