"""Which rules are on.

A selector is a code (`SL101`), the beginning of codes (`SL1`), a name (`nested-function`) or `ALL`. Within one place
(the settings file, the command line) the more specific selector wins, and ignoring wins between equals. `select` sets
the base; without it a place only adjusts what the one before it decided. Every rule is on by default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from scriptlint.engine import registry
from scriptlint.engine.rules import FAILURES
from scriptlint.engine.settings import Selection
from scriptlint.engine.settings_file import did_you_mean

_CODE = re.compile(r"(?P<letters>[A-Z]+)\d*")
_DIGITS = 3
_NEARLY_A_CODE = re.compile(r"[SL]{0,3}[\s_-]*0*(?P<digits>\d+)")


class UnknownSelector(ValueError):
    """A selector that names no rule; the message says so and which one is near."""


def rules_of(selector: str) -> frozenset[str]:
    """Return the codes that a selector stands for; raises UnknownSelector if there are none."""
    found = matching(selector)
    if not found:
        raise UnknownSelector(f"unknown rule `{selector}`{nearest(selector)}")
    return found


def matching(selector: str) -> frozenset[str]:
    """Return the codes that a selector stands for, none if it is unknown."""
    text = selector.strip()
    rules = registry.all_rules()
    if text.upper() == "ALL":
        return frozenset(rules)
    if text.lower() in registry.codes_by_name():
        return frozenset({registry.codes_by_name()[text.lower()]})
    if is_code(text.upper()):
        return frozenset(code for code in rules if code.startswith(text.upper()))
    return frozenset()


def is_code(text: str) -> bool:
    """Return True for the form of a code, or of its beginning, with the letters of scriptlint or of a pack that is in use."""
    match = _CODE.fullmatch(text)
    return match is not None and match["letters"] in registry.code_letters()


def nearest(name: str) -> str:
    """Return the end of a sentence about a name that is not a rule's: "; did you mean ...?", or nothing.

    A code is suggested where its digits begin the ones that were written: one code is as near as another else.
    """
    code = _NEARLY_A_CODE.fullmatch(name.strip().upper())
    if code is not None:
        near = f"SL{code['digits'][:_DIGITS]}"
        return f"; did you mean `{near}`?" if near in registry.all_rules() else ""
    if re.match(r"[A-Za-z]{1,3}\d", name):
        return ""
    return did_you_mean(name.lower(), list(registry.codes_by_name()))


def enabled(selections: Iterable[Selection]) -> frozenset[str] | None:
    """Return the codes that are on, None for all; raises UnknownSelector. Later selections adjust earlier ones."""
    meaningful = [one for one in selections if one != Selection()]
    if not meaningful:
        return None
    on = set(registry.all_rules())
    for selection in meaningful:
        verdicts = _verdicts(selection)
        if selection.select is not None:
            # A failure of the tool is no opinion about the code: selecting some rules does not hide it, ignoring it does.
            on = set(FAILURES)
        on |= {code for code, wanted in verdicts.items() if wanted}
        on -= {code for code, wanted in verdicts.items() if not wanted}
    return frozenset(on)


def severities(levels: Mapping[str, str]) -> dict[str, str]:
    """Return the severity of each code that selectors give one to; the more specific selector wins."""
    ordered = sorted(levels, key=_specificity)
    return {code: levels[selector] for selector in ordered for code in rules_of(selector)}


def _verdicts(selection: Selection) -> dict[str, bool]:
    wanted = [(one, True) for one in (*(selection.select or ()), *selection.extend_select)]
    unwanted = [(one, False) for one in (*selection.ignore, *selection.extend_ignore)]
    verdicts = {}
    # sorted() is stable: of two equally specific selectors the unwanted one comes last and stands.
    for selector, verdict in sorted([*wanted, *unwanted], key=lambda pair: _specificity(pair[0])):
        for code in rules_of(selector):
            verdicts[code] = verdict
    return verdicts


def _specificity(selector: str) -> int:
    text = selector.strip().upper()
    if text == "ALL":
        return 0
    return len(text) if is_code(text) and text not in registry.all_rules() else 100
