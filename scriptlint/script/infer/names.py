"""Names: variables, then the emitter's own table, then what Python would find.

Twins: Environment::getSugaredVar of ir_emitter.cpp, toSugaredValue of torch/csrc/jit/python/python_sugared_value.cpp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Fixable, Label
from scriptlint.evaluate import values as made
from scriptlint.fixes.branches import as_else, raising_otherwise, started_before, started_before_if
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Global, Local, Symbol
from scriptlint.program.scopes import targets
from scriptlint.script.infer import advice, classes, closures, flags, named_tuples, packages, wrapped
from scriptlint.script.infer.python_calls import AUTOGRAD, GLOBAL_MODULE, is_autograd_function
from scriptlint.script.infer.values import (
    Builtin,
    LibClass,
    LibFunction,
    PyClass,
    PyException,
    PyFunction,
    PyModule,
    PyNamedTuple,
    PythonCallable,
    Refused,
    ScriptedModule,
    Special,
    Typed,
    TypeName,
    Unsupported,
    Value,
    is_unknown,
    unknown,
)
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.types.annotations import is_tensor_class
from scriptlint.types.model import BOOL, COMPLEX, DEVICE, FLOAT, INT, NONE, STRING, Type, Unknown, has_unknown

if TYPE_CHECKING:
    from scriptlint.script.infer.environment import Missing
    from scriptlint.script.infer.unit import Unit
    from scriptlint.text import Fix

UNDEFINED = refusal(
    code="SL210",
    name="undefined-name",
    message="`{name}` is not defined here",
    help="{advice}",
    compiler="undefined value",
    fixable=Fixable.SOMETIMES,
)
ONE_BRANCH = refusal(
    code="SL212",
    name="variable-of-one-branch",
    message="`{name}` is not defined in the {missing} branch of this `if`",
    help="give it a value before the `if`",
    compiler="is not defined in the (true|false) branch",
    fixable=Fixable.SOMETIMES,
)
TWO_TYPES = refusal(
    code="SL328",
    name="branch-type-mismatch",
    message="`{name}` is {types} of this `if`",
    help="give it one type in both branches, or annotate it before the `if`",
    compiler="Type mismatch: .* is set to type",
    fixable=Fixable.SOMETIMES,
)

_OPERATORS = {
    "len": "aten::len",
    "min": "prim::min",
    "max": "prim::max",
    "abs": "prim::abs",
    "all": "aten::all",
    "any": "aten::any",
    "divmod": "aten::divmod",
    "sum": "aten::sum",
    "round": "aten::round",
    "hash": "aten::hash",
    "hex": "aten::hex",
    "oct": "aten::oct",
    "bin": "aten::bin",
    "ord": "aten::ord",
    "chr": "aten::chr",
    "pow": "aten::pow",
    "sorted": "aten::sorted",
    "id": "prim::id",
}
_SPECIAL = frozenset("print isinstance hasattr getattr range zip enumerate tuple list dict super slice".split())
_TYPES = frozenset("int float bool complex str".split())
_PYTHON_OPS = frozenset("bytes bytearray frozenset memoryview object property reversed set staticmethod type".split())
_SPECIAL_EXTERNALS = {
    "torch.jit.annotate": "annotate",
    "torch.jit.isinstance": "isinstance",
    "torch.jit.is_scripting": "is_scripting",
    "torch._jit_internal.is_scripting": "is_scripting",
    "torch.jit.fork": "fork",
    "torch.jit._fork": "fork",
    "torch.jit.wait": "wait",
    "torch.jit._wait": "wait",
    "torch.jit.Attribute": "unknown",
    "torch.overrides.has_torch_function": "has_torch_function",
    "torch.overrides.has_torch_function_unary": "has_torch_function",
    "torch.overrides.has_torch_function_variadic": "has_torch_function",
    "torch.overrides.handle_torch_function": "unknown",
    "torch.jit.is_tracing": "bool",
    "torch._check": "unknown",
    "torch._assert": "assert",
    "torch.sym_int": "unknown",
    "torch.compiler.is_compiling": "bool",
}
# Imported by name into many modules of torch, and pruned under whichever name.
_TORCH_FUNCTION = {
    "has_torch_function": "has_torch_function",
    "has_torch_function_unary": "has_torch_function",
    "has_torch_function_variadic": "has_torch_function",
    "handle_torch_function": "unknown",
}
_FACTORIES = {
    "logging.getLogger": "Logger",
    "types.SimpleNamespace": "SimpleNamespace",
    "argparse.Namespace": "Namespace",
    "collections.defaultdict": "defaultdict",
    "collections.OrderedDict": "OrderedDict",
    "collections.Counter": "Counter",
    "re.compile": "Pattern",
    "torch.device": "device",
    "os.getenv": "str",
    "os.environ.get": "str",
}
_VALUES: dict[str, Type] = {"torch.backends.cudnn.enabled": BOOL, "sys.maxsize": INT}
_CONSTANTS: dict[str, Type] = {
    "int": INT,
    "float": FLOAT,
    "bool": BOOL,
    "complex": COMPLEX,
    "str": STRING,
    "dtype": INT,
    "layout": INT,
    "memory_format": INT,
    "qscheme": INT,
    "device": DEVICE,
    "NoneType": NONE,
}


def value_of(unit: Unit, node: n.Name) -> Value:
    """Return the value of a name."""
    value = unit.frame.find(node.id)
    if value is not None:
        return unit.lose(unit.unread[node.id]) if node.id in unit.unread and is_unknown(value) else value
    missing = unit.frame.find_error(node.id)
    if missing is not None:
        used = [Label(unit.module.span(node), "used here")]
        if missing.kind == "branch":
            fix = flags.decided(unit, missing) or unit.pruning() or _completed(unit, missing, node)
            return unit.say(ONE_BRANCH, missing.node, labels=used, fix=fix, name=node.id, missing=missing.text)
        if missing.kind == "types":
            fix = flags.decided(unit, missing)
            return unit.say(TWO_TYPES, missing.node, labels=used, fix=fix, name=node.id, types=missing.text)
        return unit.say(UNDEFINED, node, name=node.id)
    if node.id in _OPERATORS:
        return Builtin(_OPERATORS[node.id])
    if node.id in _SPECIAL:
        return Special(node.id)
    if node.id in _TYPES:
        return TypeName(node.id)
    return _outside(unit, node)


def _completed(unit: Unit, missing: Missing, used: n.Name) -> Fix | None:
    """Let every branch of an `if` define a variable, or leave."""
    if not isinstance(missing.node, n.If):
        return None
    joined = as_else(unit.module, unit.function.node, missing.node)
    if joined is not None or missing.text != "false":
        return joined
    if isinstance(missing.given, Typed):
        started = started_before_if(unit.function, missing.node, used.id, missing.given.type)
        if started is not None:
            return started
    return raising_otherwise(unit.module, unit.function.node, missing.node, used)


def _started(unit: Unit, node: n.Name) -> Fix | None:
    """Let a variable of a loop begin before it."""
    ended = unit.frame.find_ended(node.id)
    return None if ended is None else started_before(unit.function, ended[0], node.id, ended[1])


def _to_define(unit: Unit, name: str) -> str:
    """Return what to do about a name that nothing defines where it is read."""
    if unit.of_comprehensions is None:
        comprehensions = (one for one in walk(unit.function.node) if isinstance(one, n.Comprehension))
        unit.of_comprehensions = frozenset(target.id for one in comprehensions for target in targets(one.target))
    ended = name in unit.function.scope.bindings or name in unit.of_comprehensions
    return advice.ENDED if ended else "define it in this file, or import it"


def _outside(unit: Unit, node: n.Name) -> Value:
    function = unit.function
    if wrapped.lost(unit, node):
        return unknown(f"`{node.id}`")
    symbol = unit.compiler.project.lookup(node.id, function.outer or function.module)
    if symbol is None:
        if node.id.startswith("__jit"):
            return unknown("a name that is refused by form")
        if function.module.scope.is_open or (function.owner is not None and function.outer is not None):
            return unit.lose(f"`{node.id}`")
        return unit.say(UNDEFINED, node, fix=_started(unit, node), name=node.id, advice=_to_define(unit, node.id))
    return to_value(unit, symbol, node, constant=False)


def to_value(unit: Unit, symbol: Symbol | None, node: n.Expr, constant: bool) -> Value:
    """Return the value of something outside the function; `constant` where it is an attribute of a module."""
    match symbol:
        case Function():
            unit.compiler.share_scope(unit.function, symbol)
            operator = unit.compiler.library.builtin(symbol.dotted) if symbol.module.name.startswith("torch.") else None
            return PyFunction(symbol) if operator is None else Builtin(operator)
        case Class():
            kind = classes.kind_of(unit.compiler, symbol)
            return PyException(symbol.node.name) if kind == "exception" else PyClass(symbol)
        case ModuleInfo():
            return PyModule(symbol, symbol.name)
        case External():
            found = external(unit, symbol.name, node)
            if not constant and isinstance(found, Typed) and not is_unknown(found):
                # `from math import pi`: only an attribute of a module object is a constant.
                is_dtype = symbol.name.startswith("torch.") and found.type is INT
                return Refused("dtype" if is_dtype else str(found.type))
            return found
        case Global():
            return _global(unit, symbol, node, constant)
        case Local():
            return _of_enclosing(unit, symbol, node)
        case _:
            return unit.lose(f"`{unit.text(node)}`")


def _global(unit: Unit, symbol: Global, node: n.Expr, constant: bool) -> Value:
    machine = unit.compiler.machine
    if symbol.value is None:
        kinds = {closures.literal_kind(one.value) for one in symbol.bindings}
        if len(kinds) == 1 and None not in kinds and not constant:
            return Refused(str(kinds.pop()))
        if not constant and all(isinstance(one.node, n.For) for one in symbol.bindings):
            value = machine.global_value(symbol)  # a variable of loops, of which the type tells all
            if isinstance(value, made.Const) and value.value is not None:
                return Refused(type(value.value).__name__)
        function = _whichever(unit, symbol)
        return unit.lose(f"`{symbol.name}`") if function is None else PyFunction(function)
    operator = unit.compiler.library.builtin(f"{symbol.module.name}.{symbol.name}")
    if operator is not None and symbol.module.name.startswith("torch."):
        return Builtin(operator)
    named = named_tuples.of_global(unit.compiler, symbol)
    if named is not None:
        return PyNamedTuple(named)
    if isinstance(symbol.value, n.Call):
        called = unit.compiler.project.resolve(symbol.value.func, symbol.module)
        if (
            isinstance(called, External)
            and called.name in _FACTORIES
            and not (constant and called.name == "torch.device")
        ):
            return Refused(_FACTORIES[called.name])
    if isinstance(symbol.value, n.Attribute) and symbol.value.attr == "apply":
        owner = unit.compiler.project.resolve(symbol.value.value, symbol.module)
        if isinstance(owner, Class) and is_autograd_function(owner, unit.compiler.classes):
            return PythonCallable(AUTOGRAD)
    form = closures.literal_kind(symbol.value)
    found = _of_value(unit, machine.global_value(symbol), symbol, node, constant)
    if found is None:
        return unit.lose(f"`{symbol.name}`") if form is None or constant else Refused(form)
    return found


def _of_value(unit: Unit, value: made.Value, symbol: Global | Local, node: n.Expr, constant: bool) -> Value | None:
    """Return what a variable outside of the function is to the compiler, by the value that it has; None where that says nothing."""
    match value:
        case made.Const(value=None):
            return Typed(NONE) if constant else unit.say(UNDEFINED, node, name=symbol.name)
        case made.Const(value=literal):
            kind = type(literal).__name__
            return Typed(_CONSTANTS[kind]) if constant else Refused(kind)
        case made.Items():
            return unit.lose(f"`{symbol.name}`") if constant else Refused(value.kind)
        case made.Mapping():
            return Refused("dict")
        case made.TensorValue():
            return Refused("Tensor")
        case made.Some(kind=kind) if not constant:
            return Refused(kind)
        case made.Some(kind="device"):
            return Typed(DEVICE)
        case made.PythonObject(kind=kind):
            return Refused(kind.rpartition(".")[2])
        case made.Instance(cls=External(name="types.SimpleNamespace")):
            return Refused("SimpleNamespace")
        case made.FunctionValue() if value.bound is None:
            if value.scope is not None:
                unit.compiler.scopes[value.function] = value.scope
            return PyFunction(value.function)
        case made.LambdaValue():
            return Unsupported(symbol.name)
        case made.Partial():
            return Unsupported(symbol.name) if _has_signature(unit, value) else unit.lose(f"`{symbol.name}`")
        case made.Instance(cls=Class() as cls) if _is_python_module(unit, cls):
            return PyModule(None, cls.dotted if isinstance(symbol, Local) else f"{symbol.module.name}.{symbol.name}")
        case made.Instance(cls=Class() as cls) if unit.compiler.classes.is_module(cls) is False:
            return unit.lose(f"`{symbol.name}`") if _is_called_in_python(unit, cls) else Refused(cls.node.name)
        case made.Instance(cls=Class() as cls) if unit.compiler.classes.is_module(cls) and not constant:
            return PythonCallable(GLOBAL_MODULE)
        case made.Instance(cls=External() as of) if unit.compiler.library.is_module_class(of.name) and not constant:
            return PythonCallable(GLOBAL_MODULE)
        case made.Compiled(inner=made.Instance()) if not constant:
            return ScriptedModule()
        case made.ClassValue():
            return to_value(unit, value.symbol, node, constant)
        case made.TupleClass():
            return unit.lose(f"`{symbol.name}`")
        case made.ExternalValue() if value.receiver is None:
            return _global_external(unit, value.name, node, constant)
        case _:
            return None


def _of_enclosing(unit: Unit, symbol: Local, node: n.Expr) -> Value:
    """Return the value of a variable of an enclosing function: by the value it had where the function was defined, else by its form."""
    value = unit.compiler.enclosing(unit.function, symbol)
    found = None if value is None else _of_value(unit, value, symbol, node, constant=False)
    return closures.value_of(unit, symbol) if found is None else found


def _whichever(unit: Unit, symbol: Global) -> Function | None:
    """Return the last of several functions of one name where it makes no difference which of them the file's code defined."""
    functions = [
        symbol.module.functions[one.node.start] for one in symbol.bindings if isinstance(one.node, n.FunctionDef)
    ]
    plain = not any(one.node.decorators or unit.compiler.is_active(one, None) for one in functions)
    if len(functions) < len(symbol.bindings) or not plain:
        return None
    compiled = [unit.compiler.compile(one) for one in functions]
    last = compiled[-1]
    alike = all(
        one.signature.params == last.signature.params
        and one.returns is last.returns
        and not (one.diagnostics or one.callees or one.unknowns)
        for one in compiled
    )
    return functions[-1] if alike and not has_unknown(last.returns) else None


