"""What an expression is, as far as its form tells, and what the calls in a file pass for a parameter.

`OBJECT` stands for what no annotation of TorchScript fits: a function, a class, an object of Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from scriptlint.fixes.places import assignments_in, names_in
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Global, Project
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk, walk_scope
from scriptlint.torchlib.library import Library
from scriptlint.torchlib.schema import Schema
from scriptlint.types.model import (
    ANY,
    BOOL,
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
    Unknown,
    has_unknown,
    plain,
)
from scriptlint.types.parse import TypeSyntaxError, parse_annotation
from scriptlint.types.relations import is_subtype

OBJECT = ANY
_UNSEEN = Unknown("an element")
_CONSTANTS: Mapping[str, Type] = {"int": INT, "float": FLOAT, "bool": BOOL, "str": STRING, "none": NONE}
_BUILTINS: Mapping[str, Type] = {
    "builtins.int": INT,
    "builtins.len": INT,
    "builtins.float": FLOAT,
    "builtins.bool": BOOL,
    "builtins.isinstance": BOOL,
    "builtins.str": STRING,
}
_DEEPEST = 6

Place = Function | ModuleInfo


@dataclass(frozen=True)
class Kinds:
    """What it takes to say what expressions are."""

    project: Project
    library: Library

    def of(self, node: n.Expr, place: Place, depth: int = 0) -> Type | None:
        """Return the type of an expression, None where its form does not tell."""
        if depth > _DEEPEST:
            return None
        match node:
            case n.Constant():
                return _CONSTANTS.get(node.kind)
            case n.JoinedStr():
                return STRING
            case n.Lambda():
                return OBJECT
            case n.UnaryOp(op="not"):
                return BOOL
            case n.UnaryOp():
                return self.of(node.operand, place, depth + 1)
            case n.BinOp():
                return _arithmetic(self.of(node.left, place, depth + 1), node.op, self.of(node.right, place, depth + 1))
            case n.IfExp():
                return _common([self.of(node.body, place, depth + 1), self.of(node.orelse, place, depth + 1)])
            case n.List():
                return List(self._element(node.elts, place, depth))
            case n.Tuple():
                return (
                    Tuple(tuple(self.of(one, place, depth + 1) or _UNSEEN for one in node.elts)) if node.elts else None
                )
            case n.ListComp():
                return List(_UNSEEN)
            case n.Dict():
                keys = [one for one in node.keys if one is not None]
                return Dict(self._element(keys, place, depth), self._element(node.values, place, depth))
            case n.DictComp():
                return Dict(_UNSEEN, _UNSEEN)
            case n.Subscript(value=n.Attribute(attr="shape")) if not isinstance(node.slice, (n.Slice, n.Tuple)):
                return INT
            case n.Attribute(attr="shape"):
                return List(INT)
            case n.Call():
                return self._of_call(node, place)
            case n.Name() | n.Attribute():
                return self._of_name(node, place, depth)
        return None

    def _element(self, nodes: list[n.Expr], place: Place, depth: int) -> Type:
        return _common([self.of(one, place, depth + 1) for one in nodes]) or _UNSEEN

    def _of_call(self, node: n.Call, place: Place) -> Type | None:
        symbol = self.project.resolve(node.func, place)
        if isinstance(symbol, Class):
            return OBJECT
        if isinstance(symbol, External):
            if self.library.is_module_class(symbol.name):
                return OBJECT
            return _BUILTINS.get(symbol.name) or _common([plain(one.returns) for one in self.signatures(symbol.name)])
        if isinstance(node.func, n.Attribute) and symbol is None:
            return self._of_method(node.func.attr, len(node.args))
        return None

    def _of_method(self, name: str, count: int) -> Type | None:
        """Return the type that a method of a tensor gives, where nothing else has a method of that name."""
        if name == "size":
            return INT if count == 1 else List(INT)
        if not self.library.tensor_has(name) or name in SHARED:
            return None
        gives = [one.returns for one in self.library.schemas(f"aten::{name}")]
        return TENSOR if gives and all(isinstance(one, Tensor) for one in gives) else None

    def _of_name(self, node: n.Name | n.Attribute, place: Place, depth: int) -> Type | None:
        if isinstance(node, n.Name) and isinstance(place, Function):
            parameter = next((one for one in place.node.args.all() if one.name == node.id), None)
            given = assignments_in(place.node).get(node.id, [])
            if parameter is not None and parameter.annotation is not None and not given:
                return annotated_kind(place.module, parameter.annotation)
            if len(place.scope.bindings.get(node.id, ())) == 1 == len(given) and given[0].value is not None:
                return self.of(given[0].value, place, depth + 1)
        if isinstance(node, n.Attribute) and isinstance(place, Function) and _is_of_itself(node, place):
            return _common([self.of(value, method, depth + 1) for value, method in set_by_methods(place, node.attr)])
        symbol = self.project.resolve(node, place)
        if isinstance(symbol, (Function, Class)):
            return OBJECT
        if isinstance(symbol, Global) and symbol.value is not None:
            return self.of(symbol.value, symbol.module, depth + 1)
        return None

    def signatures(self, called: str) -> Iterator[Schema]:
        """Yield the schemas of a function of torch, by its dotted name."""
        operator = self.library.builtin(called)
        if operator is not None:
            yield from self.library.schemas(operator)
        yield from (one for one in self.library.signatures(called) if isinstance(one, Schema))

    def passed(self, function: Function, name: str) -> list[Type]:
        """Return what the calls in the file of a function pass for a parameter, of those whose form tells."""
        found = [self.of(node, place) for node, place in passed(function, name)]
        return [one for one in found if one is not None]

    def items(self, cls: Class, name: str) -> Type | None:
        """Return the type of a list that an attribute holds, from other values of it and from what is appended to it."""
        found = set()
        for node, place in assigned(cls, name):
            found.add(self.of(node, place))
            parameters = place.node.args.all() if isinstance(place, Function) else []
            if isinstance(node, n.Name) and any(one.name == node.id for one in parameters):
                found |= {self.of(*one) for one in passed(place, node.id)}  # type: ignore[arg-type]
        for call, place in _calls(cls.module).named.get("append", ()):
            if isinstance(call.func, n.Attribute) and _last(call.func.value) == name and len(call.args) == 1:
                item = self.of(call.args[0], place)
                found |= set() if item is None else {List(item)}
        known = {one for one in found if one is not None and not has_unknown(one)}
        kind = known.pop() if len(known) == 1 else None
        return kind if isinstance(kind, List) else None

    def assigned(self, cls: Class, name: str) -> list[Type | None]:
        """Return what the file of a class gives an attribute of its objects; None for what its form does not tell."""
        return [self.of(node, place) for node, place in assigned(cls, name)]


# What a tensor shares with containers, strings, numbers, modules and packed sequences.
SHARED = frozenset(name for kind in (list, dict, str, float, int) for name in dir(kind)) | frozenset(
    "to cpu cuda double half float type apply requires_grad_ share_memory data is_cuda is_pinned pin_memory".split()
)


def annotated_kind(module: ModuleInfo, node: n.Expr) -> Type | None:
    """Return what an annotation of plain types says, None for another."""
    text = str(node.value) if isinstance(node, n.Constant) and node.kind == "str" else module.text(node)
    plain_text = "".join(text.split()).replace("torch.Tensor", "Tensor").replace("typing.", "")
    optional = plain_text.removesuffix("|None")
    if "|" in optional:
        return None
    try:
        kind = parse_annotation(
            optional.replace("list[", "List[").replace("dict[", "Dict[").replace("tuple[", "Tuple[")
        )
    except TypeSyntaxError:
        return None
    if has_unknown(kind):
        return None
    return kind if optional == plain_text or isinstance(kind, Optional) else Optional(kind)


def fits(kind: Type, given: Type) -> bool:
    """Return True if an annotation tells the truth of a value; what is not known of it counts as fitting."""
    wanted = kind.element if isinstance(kind, Optional) else kind
    if given is NONE:
        return isinstance(kind, Optional)
    if isinstance(given, Optional):
        return isinstance(kind, Optional) and fits(kind, given.element)
    if isinstance(wanted, List) and isinstance(given, List):
        return isinstance(given.element, Unknown) or fits(wanted.element, given.element)
    if isinstance(wanted, Dict) and isinstance(given, Dict):
        pairs = ((wanted.key_type, given.key_type), (wanted.value, given.value))
        return all(isinstance(has, Unknown) or fits(want, has) for want, has in pairs)
    if isinstance(wanted, Tuple) and isinstance(given, Tuple):
        return len(wanted.elements) == len(given.elements) and all(
            isinstance(has, Unknown) or fits(want, has)
            for want, has in zip(wanted.elements, given.elements, strict=True)
        )
    return is_subtype(given, wanted) or (wanted is FLOAT and given is INT)


def _common(kinds: list[Type | None]) -> Type | None:
    """Return the one type of some values, a float where some are ints."""
    different = set(kinds)
    if different == {INT, FLOAT}:
        return FLOAT
    return different.pop() if len(different) == 1 else None


def _arithmetic(left: Type | None, op: str, right: Type | None) -> Type | None:
    if TENSOR in (left, right):
        return TENSOR
    if left not in (INT, FLOAT) or right not in (INT, FLOAT):
        return None
    return FLOAT if FLOAT in (left, right) or op == "/" else INT if op in ("+", "-", "*", "//", "%") else None


# Callers


class _Calls:
    """The calls of a file with the functions that make them, and the names under which it keeps objects of its classes."""

    def __init__(self, module: ModuleInfo) -> None:
        self.named: dict[str, list[tuple[n.Call, Place]]] = {}
        self.made: list[tuple[n.Call, Place]] = []
        self.names: dict[str, set[str]] = {}
        places: list[tuple[Place, list[n.Stmt]]] = [(module, module.tree.body)]
        places += [(one, one.node.body) for one in module.functions.values()]
        loops: list[tuple[n.Expr, n.Expr]] = []
        for place, body in places:
            for one in walk_scope(body):
                match one:
                    case n.Call(func=n.Name() | n.Attribute()):
                        self.named.setdefault(_last(one.func), []).append((one, place))
                    case n.Call(func=n.Call()):
                        self.made.append((one, place))
                    case n.Assign():
                        self._keep(one.targets, one.value)
                    case n.For():
                        loops.append((one.target, one.iter))
                    case n.Comprehension():
                        loops.append((one.target, one.iter))
        for target, iterated in loops:
            for name in _words(iterated):
                for word in _words(target):
                    self.names.setdefault(word, set()).update(self.names.get(name, ()))

    def _keep(self, targets: list[n.Expr], value: n.Expr) -> None:
        classes = {_last(one.func) for one in walk(value) if isinstance(one, n.Call)}
        for target in targets:
            if isinstance(target, (n.Name, n.Attribute)):
                self.names.setdefault(_last(target), set()).update(classes)

    def of(self, function: Function) -> Iterator[tuple[n.Call, Place]]:
        """Yield the calls of a function by its name, and for a `forward` those of objects of its class."""
        yield from self.named.get(function.node.name, ())
        if function.owner is not None and function.node.name == "__init__":
            yield from self.named.get(function.owner.node.name, ())
        if function.owner is None or function.node.name not in ("forward", "__call__"):
            return
        cls = function.owner.node.name
        kept = [name for name, classes in self.names.items() if cls in classes]
        yield from (one for name in kept for one in self.named.get(name, ()) if name != function.node.name)
        for call, place in self.made:
            if any(isinstance(one, (n.Name, n.Attribute)) and _last(one) == cls for one in walk(call.func)):
                yield call, place


_CALLS: WeakKeyDictionary[ModuleInfo, _Calls] = WeakKeyDictionary()


def _calls(module: ModuleInfo) -> _Calls:
    module.is_read = True
    if module not in _CALLS:
        _CALLS[module] = _Calls(module)
    return _CALLS[module]


def calls_to(function: Function) -> list[n.Call]:
    """Return the calls in a function's file of it by its name, and for a `forward` those of objects of its class."""
    return [call for call, _ in _calls(function.module).of(function)]


