"""Decorators: what those on a definition do to what the compiler, the tracer and callers see."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from weakref import WeakKeyDictionary

from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Project, Symbol
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope


class Kind(Enum):
    """How a function is reached through its class."""

    PLAIN = "plain"
    PROPERTY = "property"
    SETTER = "setter"
    STATIC = "static"
    CLASS = "class"


class Effect(Enum):
    """What a decorator does to the function under it."""

    IDENTITY = "identity"  # gives back the function itself
    WRAPS = "wraps"  # functools.wraps: the compiler follows __wrapped__ to the original, the tracer runs the wrapper
    REPLACES = "replaces"  # gives back something else
    UNKNOWN = "unknown"


# torch.jit's own, by what they mean to the compiler.
_JIT = {
    "torch.jit.export": "export",
    "torch.jit.ignore": "ignore",
    "torch.jit.unused": "unused",
    "torch.jit._drop": "drop",
    "torch.jit.script": "script",
    "torch.jit.script_method": "script_method",
    "torch.jit.script_if_tracing": "script_if_tracing",
    "torch.jit._script_if_tracing": "script_if_tracing",
    "torch.jit._trace._script_if_tracing": "script_if_tracing",
    "torch.jit._overload": "overload",
    "torch.jit._overload_method": "overload",
    "torch.jit.interface": "interface",
    "torch._jit_internal._overload": "overload",
    "torch._jit_internal._overload_method": "overload",
    "torch._jit_internal.export": "export",
    "torch._jit_internal.ignore": "ignore",
    "torch._jit_internal.unused": "unused",
    "torch._jit_internal._drop": "drop",
}
_KINDS = {
    "builtins.property": Kind.PROPERTY,
    "abc.abstractproperty": Kind.PROPERTY,
    "builtins.staticmethod": Kind.STATIC,
    "builtins.classmethod": Kind.CLASS,
}
_EFFECTS = {
    **dict.fromkeys(
        (
            "abc.abstractmethod",
            "typing.final",
            "typing.overload",
            "typing.override",
            "typing.no_type_check",
            "typing_extensions.final",
            "typing_extensions.override",
            "typing_extensions.overload",
            "typing_extensions.deprecated",
            "warnings.deprecated",
            "torch.fx.wrap",
            "torch.compiler.allow_in_graph",
            "dataclasses.dataclass",
        ),
        Effect.IDENTITY,
    ),
    **dict.fromkeys(
        (
            "torch.no_grad",
            "torch.enable_grad",
            "torch.inference_mode",
            "torch.set_grad_enabled",
            "torch.autocast",
            "torch.amp.autocast",
            "torch.cuda.amp.autocast",
            "torch.cpu.amp.autocast",
            "torch.amp.custom_fwd",
            "torch.amp.custom_bwd",
            "torch.cuda.amp.custom_fwd",
            "torch.cuda.amp.custom_bwd",
            "torch.profiler.record_function",
            "torch.autograd.profiler.record_function",
            "torch.compile",
            "torch.compiler.disable",
            "torch._dynamo.disable",
            "functools.wraps",
            "contextlib.contextmanager",
        ),
        Effect.WRAPS,
    ),
    **dict.fromkeys(
        ("functools.lru_cache", "functools.cache", "functools.cached_property", "functools.singledispatch"),
        Effect.REPLACES,
    ),
}


@dataclass(frozen=True, eq=False)
class Decorator:
    """One decorator: its expression, what it resolves to, the dotted name of that (None if unknown) and what it does."""

    node: n.Expr
    symbol: Symbol | None
    name: str | None
    effect: Effect


@dataclass(eq=False)
class Decoration:
    """All decorators of a definition. `jit` is torch.jit's word for it (`export`, `ignore`...), `jit_node` where it stands."""

    jit: str | None = None
    jit_node: n.Expr | None = None
    kind: Kind = Kind.PLAIN
    others: list[Decorator] = field(default_factory=list)

    @cached_property
    def compiled(self) -> bool | None:
        """Whether the compiler takes the function's own source when it gets there; None if that cannot be told."""
        ignored = self.jit == "ignore" and self.kind not in (Kind.PROPERTY, Kind.SETTER)  # which it does not keep out
        if ignored or self.jit in ("unused", "drop", "overload", "interface"):
            return False
        effects = {one.effect for one in self.others}
        if Effect.UNKNOWN in effects:
            return None
        return Effect.REPLACES not in effects

    @property
    def transparent(self) -> bool:
        """Whether Python runs the function's own source when it is called, whatever torch.jit makes of it."""
        return not any(one.effect in (Effect.UNKNOWN, Effect.REPLACES) for one in self.others)


