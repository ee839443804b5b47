"""Hooks that the compiler cannot take, taken off before it sees them."""

from __future__ import annotations

from collections.abc import Collection

from scriptlint.fixes.imports import Speller
from scriptlint.fixes.layout import indentation, next_line
from scriptlint.fixes.places import outermost
from scriptlint.program.module import Class
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety

PREPARE = "__prepare_scriptable__"
# Functions that put a hook on a layer, and those that take it off again; both work on `weight` where they are not told.
_REMOVE = {f"torch.nn.utils.{name}": f"torch.nn.utils.remove_{name}" for name in ("weight_norm", "spectral_norm")}

# What a norm keeps in place of the weight, and is gone with it.
_PARTS = frozenset({"weight_g", "weight_v", "weight_orig", "weight_u"})


def is_removable(name: str, call: n.Call | None) -> bool:
    """Return True for a call that puts a hook on the `weight` of a layer which a function of torch takes off."""
    others = [] if call is None else [one for one in call.keywords if one.arg in ("name", None)]
    return name in _REMOVE and call is not None and len(call.args) == 1 and not others


def taken_off(cls: Class, hooks: Collection[str]) -> Fix | None:
    """Write a method which the compiler calls first, and which takes the hooks of the object's layers off."""
    module, body = cls.module, cls.node.body
    spell = Speller(module, outermost(module, cls.node).start, frozenset(cls.scope.bindings))
    called = [spell(_REMOVE[one]) for one in sorted(hooks, reverse=True) if one in _REMOVE]
    text, blanks = module.source.text, indentation(module.source.text, body[0].start)
    if any(isinstance(one, n.Attribute) and one.attr in _PARTS for one in walk(module.tree)):
        return None
    hidden = {"modules", PREPARE, "ValueError"} & {*cls.scope.bindings, *module.scope.bindings}
    if blanks is None or not called or None in called or hidden:
        return None
    step = "\t" if blanks.endswith("\t") else "    "
    lines = ["", f"def {PREPARE}(self):", f"{step}for module in self.modules():"]
    for one in called:
        lines += [f"{step * 2}try:", f"{step * 3}{one}(module)", f"{step * 2}except ValueError:", f"{step * 3}pass"]
    lines.append(f"{step}return self")
    at = next_line(text, body[-1].end)
    made = "".join(f"{blanks}{one}\n" if one else "\n" for one in lines)
    edit = Edit(at, at, made if text[:at].endswith(("\n", "\r")) else f"\n{made}")
    title = f"take the hooks off in `{PREPARE}`"
    return Fix(module.path, title, Safety.UNSAFE.value, (edit,), tuple(spell.imports))
