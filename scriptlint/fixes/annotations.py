"""Annotations for parameters that have none: TorchScript takes them as Tensors."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scriptlint.fixes.evidence import Reader
from scriptlint.fixes.guesses import guess
from scriptlint.fixes.imports import Speller
from scriptlint.fixes.kinds import assigned, fits
from scriptlint.fixes.places import is_named, outermost
from scriptlint.fixes.wrapping import wrapped
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.text import Edit, Fix, Safety
from scriptlint.types.model import (
    ANY,
    BOOL,
    COMPLEX,
    DEVICE,
    FLOAT,
    INT,
    NONE,
    STRING,
    TENSOR,
    Dict,
    List,
    Optional,
    Tensor,
    Tuple,
    Type,
    has_unknown,
    make_optional,
)

TYPE_COMMENT = re.compile(r"#\s*type:\s*(?!ignore)")

_NAMES: Mapping[Type, str] = {
    ANY: "typing.Any",
    BOOL: "builtins.bool",
    COMPLEX: "builtins.complex",
    DEVICE: "torch.device",
    FLOAT: "builtins.float",
    INT: "builtins.int",
    STRING: "builtins.str",
}


def spelled(kind: Type, spell: Speller) -> str | None:
    """Return an annotation that says a type, None where it cannot be written."""
    if kind is NONE:
        return "None"
    if kind in _NAMES:
        return spell(_NAMES[kind])
    match kind:
        case Tensor():
            return spell("torch.Tensor")
        case Optional():
            return _optional(kind, spell)
        case List():
            return _applied("List", (kind.element,), spell)
        case Dict():
            return _applied("Dict", (kind.key_type, kind.value), spell)
        case Tuple(names=None) if kind.elements:
            return _applied("Tuple", kind.elements, spell)
        case _:
            return None


def _optional(kind: Optional, spell: Speller) -> str | None:
    inner = spelled(kind.element, spell)
    if inner is not None and "|" in spell.style and not spell.has("typing.Optional"):
        return f"{inner} | None"
    head = spell("typing.Optional")
    return None if head is None or inner is None else f"{head}[{inner}]"


def _applied(constructor: str, arguments: tuple[Type, ...], spell: Speller) -> str | None:
    is_lower = "[" in spell.style and not spell.has(f"typing.{constructor}")
    head = spell(f"builtins.{constructor.lower()}" if is_lower else f"typing.{constructor}")
    inner = [spelled(one, spell) for one in arguments]
    if head is None or None in inner:
        return None
    return f"{head}[{', '.join(filter(None, inner))}]"


_OF_DEFAULTS: Mapping[str, Type] = {"int": INT, "float": FLOAT, "bool": BOOL, "str": STRING}


def annotate(module: ModuleInfo, node: n.FunctionDef, kinds: Mapping[str, Type], safety: Safety) -> Fix | None:
    """Give unannotated parameters of a function their types."""
    spell = Speller(module, outermost(module, node).start)
    edits: list[Edit] = []
    titles: list[str] = []
    for one in node.args.all():
        if one.name not in kinds or one.annotation is not None:
            continue
        text = spelled(kinds[one.name], spell)
        if text is None:
            return None
        edits.append(_written(module, one, text))
        titles.append(f"`{one.name}: {text}`")
    if not edits:
        return None
    title = f"annotate {', '.join(titles)}"
    return Fix(module.path, title, safety.value, tuple(wrapped(module, node, edits)), tuple(spell.imports))


def _written(module: ModuleInfo, parameter: n.Parameter, annotation: str) -> Edit:
    """`flag=True` becomes `flag: bool = True`, with the blanks that belong to it."""
    end = parameter.start + len(parameter.name)
    default = parameter.default
    if default is not None and module.source.text[end : default.start] == "=":
        return Edit(end, default.start, f": {annotation} = ")
    return Edit(end, end, f": {annotation}")


def returning(function: Function, node: n.Return, kind: Type) -> Fix | None:
    """Correct what a function is said to return, where its only `return` shows a tuple or a list."""
    module, said = function.module, function.node.returns
    returns = [one for one in walk_scope(function.node.body) if isinstance(one, n.Return)]
    if said is None or returns != [node] or not isinstance(node.value, (n.Tuple, n.List)) or has_unknown(kind):
        return None
    parts = kind.elements if isinstance(kind, Tuple) else (kind.element,) if isinstance(kind, List) else ()
    if not parts or any(isinstance(one, (List, Dict, Tuple)) for one in parts):
        return None  # a shape is a tuple in Python
    spell = Speller(module, outermost(module, function.node).start)
    text = spelled(kind, spell)
    if text is None or TYPE_COMMENT.search(module.raw.text, function.node.start, function.node.end):
        return None
    given = function.node.args.all()[1 if function.owner is not None else 0 :]
    safety = Safety.SAFE if all(one.annotation is not None for one in given) else Safety.UNSAFE
    edit = Edit(said.start, said.end, text)
    return Fix(module.path, f"annotate `-> {text}`", safety.value, (edit,), tuple(spell.imports))


def annotated_for_call(function: Function, given: Mapping[str, Type], reader: Reader) -> Fix | None:
    """Give parameters the types of what one call passes for them; what callers elsewhere pass is not known."""
    function.node.is_read = True
    if TYPE_COMMENT.search(function.module.raw.text, function.node.start, function.node.end):
        return None  # an annotation would end it
    if any(one.annotation is None and _is_called(function, one.name) for one in function.node.args.all()):
        return None  # it is given functions, which no annotation makes values
    kinds: dict[str, Type] = {}
    for one in function.node.args.all():
        kind = given.get(one.name)
        if isinstance(kind, Optional) and reader.must_be_given(function, one.name):
            continue
        if kind is None or one.annotation is not None or isinstance(kind, Tensor) or has_unknown(kind):
            continue
        default = one.default.kind if isinstance(one.default, n.Constant) else ""
        if (kind is INT and default == "float") or (default == "str" and kind is not STRING):
            return None
        if isinstance(kind, (Tuple, List, Dict)) and any(one is NONE for one in kind.contained):
            continue  # that is what this call passes, and hardly all there is
        if is_asked_for_its_class(function.node, one.name):
            continue
        if kind is NONE:
            found = guess(reader, function, one.name)
            kind = _OF_DEFAULTS.get(default, TENSOR if found is None else found.type)
            if default not in _OF_DEFAULTS and found is None:
                continue
            default = "none"
        kind = make_optional(kind) if default == "none" else kind
        if not all(fits(kind, other) for other in reader.kinds.passed(function, one.name)):
            return None
        kinds[one.name] = kind
    return annotate(function.module, function.node, kinds, Safety.UNSAFE)


def _is_called(function: Function, name: str) -> bool:
    calls = (one for one in walk_scope(function.node.body) if isinstance(one, n.Call))
    return any(isinstance(one.func, n.Name) and one.func.id == name for one in calls)


def is_asked_for_its_class(function: n.FunctionDef, name: str) -> bool:
    """Return True if a function asks what a parameter is: it may be one of several types."""
    for one in walk_scope(function.body):
        match one:
            case n.Call(func=n.Name(id="isinstance"), args=[n.Name(id=found), _]) if found == name:
                return True
    return False


def final(cls: Class, name: str, kind: Type) -> Fix | None:
    """Annotate a class variable as Final, so that the compiler sees its value."""
    found = [
        target
        for one in cls.node.body
        if isinstance(one, n.Assign) and len(one.targets) == 1
        for target in one.targets
        if isinstance(target, n.Name) and target.id == name
    ]
    if len(found) != 1 or _has_another_value(cls, name) or cls.module.has_future_annotations:
        return None
    spell = Speller(cls.module, outermost(cls.module, cls.node).start)
    head, inner = spell("typing.Final"), spelled(kind, spell)
    if head is None or inner is None:
        return None
    edit = Edit(found[0].end, found[0].end, f": {head}[{inner}]")
    relies_on = (f"{cls.node.name}.{name}",)
    return Fix(cls.module.path, f"make `{name}` Final", Safety.SAFE.value, (edit,), tuple(spell.imports), relies_on)


def _has_another_value(cls: Class, name: str) -> bool:
    """Return True if code of the file assigns the attribute of some object, or a subclass has a variable of that name."""
    inherited = any(
        name in one.scope.bindings and any(is_named(base, cls.node.name) for base in one.node.bases)
        for one in cls.module.classes.values()
    )
    return inherited or any(True for _ in assigned(cls, name))
