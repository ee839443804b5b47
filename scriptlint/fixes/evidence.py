"""What the body of a function tells of a parameter that has no type: whether it is used as a tensor is.

Nothing here is a judgement. It decides whether a person would write `Optional[Tensor]` where the author wrote `=None`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

from scriptlint.fixes.kinds import SHARED, Kinds, annotated_kind, attributes_set
from scriptlint.fixes.places import names_in
from scriptlint.program.classes import Classes
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External, Local, Project
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.torchlib.library import Library
from scriptlint.torchlib.schema import Schema
from scriptlint.types.model import NONE, List, Optional, Tensor, Type


class Evidence(enum.IntEnum):
    """AGAINST: used as no tensor is. NONE: nothing tells. SOME: as a tensor and others could be. PROOF: as tensors alone."""

    NONE = 0
    SOME = 1
    PROOF = 2
    AGAINST = 3


_TAKE_NUMBERS = frozenset({"range", "min", "max", "round", "divmod", "pow", "slice"})
_TAKE_ITERABLES = frozenset({"zip", "enumerate", "list", "tuple", "sorted", "reversed", "set", "dict", "any", "all"})
# Modules of torch that hand on whatever they are given.
_OF_ANYTHING = frozenset({"torch.nn.Sequential", "torch.nn.Identity"})
_DEEPEST = 4


@dataclass(frozen=True)
class Reader:
    """What it takes to follow a parameter into the functions that it is handed to."""

    project: Project
    classes: Classes
    library: Library
    _held: dict[Class, dict[str, list[Class | External | None]]] = field(default_factory=dict, compare=False)
    _told: dict[tuple[Function, str, int], Evidence] = field(default_factory=dict, compare=False)

    @property
    def kinds(self) -> Kinds:
        return Kinds(self.project, self.library)

    def of(self, function: Function, name: str, depth: int = 0) -> Evidence:
        """Return what all uses of a parameter tell together, and what the calls in its file pass for it."""
        key = (function, name, depth)
        if key not in self._told:
            self._told[key] = self._of(function, name, depth)
        return self._told[key]

    def _of(self, function: Function, name: str, depth: int) -> Evidence:
        if any(one is not NONE and not isinstance(one, Tensor) for one in self.kinds.passed(function, name)):
            return Evidence.AGAINST
        nodes = walk_scope(function.node.body)
        return max((self._of_node(function, node, name, depth) for node in nodes), default=Evidence.NONE)

    def must_be_given(self, function: Function, name: str) -> bool:
        """Return True if a parameter is worked with, and nobody asks if it is None: its default is no value for it."""
        asked = used = False
        for node in walk_scope(function.node.body):
            match node:
                case n.Compare() if any(_is(one, name) for one in (node.left, *node.comparators)):
                    asked = asked or any(op in ("is", "is not", "==", "!=") for op in node.ops)
                case n.BinOp() if _is(node.left, name) or _is(node.right, name):
                    used = True
                case n.Attribute() | n.Subscript() if _is(node.value, name):
                    used = True
                case n.Assign() if any(_is(one, name) for one in node.targets):
                    asked = asked or name not in names_in([node.value])  # what is worked with may be another value
                case n.Call(args=[first, *_]) if _is(first, name):
                    symbol = self.project.resolve(node.func, function)
                    called = symbol.name if isinstance(symbol, External) else ""
                    asked = asked or called == "builtins.isinstance"
                    module = isinstance(symbol, Local) or self._is_held(function, node.func)
                    used = used or called.startswith("torch.") or module
        return used and not asked

    def _is_held(self, function: Function, called: n.Expr) -> bool:
        """Return True if what is called is an attribute of the object and no method: a module, most likely."""
        if function.owner is None or not isinstance(called, n.Attribute) or not function.node.args.args:
            return False
        own = _is(called.value, function.node.args.args[0].name)
        return own and self.classes.method(function.owner, called.attr) is None

    def _of_node(self, function: Function, node: n.Node, name: str, depth: int) -> Evidence:
        match node:
            case n.Attribute(value=n.Name(id=found)) if found == name:
                return self._of_attribute(node.attr)
            case n.Subscript(value=n.Name(id=found)) if found == name:
                return _of_index(node.slice)
            case n.Slice() if any(_is(bound, name) for bound in (node.lower, node.upper)):
                return Evidence.AGAINST
            case n.BinOp() if _is(node.left, name) or _is(node.right, name):
                return _of_operator(node, name)
            case n.Compare():
                return _of_comparison(node, name)
            case n.BoolOp() if any(_is(one, name) or _is_number(one, name) for one in node.values):
                return Evidence.AGAINST  # of a tensor the truth is seldom asked
            case n.UnaryOp(op="not") if _is(node.operand, name):
                return Evidence.AGAINST
            case n.If() | n.IfExp() | n.While() | n.Assert() if _is(node.test, name) or _is_number(node.test, name):
                return Evidence.AGAINST
            case n.Assign(targets=[n.Tuple() | n.List()]) if _is(node.value, name):
                return Evidence.AGAINST
            case n.Starred(value=n.Name(id=found)) | n.For(iter=n.Name(id=found)) if found == name:
                return Evidence.AGAINST
            case n.Assign() if any(_is(one, name) for one in node.targets):
                return self._of_value(function, node.value)
            case n.Call():
                return self._of_call(function, node, name, depth)
        return Evidence.NONE

    def _of_attribute(self, attribute: str) -> Evidence:
        if not self.library.tensor_has(attribute):
            return Evidence.AGAINST
        return Evidence.NONE if attribute in SHARED else Evidence.PROOF

    def _of_value(self, function: Function, value: n.Expr) -> Evidence:
        """Return what a value tells that the parameter is given instead."""
        if isinstance(value, n.Constant):
            return Evidence.NONE if value.kind == "none" else Evidence.AGAINST
        if isinstance(value, (n.List, n.Dict, n.Tuple, n.ListComp, n.DictComp, n.JoinedStr, n.Lambda, n.Set)):
            return Evidence.AGAINST
        if isinstance(value, n.Call):
            symbol = self.project.resolve(value.func, function)
            if isinstance(symbol, External) and symbol.name.startswith("torch."):
                gives = [one.returns for one in self.kinds.signatures(symbol.name)]
                return Evidence.PROOF if gives and all(isinstance(one, Tensor) for one in gives) else Evidence.NONE
            if isinstance(symbol, (Class, External)):
                return Evidence.AGAINST
            if isinstance(value.func, n.Attribute) and self._of_attribute(value.func.attr) is Evidence.PROOF:
                gives = [one.returns for one in self.library.schemas(f"aten::{value.func.attr}")]
                return Evidence.PROOF if gives and all(isinstance(one, Tensor) for one in gives) else Evidence.NONE
        return Evidence.NONE

    def _of_call(self, function: Function, call: n.Call, name: str, depth: int) -> Evidence:
        if _is(call.func, name):
            return Evidence.AGAINST
        found = Evidence.NONE
        for argument, place in arguments(call):
            if _is(argument, name):
                found = max(found, self._of_argument(function, call, place, depth, in_list=False))
            elif isinstance(argument, (n.List, n.Tuple)) and any(_is(one, name) for one in argument.elts):
                found = max(found, self._of_argument(function, call, place, depth, in_list=True))
        return found

    def _of_argument(
        self, function: Function, call: n.Call, place: int | str, depth: int, *, in_list: bool
    ) -> Evidence:
        symbol = self.project.resolve(call.func, function)
        if isinstance(symbol, Function):
            return Evidence.NONE if in_list else self._of_parameter(symbol, place, depth)
        if isinstance(symbol, External):
            return self._of_external(function, call, symbol.name, place, in_list)
        if isinstance(symbol, Class):
            return Evidence.NONE
        if isinstance(call.func, n.Attribute):
            return self._of_method(function, call.func, place, depth, in_list)
        return Evidence.NONE if in_list else Evidence.SOME  # a module, most likely

    def _of_external(self, function: Function, call: n.Call, called: str, place: int | str, in_list: bool) -> Evidence:
        package, _, last = called.rpartition(".")
        if called == "builtins.isinstance":
            return Evidence.AGAINST  # it may be one of several types
        if package == "builtins":
            several = last == "range" or len(call.args) > 1
            against = last in _TAKE_ITERABLES or (last in _TAKE_NUMBERS and several)
            return Evidence.AGAINST if against and not in_list else Evidence.NONE
        if package.partition(".")[0] in ("math", "numpy"):
            return Evidence.AGAINST
        return self._of_types(list(self.kinds.signatures(called)), place, in_list)

    def _of_method(
        self, function: Function, called: n.Attribute, place: int | str, depth: int, in_list: bool
    ) -> Evidence:
        if self._is_held(function, called):
            return Evidence.NONE if in_list else self._of_module(function, called.attr, place, depth)
        first = function.node.args.args[0].name if function.node.args.args else ""
        method = self.classes.method(function.owner, called.attr) if function.owner is not None else None
        if method is not None and _is(called.value, first):
            return Evidence.NONE if in_list else self._of_parameter(method, place, depth, bound=True)
        if not self.library.tensor_has(called.attr) or called.attr in SHARED:
            return Evidence.NONE
        schemas = [one.without_self() for one in self.library.schemas(f"aten::{called.attr}")]
        return self._of_types(schemas, place, in_list)

    def _of_module(self, function: Function, attribute: str, place: int | str, depth: int) -> Evidence:
        """Return what the `forward` of each module tells that an attribute is given."""
        found = set()
        for made in self.held(function, attribute):
            if isinstance(made, Class) and (forward := self.classes.method(made, "forward")) is not None:
                found.add(self._of_parameter(forward, place, depth, bound=True))
            elif isinstance(made, External) and made.name not in _OF_ANYTHING:
                found.add(self._of_types(forwards(self.library, made.name), place, in_list=False))
            else:
                found.add(Evidence.SOME)
        if Evidence.AGAINST in found:
            return Evidence.AGAINST
        return found.pop() if len(found) == 1 else Evidence.SOME

    def held(self, function: Function, attribute: str) -> list[Class | External | None]:
        """Return the classes of which the class of a method makes an attribute; None for what is not made by calling a class."""
        if function.owner is None:
            return []
        if function.owner not in self._held:
            self._held[function.owner] = self._made(function.owner)
        return self._held[function.owner].get(attribute, [])

    def _made(self, cls: Class) -> dict[str, list[Class | External | None]]:
        made: dict[str, list[Class | External | None]] = {}
        for method in cls.functions.values():
            for attribute, value in attributes_set(method):
                symbol = self.project.resolve(value.func, method) if isinstance(value, n.Call) else None
                made.setdefault(attribute, []).append(symbol if isinstance(symbol, (Class, External)) else None)
        return made

    def _of_parameter(self, function: Function, place: int | str, depth: int, bound: bool = False) -> Evidence:
        parameter = parameter_at(function, place, bound)
        if parameter is None or depth > _DEEPEST:
            return Evidence.NONE
        if parameter.annotation is not None:
            return _of_annotation(function, parameter.annotation)
        return self.of(function, parameter.name, depth + 1)

    def _of_types(self, schemas: list[Schema], place: int | str, in_list: bool) -> Evidence:
        kinds = [kind for one in schemas if (kind := type_at(one, place)) is not None]
        fitting = [_takes_tensor(kind, in_list) for kind in kinds]
        if not fitting:
            return Evidence.NONE
        if all(fitting):
            return Evidence.PROOF
        return Evidence.SOME if any(fitting) else Evidence.NONE if in_list else Evidence.AGAINST


def _of_annotation(function: Function, annotation: n.Expr) -> Evidence:
    kind = annotated_kind(function.module, annotation)
    if kind is None:
        return Evidence.SOME if "Tensor" in function.module.text(annotation) else Evidence.AGAINST
    return Evidence.PROOF if _takes_tensor(kind, False) else Evidence.AGAINST


def forwards(library: Library, name: str) -> list[Schema]:
    """Return the schemas of the `forward` of a class of torch, without `self`."""
    module = library.module(name)
    if module is None:
        return []
    found = [module.method(one) for one in module.methods if one.partition("__")[0] == "forward"]
    return [one.without_self() for one in found if isinstance(one, Schema)]


def _is(node: n.Node | None, name: str) -> bool:
    return isinstance(node, n.Name) and node.id == name


def _is_number(test: n.Expr, name: str) -> bool:
    """Return True if a test compares a variable with a number, which gives one answer for a number only."""
    return isinstance(test, n.Compare) and any(
        _is(one, name) and isinstance(other, n.Constant) and other.kind in ("int", "float")
        for one, other in ((test.left, test.comparators[0]), (test.comparators[0], test.left))
    )


def _of_index(index: n.Expr) -> Evidence:
    if isinstance(index, n.Constant) and index.kind == "str":
        return Evidence.AGAINST
    parts = index.elts if isinstance(index, n.Tuple) else [index]
    special = any(isinstance(one, n.Constant) and one.kind in ("none", "ellipsis") for one in parts)
    if special or (len(parts) > 1 and any(isinstance(one, n.Slice) for one in parts)):
        return Evidence.PROOF
    return Evidence.NONE


def _of_operator(node: n.BinOp, name: str) -> Evidence:
    if node.op == "@":
        return Evidence.PROOF
    other = node.right if _is(node.left, name) else node.left
    return Evidence.NONE if isinstance(other, n.Constant) or node.op in ("//", "%") else Evidence.SOME


def _of_comparison(node: n.Compare, name: str) -> Evidence:
    sides = [node.left, *node.comparators]
    if not any(_is(one, name) for one in sides):
        return Evidence.NONE
    if any(isinstance(one, n.Constant) and one.kind in ("str", "bool") for one in sides):
        return Evidence.AGAINST
    return Evidence.AGAINST if any(op in ("in", "not in") for op in node.ops) else Evidence.NONE


def arguments(call: n.Call) -> Iterator[tuple[n.Expr, int | str]]:
    """Yield the arguments of a call, each with its place among the parameters."""
    for place, one in enumerate(call.args):
        if isinstance(one, n.Starred):
            break
        yield one, place
    yield from ((one.value, one.arg) for one in call.keywords if one.arg is not None)


def parameter_at(function: Function, place: int | str, bound: bool) -> n.Parameter | None:
    """Return the parameter that an argument is for; `bound` says that the first is the object."""
    parameters = [*function.node.args.posonly, *function.node.args.args]
    if isinstance(place, int):
        return parameters[place + bound] if place + bound < len(parameters) else None
    return next((one for one in function.node.args.all() if one.name == place), None)


def type_at(schema: Schema, place: int | str) -> Type | None:
    """Return the type that a schema has for an argument."""
    if isinstance(place, str):
        found = schema.param(place)
        return None if found is None else found.type
    return schema.params[place].type if place < len(schema.params) else None


def _takes_tensor(kind: Type, in_list: bool) -> bool:
    if isinstance(kind, Optional):
        kind = kind.element
    if in_list:
        return isinstance(kind, List) and _takes_tensor(kind.element, False)
    return isinstance(kind, Tensor)


def is_unused(function: Function, name: str) -> bool:
    """Return True if a parameter is never read."""
    return not any(_is(node, name) for node in walk_scope(function.node.body))
