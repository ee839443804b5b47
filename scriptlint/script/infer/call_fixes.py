"""Fixes of calls that match no schema: torch's keywords for NumPy's, and floats for ints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scriptlint.fixes.arguments import NUMPY_KEYWORDS, as_floats, renamed_keywords
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix, Safety
from scriptlint.torchlib.match import Given, Match, Refusal, match
from scriptlint.torchlib.schema import Schema
from scriptlint.types.model import FLOAT, INT, List, Optional

if TYPE_CHECKING:
    from scriptlint.script.infer.arguments import Arguments
    from scriptlint.script.infer.unit import Unit
    from scriptlint.script.infer.values import Typed


def of_operator(
    unit: Unit, node: n.Call, schemas: Sequence[Schema], given: Arguments, receiver: Typed | None, refused: Refusal
) -> Fix | None:
    """What makes the call of an operator fit."""
    return _numpy_keywords(unit, node, schemas, given, receiver) or floats(unit, node, refused, Safety.SAFE)


def _numpy_keywords(
    unit: Unit, node: n.Call, schemas: Sequence[Schema], given: Arguments, receiver: Typed | None
) -> Fix | None:
    """Gives keywords torch's names where the call fits then: Python takes NumPy's names for operators as well."""
    names = {NUMPY_KEYWORDS.get(name, name): one for name, one in given.given_keywords.items()}
    if len(names) < len(given.keywords) or names.keys() == given.keywords.keys():
        return None
    own = None if receiver is None else Given(receiver.type, receiver.empty_list)
    found = match(schemas, given.given, names, receiver=own)
    return renamed_keywords(unit.module, node) if isinstance(found, Match) else None


def floats(unit: Unit, node: n.Call, refused: Refusal, safety: Safety) -> Fix | None:
    """Makes floats of the ints that an operator or function of torch is given for one: it makes them itself in Python."""
    if any(isinstance(one, n.Starred) for one in node.args):
        return None
    for reason in refused.reasons:
        wanted = reason.wanted.element if isinstance(reason.wanted, (Optional, List)) else reason.wanted
        wanted = wanted.element if isinstance(wanted, List) else wanted
        if reason.kind != "type" or wanted is not FLOAT or reason.argument is None:
            continue
        given = [one.value for one in node.keywords if one.arg == reason.argument]
        if isinstance(reason.argument, int) and reason.argument < len(node.args):
            given = [node.args[reason.argument]]
        is_display = bool(given) and isinstance(given[0], (n.Constant, n.UnaryOp, n.Tuple, n.List))
        if given and (is_display or (reason.wanted is FLOAT and reason.found is INT)):
            return as_floats(unit.module, given, safety)
    return None
