"""Which fixes the settings let through, and how safe they call them."""

from __future__ import annotations

from collections.abc import Callable

from scriptlint.diag import Diagnostic
from scriptlint.engine.selectors import rules_of
from scriptlint.engine.settings import Settings
from scriptlint.text import Safety


class Fixability:
    """The answers for files, by the settings of each."""

    def __init__(self, settings_of: Callable[[str], Settings]) -> None:
        self._settings_of = settings_of
        self._codes: dict[tuple[str, ...], frozenset[str]] = {}

    def safety(self, finding: Diagnostic) -> Safety | None:
        """How safe the fix of a finding is, None where there is none or it is not to be offered."""
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
        return Safety.SAFE if self._names(settings.extend_safe_fixes, finding.code) else safety

    def applies(self, finding: Diagnostic) -> bool:
        """Whether `--fix` applies the fix of a finding."""
        safety = self.safety(finding)
        if safety is None or finding.fix is None:
            return False
        unsafe = self._settings_of(finding.fix.path).unsafe_fixes
        return safety is Safety.SAFE or (safety is Safety.UNSAFE and unsafe)

    def hidden(self, finding: Diagnostic) -> bool:
        """Whether it would apply it with `--unsafe-fixes`."""
        return self.safety(finding) is Safety.UNSAFE and not self.applies(finding)

    def _names(self, selectors: tuple[str, ...], code: str) -> bool:
        if not selectors or selectors == ("ALL",):  # a warm run that selects nothing needs no list of rules
            return bool(selectors)
        if selectors not in self._codes:
            self._codes[selectors] = frozenset[str]().union(*map(rules_of, selectors))
        return code in self._codes[selectors]