_PLAIN = Decoration()
_KNOWN: WeakKeyDictionary[Project, dict[Function | Class, Decoration]] = WeakKeyDictionary()


def decoration(of: Function | Class, project: Project) -> Decoration:
    """Return what the decorators of a definition mean."""
    if not of.node.decorators:
        return _PLAIN
    known = _KNOWN.setdefault(project, {})
    if of not in known:
        known[of] = _decoration(of, project)
    return known[of]


def _decoration(of: Function | Class, project: Project) -> Decoration:
    place = of.owner or of.outer or of.module if isinstance(of, Function) else of.outer or of.module
    found = Decoration()
    for node in of.node.decorators:
        func = node.func if isinstance(node, n.Call) else node
        if isinstance(func, n.Attribute) and func.attr in ("setter", "getter", "deleter"):
            found.kind = Kind.SETTER if func.attr == "setter" else Kind.PROPERTY
            continue
        symbol = project.resolve(func, place)
        name = symbol.name if isinstance(symbol, External) else getattr(symbol, "dotted", None)
        if name in _JIT:
            found.jit, found.jit_node = _jit_word(name, node), node
        elif name in _KINDS:
            found.kind = _KINDS[name]
        elif isinstance(symbol, Function) and _scripts_if_tracing(symbol):
            found.jit, found.jit_node = "script_if_tracing", node
        else:
            found.others.append(Decorator(node, symbol, name, _effect(symbol, isinstance(node, n.Call), project)))
    return found


def _jit_word(name: str, node: n.Expr) -> str:
    if name == "torch.jit.ignore" and isinstance(node, n.Call):
        drop = next((one.value for one in node.keywords if one.arg == "drop"), None)
        if isinstance(drop, n.Constant) and drop.value is True:
            return "unused"
    return _JIT[name]


# What torch.jit.script asks of a function: it compiles the second where the first is there.
_MARKS = frozenset({"__script_if_tracing_wrapper", "__original_fn"})


def _scripts_if_tracing(decorator: Function) -> bool:
    """Return True if a decorator marks what it returns as torch.jit.script_if_tracing does, as copies of that do."""
    if not decorator.module.finds("__script_if_tracing_wrapper"):
        return False
    targets = (target for one in walk_scope(decorator.node.body) if isinstance(one, n.Assign) for target in one.targets)
    return {one.attr for one in targets if isinstance(one, n.Attribute)} >= _MARKS


def _effect(symbol: object, called: bool, project: Project) -> Effect:
    if isinstance(symbol, External):
        return _EFFECTS.get(symbol.name, Effect.UNKNOWN)
    if not isinstance(symbol, Function):
        return Effect.UNKNOWN
    if called:
        inner = _returned_function(symbol)
        return Effect.UNKNOWN if inner is None else _own_effect(inner, project)
    return _own_effect(symbol, project)


def _returned_function(function: Function) -> Function | None:
    """Return the nested function that a function always returns, as decorator factories do."""
    returns = [one.value for one in walk_scope(function.node.body) if isinstance(one, n.Return)]
    if len(returns) != 1 or not isinstance(returns[0], n.Name):
        return None
    return _nested(function, returns[0].id)


