"""Python builtins that the emitter treats by itself. Twin: emitApplySpecialForm, CastValue, RangeValue, IterableTree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Fixable
from scriptlint.evaluate import values as made
from scriptlint.evaluate.values import Instance, flatten
from scriptlint.fixes.loops import over_zipped
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class
from scriptlint.program.project import External, Global, Symbol
from scriptlint.script.constants import is_constant
from scriptlint.script.infer import (
    branches,
    classes,
    containers,
    differs,
    futures,
    loops,
    operators,
    python_calls,
    signature,
    uses,
)
from scriptlint.script.infer.arguments import ARGUMENTS
from scriptlint.script.infer.branches import Condition
from scriptlint.script.infer.conversion import unconvertible
from scriptlint.script.infer.values import (
    Iterable,
    ModuleObject,
    PyModule,
    SuperObject,
    Typed,
    Value,
    is_unknown,
    unknown,
)
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.match import Refusal, match
from scriptlint.types.annotations import Refused
from scriptlint.types.convert import convert
from scriptlint.types.model import (
    ANY,
    ANY_LIST,
    ANY_TUPLE,
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NONE,
    STRING,
    TENSOR,
    Interface,
    List,
    Tensor,
    Tuple,
    Type,
    Unknown,
    has_unknown,
)
from scriptlint.types.model import Class as ClassType
from scriptlint.types.relations import is_subtype, members_of, narrow, subtract

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

UNROLLED_ZIP = refusal(
    code="SL504",
    name="unrolled-zip",
    message="`zip` of modules or a tuple with something whose length the compiler does not know",
    help="write `for i, m in enumerate(modules)` and index the other by `i`",
    compiler="Can not iterate over a module list or tuple with a value that does not have a statically determinable length",
    fixable=Fixable.SOMETIMES,
)
RANGE_ARGUMENT = refusal(
    code="SL408",
    name="range-argument",
    message="`range` is given a `{found}`, and takes only ints",
    help="use `//` instead of `/`, `int(x)` around a number, or annotate the parameter as int",
    compiler="all inputs of range must be ints",
    fixable=Fixable.SOMETIMES,
)
CAST = refusal(
    code="SL409",
    name="impossible-cast",
    message="`{name}` is given a `{found}`, which it cannot convert",
    help="convert step by step, or check an Optional with `is not None` before",
    compiler="Arguments for call are not valid|Could not cast value|Expected a value of type|has no attribute or method",
)
COMPUTED_ATTRIBUTE = refusal(
    code="SL217",
    name="computed-attribute-name",
    message="`{text}` asks for an attribute by a name that is not a string literal",
    help="name the attribute, or iterate over a `ModuleDict`",
    compiler="getattr's second argument must be a string literal|second argument must be a string literal",
)

HASATTR = refusal(
    code="SL218",
    name="hasattr-on-value",
    message="`hasattr` is asked about `{text}`, a `{found}`",
    help="ask it about `self`, a submodule or an object; of a tensor every attribute is known",
    compiler="hasattr's first argument must be an object or NamedTuple",
)
UNTYPED_TOLIST = refusal(
    code="SL411",
    name="untyped-tolist",
    message="nothing says what `{text}` gives, and the compiler cannot know",
    help="assign it to an annotated variable first: `values: List[float] = x.tolist()`",
    compiler="Expected type hint for result of tolist",
)
PYTHON_OP = refusal(
    code="SL412",
    name="python-class-call",
    message="`{text}` becomes a Python call that takes only tensors, and is given a `{found}`",
    help="use `isinstance` for `type(x)`, `x[::-1]` for `reversed`, a list or dictionary for a set",
    compiler=r"\((Tensor \d+(, )?)*\) -> Tensor 0:",
)

# What every module has without setting it.
_OF_EVERY_MODULE = frozenset({"training", "forward", "dump_patches", "call_super_init", "T_destination"})
_CASTS: dict[str, tuple[Type, str]] = {
    "int": (INT, "aten::Int"),
    "float": (FLOAT, "aten::Float"),
    "bool": (BOOL, "aten::Bool"),
    "complex": (COMPLEX, "aten::Complex"),
    "str": (STRING, "aten::str"),
}


def call(unit: Unit, name: str, node: n.Call, hint: Type | None) -> Value:
    """Return a call of a builtin by its name."""
    match name:
        case "range":
            return _range(unit, node)
        case "zip" | "enumerate":
            return _tree(unit, name, node)
        case "isinstance" | "hasattr":
            branches.condition(unit, node)
            return Typed(BOOL)
        case "is_scripting" | "has_torch_function" | "bool":
            _evaluate(unit, node)
            return Typed(BOOL)
        case "slice" if node.keywords:
            return unit.say(ARGUMENTS, node.func, callee="slice", reason="it takes no keywords")
        case "getattr":
            return _getattr(unit, node)
        case "annotate":
            return _annotate(unit, node)
        case "print" | "assert":
            _evaluate(unit, node)
            return Typed(NONE)
        case "tuple":
            return containers.made_tuple(unit, node)
        case "list":
            return containers.made_list(unit, node, hint)
        case "dict":
            return containers.made_dict(unit, node, hint)
        case "tolist":
            return unit.say(UNTYPED_TOLIST, node, text=unit.text(node)) if hint is None else Typed(hint)
        case "tensor-constructor":
            _evaluate(unit, node)
            return Typed(TENSOR)
        case "python-op":
            return _python_op(unit, node)
        case "super":
            return SuperObject()
        case "fork":
            return futures.fork(unit, node)
        case "wait":
            return futures.wait(unit, node)
        case _:
            for argument in (*node.args, *(one.value for one in node.keywords)):
                unit.value(argument)
            return unknown(name)


def _python_op(unit: Unit, node: n.Call) -> Value:
    for argument in node.args:
        value = unit.value(argument)
        if isinstance(value, ModuleObject):
            return unit.say(PYTHON_OP, node.func, text=unit.text(node), found=value.instance.class_name)
    given = _evaluate(unit, node)
    for one in given:
        if not isinstance(one.type, Tensor) and not has_unknown(one.type):
            return unit.say(PYTHON_OP, node.func, text=unit.text(node), found=str(one.type))
    python_calls.stays(unit, node.func, python_calls.CONSTRUCTED)
    return unknown("a Python call") if any(has_unknown(one.type) for one in given) else Typed(TENSOR)


def _evaluate(unit: Unit, node: n.Call) -> list[Typed]:
    found = [unit.typed(one) for one in node.args if not isinstance(one, n.Starred)]
    for keyword in node.keywords:
        unit.typed(keyword.value)
    return found


def cast(unit: Unit, name: str, node: n.Call) -> Value:
    """`int(x)` and the like; other type names called construct something that is not known."""
    if name not in _CASTS:
        _evaluate(unit, node)
        if name == "torch.Tensor":
            from scriptlint.script.infer.call_fixes import of_unsupported
            from scriptlint.script.infer.calls import UNSUPPORTED

            return unit.say(UNSUPPORTED, node.func, name=name, fix=of_unsupported(unit, node, name))
        return unknown(f"`{name}`")
    wanted, operator = _CASTS[name]
    if name == "bool" and len(node.args) == 1:
        branches.to_bool(unit, unit.typed(node.args[0]), node.args[0])
        return Typed(BOOL)
    given = _evaluate(unit, node)
    if len(given) == 1:
        if wanted is STRING:
            if isinstance(given[0].type, ClassType) and not given[0].type.is_module:
                from scriptlint.script.infer.attributes import magic

                return magic(unit, given[0], "__str__", node.func)
            differs.text_of(unit, node.args[0], given[0])
        if given[0].type is wanted or has_unknown(given[0].type):
            return Typed(wanted)
        found = match(unit.compiler.library.schemas(operator), [given[0].type])
        if isinstance(found, Refusal) and wanted is not STRING:
            return unit.say(CAST, node.func, name=name, found=str(given[0].type))
    elif len(given) > 1 and not any(has_unknown(one.type) for one in given):
        found = match(unit.compiler.library.schemas(operator), [one.type for one in given])
        if isinstance(found, Refusal):
            return unit.say(CAST, node.func, name=name, found=", ".join(str(one.type) for one in given))
    return Typed(wanted)


def _range(unit: Unit, node: n.Call) -> Value:
    if not node.args and all(one.arg is not None for one in node.keywords):
        return unit.say(ARGUMENTS, node, callee="range", reason="it takes no keywords, and at least one argument")
    for one in node.args:
        if isinstance(one, n.Starred):
            unit.value(one.value)
            continue
        given = unit.typed(one)
        if given.type is not INT and not is_unknown(given) and not has_unknown(given.type):
            fix = uses.annotated(unit, one, given, INT) or uses.whole(unit, one, given.type)
            unit.say(RANGE_ARGUMENT, node, found=str(given.type), fix=fix)
    return Iterable("range", Typed(INT))


def _tree(unit: Unit, name: str, node: n.Call) -> Value:
    parts = [unit.value(one) for one in node.args if not isinstance(one, n.Starred)]
    if name == "enumerate":
        parts = parts[:1]
    if not parts or len(parts) != len([one for one in node.args[: len(parts)] if not isinstance(one, n.Starred)]):
        return unknown(name)
    unrolled = [loops.unrolled_items(unit, one) for one in parts]
    lengths = [len(one) for one in unrolled if one is not None]
    if lengths:
        if len(lengths) != len(parts):
            known_all = all(items is not None or not _is_lost(one) for items, one in zip(unrolled, parts, strict=True))
            fix = over_zipped(unit.module, unit.function.node, node, [one is not None for one in unrolled])
            return unit.say(UNROLLED_ZIP, node, fix=fix) if known_all else unknown("zip")
        count = min(lengths)
        rows: list[Value] = []
        for index in range(count):
            row: list[Value] = [] if name == "zip" else [Typed(INT)]
            for part, items, expression in zip(parts, unrolled, node.args, strict=False):
                row.append(items[index] if items is not None else loops.item_of(unit, part, expression, node))
            rows.append(Iterable("row", unknown("a row"), unrolled=True, items=tuple(row)))
        return Iterable(name, unknown("a row"), unrolled=True, items=tuple(rows))
    items_of = [loops.item_of(unit, one, node.args[index], node) for index, one in enumerate(parts)]
    kinds = [one.type if isinstance(one, Typed) else Unknown("an item") for one in items_of]
    if name == "enumerate":
        kinds = [INT, *kinds]
    return Iterable(name, Typed(Tuple(tuple(kinds))))


def _is_lost(value: Value) -> bool:
    return isinstance(value, Typed) and has_unknown(value.type)


def length(unit: Unit, node: n.Call, given: list[Typed]) -> Value | None:
    """`len` of what the compiler counts itself; None where the operator decides."""
    if len(given) == 1 and (isinstance(given[0].type, Tuple) or has_unknown(given[0].type)):
        return Typed(INT)
    if len(given) == 1 and isinstance(given[0].type, ClassType):
        from scriptlint.script.infer.attributes import MISSING, magic

        if not given[0].type.is_module:
            return magic(unit, given[0], "__len__", node.func)
        if operators.has_method(unit, given[0].type, "__len__"):
            return Typed(INT)
        return unit.say(MISSING, node, found=str(given[0].type), name="__len__")
    return None


def _getattr(unit: Unit, node: n.Call) -> Value:
    if len(node.args) < 2:
        _evaluate(unit, node)
        return unknown("getattr")
    name = node.args[1]
    if not isinstance(name, n.Constant) or not isinstance(name.value, str):
        unit.value(node.args[0])
        return unit.say(COMPUTED_ATTRIBUTE, node, text=unit.text(node))
    attribute = n.Attribute(node.start, node.end, node.args[0], name.value)
    if len(node.args) == 2:
        return unit.value(attribute)
    present = _presence(unit, node.args[0], name).static
    if present is None:
        return unit.lose("getattr with a default")
    return unit.value(attribute if present else node.args[2])


def _annotate(unit: Unit, node: n.Call) -> Value:
    if len(node.args) != 2:
        return unknown("annotate")
    wanted = signature.read(unit.compiler, node.args[0], unit.function, unit.report)
    unit.use_annotation(wanted, node.args[0])
    value = unit.typed(node.args[1], wanted)
    found = convert(value.type, wanted, True, value.empty_list)
    if not is_subtype(found, wanted) and not has_unknown(found) and not has_unknown(wanted):
        unit.say(ARGUMENTS, node.func, callee="annotate", reason=f"it wants `{wanted}` and is given `{value.type}`")
    return Typed(wanted)


# Tests on types and attributes


def isinstance_condition(unit: Unit, node: n.Call) -> Condition:
    """`isinstance(x, T)`: decided while compiling where the type of x decides it."""
    if len(node.args) != 2:
        return Condition(undecided=True)
    value = unit.value(node.args[0])
    known = isinstance(value, ModuleObject) or (isinstance(value, Typed) and not has_unknown(value.type))
    wanted = _types(unit, node.args[1], report=known)
    if not isinstance(value, Typed) or isinstance(value.type, Unknown):
        return Condition(undecided=True)
    name = node.args[0].id if isinstance(node.args[0], n.Name) else None
    # Where the test holds the value is of a type that is not known; where it cannot, nothing is compiled.
    of_another: dict[str, Type] = {name: Unknown("a class that is not known")} if name else {}
    if wanted is None:
        if isinstance(unit.compiler.project.resolve(node.args[1], unit.function), Global):
            unit.lose(f"whether `{unit.text(node)}` holds")
        return Condition(undecided=True, when_true=of_another)
    kind = value.type
    members = members_of(kind)
    differs.isinstance_of_int(unit, node, members, wanted)
    if any(has_unknown(one) for one in wanted):
        unit.lose(f"whether `{unit.text(node)}` holds")
        return Condition(undecided=True, when_true=of_another)
    if any(has_unknown(one) for one in members):
        return Condition(undecided=True)
    if kind is ANY:
        narrowed = narrow(kind, wanted)
        return Condition(None, {name: narrowed} if name and narrowed is not None else {})
    holds = [any(_is_instance(one, other) for other in wanted) for one in members]
    if all(holds):
        return Condition(True)
    if not any(holds):
        return Condition(False)
    if name is None:
        return Condition()
    true, false = narrow(kind, wanted), subtract(kind, wanted)
    return Condition(None, {name: true} if true is not None else {}, {name: false} if false is not None else {})


def _is_instance(kind: Type, wanted: Type) -> bool:
    if wanted is ANY_LIST:
        return isinstance(kind, List)
    if wanted is ANY_TUPLE:
        return isinstance(kind, Tuple)
    return is_subtype(kind, wanted)


def _types(unit: Unit, node: n.Expr, report: bool) -> list[Type] | None:
    """Return the types that the second argument of `isinstance` names; None where one is not known."""
    if isinstance(node, n.Tuple):
        found: list[Type] = []
        for one in node.elts:
            inner = _types(unit, one, report)
            if inner is None:
                return None
            found += inner
        return found
    local = _local_owner(unit, node)
    if local is not None and isinstance(node, n.Attribute):
        if node.attr == "__class__" and node.value is local:
            # The compiler looks for `self` in the file, finds nothing, and takes the class of that; not in a class that
            # is compiled because something else uses it.
            owner = unit.function.owner
            if owner is None or unit.compiler.classes.is_module(owner):
                return [NONE]
            return [NONE] if decoration(owner, unit.compiler.project).jit == "script" else None
        if report:
            unit.say(signature.UNKNOWN_TYPE, node, annotation=unit.text(node))
        return None
    symbol = unit.compiler.project.resolve(node, unit.function)
    if symbol == External("torch.nn.Module"):
        if report:  # a type has the name of the class that was compiled, and that is never this one
            unit.say(signature.UNKNOWN_TYPE, node, annotation=unit.text(node))
        return None
    if symbol in _OF_PYTHON_ONLY:
        return []  # the compiler takes it for a class of scripts, and of that nothing is
    if isinstance(symbol, Class) and classes.kind_of(unit.compiler, symbol) == "unknown":
        return None
    name = _of_module(unit, symbol)
    if name is not None:
        if report:
            unit.need(name, signature.UNKNOWN_TYPE, node, annotation=unit.text(node))
        return None
    try:
        kind = signature.reader(unit.compiler, unit.function).type_of(node)
    except Refused:
        if report:
            signature.read(unit.compiler, node, unit.function, unit.report)
        return None
    if report:
        unit.use_annotation(kind, node)
    return None if isinstance(kind, Unknown) else [kind]


_OF_PYTHON_ONLY = (External("torch.autograd.Variable"), External("torch.autograd.variable.Variable"))


def _local_owner(unit: Unit, node: n.Expr) -> n.Name | None:
    """Return the variable at the head of a dotted name, if the function sets it and the file does not know it."""
    while isinstance(node, n.Attribute):
        node = node.value
    if not isinstance(node, n.Name) or node.id not in unit.function.scope.bindings:
        return None
    return node if unit.compiler.project.resolve(node, unit.module) is None else None


def _of_module(unit: Unit, symbol: Symbol | None) -> str | None:
    """Return the name of a module class; None for everything else."""
    if isinstance(symbol, Class):
        return symbol.dotted if unit.compiler.classes.is_module(symbol) else None
    if isinstance(symbol, External) and unit.compiler.library.is_module_class(symbol.name):
        return unit.compiler.library.canonical(symbol.name)
    return None


def hasattr_condition(unit: Unit, node: n.Call) -> Condition:
    """`hasattr(self, "name")`: decided while compiling where the object is known."""
    return _presence(unit, *node.args) if len(node.args) == 2 else Condition(undecided=True)


def _presence(unit: Unit, node: n.Expr, name: n.Expr) -> Condition:
    owner = unit.value(node)
    if not (isinstance(name, n.Constant) and isinstance(name.value, str)):
        unit.say(COMPUTED_ATTRIBUTE, name, text=f"hasattr(..., {unit.text(name)})")
        return Condition(undecided=True)
    if isinstance(owner, ModuleObject) and isinstance(name, n.Constant) and isinstance(name.value, str):
        return _has(unit, owner.instance, name.value)
    if isinstance(owner, PyModule):
        from scriptlint.script.infer.attributes import PYTHON_ATTRIBUTE

        advice = "ask for it outside of the function, and keep the answer as an attribute of a module"
        unit.say(PYTHON_ATTRIBUTE, node, text=f"{unit.text(node)}.{name.value}", kind="module", advice=advice)
        return Condition(undecided=True)
    if isinstance(owner, Typed) and not has_unknown(owner.type):
        if not isinstance(owner.type, (ClassType, Interface)) and getattr(owner.type, "names", None) is None:
            unit.say(HASATTR, node, text=unit.text(node), found=str(owner.type))
    return Condition(undecided=True)


def _has(unit: Unit, instance: Instance, name: str) -> Condition:
    """Return whether the compiler sees an attribute: what is set for every object, and methods; class variables it does not."""
    held = instance.held(name)
    if any(unconvertible(unit.compiler, one.value) is not None for option in held for one in flatten(option)):
        return Condition(undecided=len(held) > 1) if len(held) > 1 else Condition(False)
    if held and all(one.when is None and not isinstance(one.value, made.Unknown) for one in held):
        return Condition(True)
    if held or instance.open or not isinstance(instance.cls, Class):
        return Condition(undecided=True)
    lineage = unit.compiler.classes.lineage(instance.cls)
    outside = {one.name for one in lineage.entries if isinstance(one, External)} - {
        "torch.nn.Module",
        "builtins.object",
    }
    if unit.compiler.classes.method(instance.cls, name) is not None:
        return Condition(True)
    if lineage.unseen or outside or name in _OF_EVERY_MODULE:
        return Condition(undecided=True)
    return Condition(undecided=True) if is_constant(instance.cls, name, unit.compiler.classes) else Condition(False)