def _has_signature(unit: Unit, value: made.Partial) -> bool:
    """Return True for a partial function with keywords, which Python shows as parameters; the compiler takes no such call.

    A function that is written in C++ shows none, and then Python calls it.
    """
    match value.callee:
        case made.FunctionValue():
            return bool(value.keywords)
        case made.ExternalValue(receiver=None, name=name):
            return bool(value.keywords) and unit.compiler.library.function(name) is not None
        case _:
            return False


def _is_called_in_python(unit: Unit, cls: Class) -> bool:
    """Return True if the objects of a class may be called as functions that the compiler leaves to Python."""
    method = unit.compiler.classes.methods(cls).get("__call__")
    return method is not None and decoration(method, unit.compiler.project).jit is not None


def _is_python_module(unit: Unit, cls: Class) -> bool:
    return External("types.ModuleType") in unit.compiler.classes.lineage(cls).entries


def _global_external(unit: Unit, name: str, node: n.Expr, constant: bool) -> Value:
    found = external(unit, name, node)
    if isinstance(found, Typed) and found.type is INT and not constant and name.startswith("torch."):
        return Refused("dtype")
    return found


def external(unit: Unit, name: str, node: n.Expr) -> Value:
    """Return the value of a dotted name of a package that is not followed."""
    special = _SPECIAL_EXTERNALS.get(name)
    if special is None and name.startswith("torch."):
        special = _TORCH_FUNCTION.get(name.rpartition(".")[2])
    if special is not None:
        return Special(special)
    if name in _VALUES:
        return Typed(_VALUES[name])
    if name == "typing.cast":
        return Unsupported(name)
    if is_tensor_class(name):
        return Special("tensor-constructor")
    top, _, last = name.rpartition(".")
    if name == "typing.TYPE_CHECKING":
        return Typed(BOOL, literal=n.Constant(node.start, node.end, "bool", False))
    if top == "builtins":
        return unit.lose("Ellipsis") if last == "Ellipsis" else _python_builtin(last)
    if top == "typing" or name in ("torch.Tensor", "torch.device", "torch.Size"):
        return TypeName(name)
    return _of_library(unit, name, node)