def replacement(function: Function, project: Project) -> Function | None:
    """Return the function that its outermost decorator, one of the project, puts in the place of a function; None where
    the compiler follows it back, or nobody knows."""
    marks = decoration(function, project)
    outermost = next(iter(marks.others), None)
    if outermost is None or outermost.effect is not Effect.REPLACES or not isinstance(outermost.symbol, Function):
        return None
    if marks.jit in ("ignore", "unused", "drop") and marks.jit_node is function.node.decorators[0]:
        return None  # the function in its place is left out
    called = isinstance(outermost.node, n.Call)
    maker = _returned_function(outermost.symbol) if called else outermost.symbol
    return None if maker is None else _returned_function(maker)


def _nested(function: Function, name: str) -> Function | None:
    for binding in function.scope.bindings.get(name, ()):
        if isinstance(binding.node, n.FunctionDef):
            return function.module.functions[binding.node.start]
    return None


_OWN: WeakKeyDictionary[Project, dict[Function, Effect]] = WeakKeyDictionary()


def _own_effect(function: Function, project: Project) -> Effect:
    """Return what a function makes of the one that it decorates."""
    known = _OWN.setdefault(project, {})
    if function not in known:
        known[function] = _effect_of_body(function, project)
    return known[function]


def _effect_of_body(function: Function, project: Project) -> Effect:
    parameters = function.node.args.all()
    if not parameters:
        return Effect.UNKNOWN
    effects = {
        _returned_effect(one.value, parameters[0].name, function, project)
        for one in walk_scope(function.node.body)
        if isinstance(one, n.Return)
    }
    return effects.pop() if len(effects) == 1 else Effect.UNKNOWN


def _returned_effect(value: n.Expr | None, parameter: str, function: Function, project: Project) -> Effect:
    if isinstance(value, n.Name):
        if value.id == parameter:
            return Effect.IDENTITY
        wrapper = _nested(function, value.id)
        if wrapper is not None:
            return _marked_effect(function, value.id, project) or _wrapper_effect(wrapper, project)
    if isinstance(value, n.Call):
        called = value.func.func if isinstance(value.func, n.Call) else value.func
        symbol = project.resolve(called, function)
        if symbol in (External("functools.wraps"), External("functools.update_wrapper")):
            return Effect.WRAPS
    return Effect.UNKNOWN


def _marked_effect(function: Function, name: str, project: Project) -> Effect | None:
    """Return what a function does to the nested function that it returns, None if it returns that as it was defined."""
    if len(function.scope.bindings[name]) > 1:
        return Effect.UNKNOWN
    for one in walk_scope(function.node.body):
        match one:
            case n.Assign(targets=[n.Attribute(value=n.Name(id=owner), attr="__wrapped__")]) if owner == name:
                return Effect.WRAPS
            case n.Call(args=[n.Name(id=given), *_]) if given == name:
                if project.resolve(one.func, function) == External("functools.update_wrapper"):
                    return Effect.WRAPS
    return None


def _wrapper_effect(wrapper: Function, project: Project) -> Effect:
    for node in wrapper.node.decorators:
        symbol = project.resolve(node.func if isinstance(node, n.Call) else node, wrapper.outer or wrapper.module)
        if symbol == External("functools.wraps"):
            return Effect.WRAPS
    return Effect.UNKNOWN if wrapper.node.decorators else Effect.REPLACES


# By the project, which no function leads to: what a file's forms lead to is the file.
_FORMS: WeakKeyDictionary[Project, dict[ModuleInfo, dict[str, list[Function]]]] = WeakKeyDictionary()


def overloads(function: Function, project: Project) -> list[Function]:
    """Return the forms of a function that `torch.jit._overload` or `_overload_method` declare beside it, in order."""
    module = function.module
    known = _FORMS.setdefault(project, {})
    if module not in known:
        forms = known[module] = {}
        marked = module.functions.values() if module.finds("_overload") else ()
        for one in marked:
            if decoration(one, project).jit == "overload":
                forms.setdefault(one.qualname, []).append(one)
    return [one for one in known[module].get(function.qualname, ()) if one is not function]