def passed(function: Function, name: str) -> Iterator[tuple[n.Expr, Place]]:
    """Yield the arguments that the calls in a function's file pass for a parameter."""
    args = function.node.args
    places = [one.name for one in (*args.posonly, *args.args)]
    is_static = any(_last(one) == "staticmethod" for one in function.node.decorators)
    implied = 1 if function.owner is not None and not is_static else 0  # the object
    at = places.index(name) - implied if name in places[implied:] else None
    for call, place in _calls(function.module).of(function):
        before = call.args if at is None else call.args[: at + 1]
        if at is not None and len(before) == at + 1 and not any(isinstance(one, n.Starred) for one in before):
            yield before[at], place
        yield from ((one.value, place) for one in call.keywords if one.arg == name)


def assigned(cls: Class, name: str) -> Iterator[tuple[n.Expr, Place]]:
    """Yield what the file of a class sets an attribute to, of any object but those of classes that have nothing to do with it."""
    module = cls.module
    places: list[tuple[Place, list[n.Stmt]]] = [(module, module.tree.body)]
    places += [(one, one.node.body) for one in module.functions.values()]
    for place, body in places:
        owner = place.owner if isinstance(place, Function) else None
        is_related = owner is None or cls in _lineage(owner) or owner in _lineage(cls)
        itself = place.node.args.args[0].name if isinstance(place, Function) and place.node.args.args else ""
        for holder, attribute, value in _set(body):
            of_itself = isinstance(holder, n.Name) and holder.id == itself
            if attribute == name and (is_related or not of_itself):
                yield value, place


