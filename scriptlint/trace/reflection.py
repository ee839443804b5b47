"""Code that asks values what they are, while a trace is made: `isinstance`, `hasattr` and `getattr`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate.values import Choice, Const, FunctionValue, Held, Instance
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.trace import hazards, objects
from scriptlint.trace.expressions import used
from scriptlint.trace.frames import Frame
from scriptlint.trace.schemas import Arguments
from scriptlint.trace.values import FALSE, TRUE, UNKNOWN, Kind, Traced, Why

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

# Packages whose classes no tensor is an instance of.
_PLAIN_PACKAGES = frozenset({"builtins", "numpy", "PIL", "collections"})


def isinstance_of(flow: Flow, value: Traced, node: n.Call, frame: Frame) -> Traced:
    """Tensors are tensors, and so are sizes while a trace is made."""
    names = []
    classes = node.args[1]
    for one in classes.elts if isinstance(classes, n.Tuple) else [classes]:
        symbol = flow.project.resolve(one, frame.place)
        names.append(symbol.name if isinstance(symbol, External) else None)
    if value.mixed:
        return UNKNOWN
    if value.kind is Kind.SIZE and value.sure:
        if "torch.Tensor" not in names and set(names) == {"builtins.float"}:
            return FALSE  # an int is none either
        if "torch.Tensor" not in names and set(names) & {"builtins.int", "builtins.float", "numbers.Number"}:
            flow.say(hazards.SIZE_TYPE, frame, node, text=frame.text(node))
            return FALSE
    if value.kind is Kind.SEQUENCE and not value.is_shape:
        if set(names) & {"torch.Tensor"} and len(names) == 1:
            return FALSE
        return UNKNOWN
    if not value.is_tensor and not (value.kind is Kind.SIZE and value.sure):
        return UNKNOWN
    if "torch.Tensor" in names:
        return TRUE if value.kind is not Kind.SIZE else replace(TRUE, why=Why.TRACING)
    plain = all(name is not None and name.partition(".")[0] in _PLAIN_PACKAGES for name in names)
    return FALSE if plain else UNKNOWN


def getattr_of(flow: Flow, first: Traced, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """`getattr(owner, name)`: where the name is computed, any attribute whose name it may be."""
    name, at = given.positional[1] if len(given.positional) > 1 else (UNKNOWN, node)
    if isinstance(name.value, Const) and isinstance(name.value.value, str):
        attr = name.value.value
        flow.read(attr, frame, node)
        flow.undecided += 1  # with a default it may be missing
        found = objects.attribute(flow, first, attr, frame, n.Attribute(node.start, node.end, node.args[0], attr))
        flow.undecided -= 1
        return found
    if name.why is Why.TEXT:
        used(flow, name, at, frame)
    pattern = _pattern(at)
    if not isinstance(first.value, Instance) or not re.search(r"\w", pattern):
        return UNKNOWN
    known = first.value.attributes
    options = [one.value for key in known if re.fullmatch(pattern, key) for one in known[key]]
    if isinstance(first.value.cls, Class):
        methods = flow.classes.methods(first.value.cls)
        options += [FunctionValue(one, first.value) for key, one in methods.items() if re.fullmatch(pattern, key)]
    if options and all(isinstance(one, Instance | FunctionValue) for one in options):
        return Traced(Kind.OBJECT, Choice(tuple(map(Held, options))))
    return UNKNOWN


def _pattern(node: n.Expr) -> str:
    """Return the regular expression of the texts that an expression may give."""
    match node:
        case n.Constant(value=str(text)):
            return re.escape(text)
        case n.JoinedStr():
            return "".join(map(_pattern, node.values))
        case n.BinOp(op="+"):
            return _pattern(node.left) + _pattern(node.right)
        case n.BinOp(left=n.Constant(value=str(text)), op="%"):
            return ".*".join(map(re.escape, re.split(r"%\w", text)))
        case n.Call(func=n.Attribute(value=n.Constant(value=str(text)), attr="format")):
            return ".*".join(map(re.escape, re.split(r"\{.*?\}", text)))
    return ".*"


def hasattr_of(flow: Flow, first: Traced, given: Arguments) -> Traced:
    name = given.values[1].value if len(given.values) > 1 else None
    if isinstance(name, Const) and isinstance(name.value, str) and (first.is_tensor or first.kind is Kind.SIZE):
        return TRUE if flow.library.tensor_has(name.value) else FALSE
    return UNKNOWN