def _python_builtin(name: str) -> Value:
    if name in ("KeyboardInterrupt", "SystemExit", "GeneratorExit", "BaseException"):
        return Unsupported(name)
    if name.endswith(("Error", "Exception", "Warning")) or name == "StopIteration":
        return PyException(name)
    if name in _PYTHON_OPS:
        return Special("python-op")
    return Unsupported(name)


def _of_library(unit: Unit, name: str, node: n.Expr) -> Value:
    library = unit.compiler.library
    if name.startswith(packages.OPERATORS):
        return packages.operator(library, name)
    operator = library.builtin(name)
    if operator is not None and library.has_operator(operator):
        return Builtin(operator)
    function = library.function(name)
    if function is not None:
        if function.kind in ("function", "overloaded", "dispatch"):
            return LibFunction(name)
        if function.kind == "refused" and function.why != "the process died":
            return Unsupported(name)
        return unit.lose(f"`{name}`")
    if name.startswith("warnings.") and name != "warnings.warn":
        return Unsupported(name)
    exists = library.exists(name)
    if exists is not None:
        match exists.kind:
            case "module":
                return PyModule(None, name)
            case "constant":
                return Typed(_constant_type(exists.detail))
            case "unknown-operator":
                return Unsupported(name)
            case "python-builtin":
                return Unsupported(name)
            case "class":
                return LibClass(name)
            case _:
                return unit.lose(f"`{name}`")
    if library.is_module_class(name):
        return LibClass(name)
    if library.package(name) is not None:
        return PyModule(None, name)
    if name.startswith("torch.distributions."):
        return Unsupported(name)  # what it calls is compiled, and no constructor there scripts
    own = unit.compiler.project.own(name, unit.module)
    if own is not None and not isinstance(own, External):
        return to_value(unit, own, node, constant=True)
    if library.lacks(name) and not unit.compiler.project.may_set(name.rpartition(".")[2]):
        return Unsupported(name)
    return packages.of_python(unit, name)


def _constant_type(detail: str) -> Type:
    text = detail.partition(" ")[0]
    return _CONSTANTS.get(text) or Unknown(f"a constant of type {text}")