def _lineage(cls: Class) -> set[Class]:
    """Return a class with its bases of the same file, and theirs."""
    found, pending = {cls}, [cls]
    while pending:
        bases = {_last(base) for base in pending.pop().node.bases}
        more = [one for one in cls.module.classes.values() if one.node.name in bases and one not in found]
        found.update(more)
        pending += more
    return found


_SET: WeakKeyDictionary[Class, dict[str, list[tuple[n.Expr, Function]]]] = WeakKeyDictionary()


def set_by_methods(method: Function, name: str) -> list[tuple[n.Expr, Function]]:
    """Return what the methods of the class of a method set an attribute to."""
    cls = method.owner
    if cls is None:
        return []
    if cls not in _SET:
        found: dict[str, list[tuple[n.Expr, Function]]] = {}
        for function in cls.functions.values():
            for attribute, value in attributes_set(function):
                found.setdefault(attribute, []).append((value, function))
        _SET[cls] = found
    for function in cls.functions.values():
        function.node.is_read = True
    return _SET[cls].get(name, [])


def _is_of_itself(node: n.Attribute, method: Function) -> bool:
    args = method.node.args.args
    return bool(args) and method.owner is not None and isinstance(node.value, n.Name) and node.value.id == args[0].name


def attributes_set(function: Function) -> Iterator[tuple[str, n.Expr]]:
    """Yield the attributes that a function sets, and what to."""
    yield from ((attribute, value) for _, attribute, value in _set(function.node.body))


