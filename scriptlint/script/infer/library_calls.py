"""Calls of the functions and methods that torch has in Python, by what the library knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate.values import Instance
from scriptlint.instances import torch_objects
from scriptlint.program.module import Class
from scriptlint.script.constants import is_constant
from scriptlint.script.infer import arguments, interfaces, library_modules, loops
from scriptlint.script.infer.arguments import Arguments
from scriptlint.script.infer.values import ModuleObject, Typed, Value, is_unknown, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

CONTAINER_METHOD = refusal(
    code="SL620",
    name="container-method",
    message="`{text}` is a method of `{cls}` that TorchScript cannot compile",
    help="{instead}",
    compiler="Unknown type name|Unknown type constructor|has no attribute|no attribute or method|Unable to extract string literal"
    "|is currently not supported in Torchscript|Class does not define",
)
DISPATCH = refusal(
    code="SL407",
    name="undecided-dispatch",
    message="`{flag}` of `{callee}` has to be a literal, since it decides what is returned",
    help="pass True or False itself, or a `Final` attribute",
    compiler="for boolean dispatch at position.* was not constant",
)


def function(unit: Unit, node: n.Call, name: str) -> Value:
    library = unit.compiler.library
    given = arguments.evaluate(unit, node)
    dispatch = library.boolean_dispatch(name)
    while dispatch is not None:
        flag = _flag(given, dispatch.argument, dispatch.index)
        if flag is None:
            chosen: bool | None = dispatch.default
        elif flag.literal is not None and isinstance(flag.literal.value, bool):
            chosen = flag.literal.value
        elif is_unknown(flag):
            return unknown("a flag")
        elif _is_constant_attribute(unit, _written(node, dispatch.argument, dispatch.index)):
            return unit.lose(f"`{dispatch.argument}` of `{name}`")
        else:
            return unit.say(DISPATCH, node.func, flag=dispatch.argument, callee=name)
        name = dispatch.if_true if chosen else dispatch.if_false
        dispatch = library.boolean_dispatch(name)
    signatures = library.signatures(name)
    if not signatures:
        operator = library.builtin(name)
        signatures = library.schemas(operator) if operator else ()
    if not signatures:
        return unit.lose(f"`{name}`")
    found = arguments.matched(unit, node, signatures, given, name)
    return found if isinstance(found, Typed) else Typed(found.returns)


def _written(node: n.Call, argument: str, index: int) -> n.Expr | None:
    """Return the expression that a call passes for a parameter."""
    named = next((one.value for one in node.keywords if one.arg == argument), None)
    return named or (node.args[index] if index < len(node.args) else None)


def _is_constant_attribute(unit: Unit, node: n.Expr | None) -> bool:
    """Return True if an expression is a constant of a module, whose value the compiler knows even where nobody else does."""
    owner = unit.value(node.value) if isinstance(node, n.Attribute) else None
    if not isinstance(node, n.Attribute) or not isinstance(owner, ModuleObject):
        return False
    known, cls = torch_objects.record(unit.compiler.library, owner.instance), owner.instance.cls
    if isinstance(cls, Class) and is_constant(cls, node.attr, unit.compiler.classes) is not False:
        return True
    return known is not None and node.attr in known.constants


def _flag(given: Arguments, argument: str, index: int) -> Typed | None:
    if argument in given.keywords:
        return given.keywords[argument]
    return given.positional[index] if index < len(given.positional) else None


_INSTEAD = {
    "torch.nn.ParameterDict": "read its parameters by literal keys, or keep them in a ParameterList, which can be iterated over",
    "torch.nn.ModuleDict": "iterate over its `items()` or read its modules by literal keys, and change it in `__init__`",
}
_INSTEAD_OF_LIST = "iterate over it or read its items by literal indices, and change it in `__init__`"


def method(unit: Unit, node: n.Call, instance: Instance, name: str) -> Value:
    """Return a call of a method that a module has from torch."""
    given = arguments.evaluate(unit, node)
    unrolled = loops.modules_of(unit, instance, name)
    if unrolled is not None:
        return unrolled
    schemas = library_modules.methods(unit.compiler.library, instance, name)
    containers = unit.compiler.container_kinds(instance)
    if schemas is None and containers and library_modules.is_own_method(unit.compiler.library, instance, name):
        instead = next((_INSTEAD[one] for one in sorted(containers) if one in _INSTEAD), _INSTEAD_OF_LIST)
        cls = min(containers).rpartition(".")[2]
        return unit.say(CONTAINER_METHOD, node.func, text=unit.text(node.func), cls=cls, instead=instead)
    through_interface = name in ("modules", "named_modules") and interfaces.holds(unit.compiler, instance)
    if through_interface or (
        schemas is None and library_modules.is_refused_method(unit.compiler.library, instance, name)
    ):
        from scriptlint.script.infer.calls import UNSUPPORTED

        return unit.say(UNSUPPORTED, node.func, name=unit.text(node.func))
    if schemas is None:
        return unit.lose(f"`{instance.class_name}.{name}`")
    found = arguments.matched(unit, node, schemas, given, name)
    return found if isinstance(found, Typed) else Typed(found.returns)