def _set(body: list[n.Stmt]) -> Iterator[tuple[n.Expr, str, n.Expr]]:
    """Yield the attributes that a body sets: of what, the name, and the value."""
    for one in walk_scope(body):
        match one:
            case n.Assign(targets=targets, value=value):
                yield from ((each.value, each.attr, value) for each in targets if isinstance(each, n.Attribute))
                yield from ((*place, value) for each in targets if (place := _in_dict(each)) is not None)
            case n.AnnAssign(target=n.Attribute() as target, value=value) if value is not None:
                yield target.value, target.attr, value
            case n.Call(
                func=n.Name(id="setattr") | n.Attribute(attr="__setattr__"),
                args=[holder, n.Constant(value=str() as attribute), value],
            ):
                yield holder, attribute, value


def _in_dict(target: n.Expr) -> tuple[n.Expr, str] | None:
    """Return the object and the name where an attribute is set in the dictionary of an object."""
    match target:
        case n.Subscript(value=n.Attribute(value=holder, attr="__dict__"), slice=n.Constant(value=str() as name)):
            return holder, name
    return None


def _words(node: n.Expr) -> set[str]:
    return names_in([node]) | {one.attr for one in walk(node) if isinstance(one, n.Attribute)}


def _last(node: n.Expr) -> str:
    return node.attr if isinstance(node, n.Attribute) else node.id if isinstance(node, n.Name) else ""
