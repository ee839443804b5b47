"""Calls. Twins: emitApplyExpr of ir_emitter.cpp, schema_matching.cpp, python_sugared_value.cpp."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from scriptlint.diag import Fixable
from scriptlint.evaluate.values import Compiled as CompiledValue
from scriptlint.evaluate.values import FunctionValue, Instance, flatten
from scriptlint.evaluate.values import Unknown as UnknownValue
from scriptlint.fixes.functional import functional, kept_in_variable, variable
from scriptlint.program.decorators import decoration, replacement
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.script.infer import (
    arguments,
    attributes,
    builtins,
    call_fixes,
    classes,
    compiled_objects,
    differs,
    hooks,
    ignored,
    interfaces,
    library_calls,
    library_modules,
    overloads,
    python_calls,
    script_classes,
    signature,
    undefined,
)
from scriptlint.script.infer.arguments import Arguments
from scriptlint.script.infer.values import (
    Builtin,
    InterfaceMethod,
    Iterable,
    LibClass,
    LibFunction,
    LibMethod,
    ModuleChoice,
    ModuleObject,
    PyClass,
    PyException,
    PyFunction,
    PyNamedTuple,
    PythonCallable,
    Refused,
    ScriptedModule,
    Special,
    SuperObject,
    TracedObject,
    Typed,
    TypeName,
    Unsupported,
    Value,
    is_unknown,
    unknown,
)
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.match import Match
from scriptlint.torchlib.schema import NO_DEFAULT, Param, Schema
from scriptlint.types.model import (
    INFERRED_TENSOR,
    TENSOR,
    Interface,
    Tuple,
    Type,
)
from scriptlint.types.model import Class as ClassType
from scriptlint.types.relations import unify_all

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

NOT_CALLABLE = refusal(
    code="SL405",
    name="not-callable",
    message="`{text}` has type `{found}`, which cannot be called",
    help="{advice}",
    compiler="cannot call a value|cannot be called|has no attribute or method '__call__'|cannot call a "
    "|can't take variable number of arguments",
    fixable=Fixable.SOMETIMES,
)
NOT_OWNED = refusal(
    code="SL414",
    name="unowned-script-module",
    message="`{text}` is a compiled module from outside, and only the module that holds it may call it",
    help="make it an attribute of a module and call it in a method of that, or call it outside and pass the result",
    compiler="Cannot call a ScriptModule that is not a submodule of the caller",
)
RECURSION = refusal(
    code="SL406",
    name="recursive-call",
    message="`{name}` is called while it is being compiled: TorchScript has no recursion",
    help="write a loop",
    compiler="is called recursively. Recursive calls are not supported|maximum recursion depth exceeded",
)
UNSUPPORTED = refusal(
    code="SL213",
    name="unsupported-function",
    message="`{name}` does not exist in TorchScript",
    help="use an operator of torch, or guard the code with `if not torch.jit.is_scripting():`",
    compiler="Yield aren't supported|Lambda aren't supported|is currently not supported in Torchscript|Unknown builtin op|cannot be compiled|aren't supported"
    "|cannot be used as a value|cannot create weak reference|Attempted to use \\w+ without a contained type|attribute lookup is not defined on python value|Unknown type name|Unknown type constructor|variable number of arguments"
    "|object has no attribute|Could not compile|Only a single generator|Can't get source for",
    fixable=Fixable.SOMETIMES,
)
CONSTRUCTED_MODULE = refusal(
    code="SL607",
    name="module-constructed-in-forward",
    message="`{name}` is constructed inside of compiled code",
    help="construct the module in `__init__`, or call the function of `torch.nn.functional` that does the same",
    compiler="Cannot instantiate class|Unknown type name|Could not get name of python class object|cannot be used",
    fixable=Fixable.SOMETIMES,
)
NO_INIT = refusal(
    code="SL608",
    name="class-without-init",
    message="`{name}` is constructed, and has no `__init__`",
    help="give the class an `__init__`",
    compiler="Cannot instantiate class|does not have an __init__ function defined",
    fixable=Fixable.SOMETIMES,
)
UNDECORATED_DATACLASS = refusal(
    code="SL609",
    name="undecorated-dataclass",
    message="the dataclass `{name}` is used in compiled code, and its generated methods have no source",
    help="decorate it with `@torch.jit.script`, or write a plain class",
    compiler="Failed to get source for|Can't get source for",
)


def call(unit: Unit, node: n.Call, hint: Type | None) -> Value:
    """Return the value of a call."""
    used = unit.discarded is not node
    unit.discarded = None
    callee = unit.value_or_choice(node.func)
    match callee:
        case Special():
            return builtins.call(unit, callee.name, node, hint)
        case TypeName():
            return builtins.cast(unit, callee.name, node)
        case Builtin():
            return _builtin(unit, node, callee)
        case LibFunction():
            return library_calls.function(unit, node, callee.name)
        case LibMethod():
            return library_calls.method(unit, node, callee.instance, callee.name)
        case PyFunction():
            return _function(unit, node, callee.function, callee.bound, used)
        case PyClass():
            return _construct(unit, node, callee.cls)
        case SuperObject():
            arguments.evaluate(unit, node)
            return unit.say(attributes.SUPER, node.func, text=unit.text(node.func))
        case ScriptedModule():
            arguments.evaluate(unit, node)
            return unit.say(NOT_OWNED, node.func, text=unit.text(node.func))
        case InterfaceMethod():
            return _declared(unit, node, callee.function)
        case PyNamedTuple():
            return _named_tuple(unit, node, callee.type, arguments.evaluate(unit, node))
        case PythonCallable():
            given = arguments.evaluate(unit, node)
            python_calls.stays(unit, node.func, callee.why)
            if callee.why is python_calls.AUTOGRAD:
                arguments.matched(unit, node, [python_calls.APPLY], given, unit.text(node.func))
            return Typed(TENSOR, per_name=True)
        case PyException():
            arguments.evaluate(unit, node)
            return callee
        case ModuleObject(callable=False):
            return unit.say(NOT_CALLABLE, node.func, text=unit.text(node.func), found=callee.instance.class_name)
        case ModuleObject():
            return _module(unit, node, callee.instance, arguments.evaluate(unit, node))
        case TracedObject():
            return compiled_objects.call(unit, node, callee)
        case ModuleChoice():
            return _one_of(unit, node, callee, arguments.evaluate(unit, node))
        case Iterable() if callee.name == "modules":
            return unit.say(NOT_CALLABLE, node.func, text=unit.text(node.func), found="a tuple of modules")
        case Unsupported():
            return unit.say(
                UNSUPPORTED, node.func, name=callee.name, fix=call_fixes.of_unsupported(unit, node, callee.name)
            )
        case LibClass():
            return _library_class(unit, node, callee.name)
        case Refused():
            unit.as_typed(callee, node.func)
            arguments.evaluate(unit, node)
            return unknown("it is refused")
        case Typed(type=Interface()):
            method = attributes.of_typed(unit, callee, "forward", node.func)
            if isinstance(method, InterfaceMethod):
                return _declared(unit, node, method.function)
            arguments.evaluate(unit, node)
            return method
        case Typed():
            given = arguments.evaluate(unit, node)
            if is_unknown(callee) or isinstance(callee.type, Interface):
                return unknown("what an unknown callee gives")
            if isinstance(callee.type, ClassType) and not callee.type.is_module:
                return _object(unit, node, callee, used, given)
            return unit.say(NOT_CALLABLE, node.func, text=unit.text(node.func), found=str(callee.type))
        case _:
            arguments.evaluate(unit, node)
            return unit.lose(f"`{unit.text(node.func)}`")


def _object(unit: Unit, node: n.Call, callee: Typed, used: bool, given: Arguments) -> Value:
    """Return a call of an object: of its `__call__`."""
    from scriptlint.script.infer import attributes

    method = attributes.of_typed(unit, callee, "__call__", node.func)
    if isinstance(method, PyFunction):
        return _function(unit, node, method.function, method.bound, used, given)
    return method


def _builtin(unit: Unit, node: n.Call, callee: Builtin) -> Value:
    given = arguments.evaluate(unit, node, callee.op)
    shown = callee.op.rpartition("::")[2]
    # `x.type(...)` is `x.to(...)` to the compiler, a text the name of a device included.
    schemas = unit.compiler.library.schemas(
        "aten::to" if shown == "type" and callee.receiver is not None else callee.op
    )
    if shown == "type" and callee.receiver is not None and not given.positional and not given.keywords:
        return Typed(TENSOR)  # the tensor itself: `dtype` may be left out
    if callee.receiver is None and callee.op in ("aten::len", "aten::list"):
        special = builtins.length(unit, node, given.positional)
        if special is not None:
            return special
    differs.formatted(unit, node, callee, given.positional)
    differs.length(unit, node, callee, given.positional)
    differs.view(unit, node, callee, given.positional)
    fix = partial(call_fixes.of_operator, unit, node, schemas, given, callee.receiver)
    found = arguments.matched(unit, node, schemas, given, shown, callee.receiver, fix=fix)
    return found if isinstance(found, Typed) else Typed(found.returns)


def _function(
    unit: Unit,
    node: n.Call,
    function: Function,
    bound: Instance | None,
    used: bool,
    given: Arguments | None = None,
    held: bool = False,
) -> Value:
    """Return a call of a function of the source; `held` marks the forward of a submodule."""
    from scriptlint.script.infer.compiler import Callee

    compiler = unit.compiler
    marks = decoration(function, compiler.project)
    given = given or arguments.evaluate(unit, node)
    if ignored.is_ignored(unit, function, bound):
        return ignored.call(unit, node, function, bound, given)
    if any(python_calls.is_replaced(one.name) for one in marks.others):
        python_calls.stays(unit, node.func, python_calls.REPLACED)
        return unit.lose(f"`{function.qualname}`, which its decorator replaces")
    if marks.jit == "overload" and bound is None and marks.transparent:
        return overloads.refused(unit, function)
    instead = replacement(function, compiler.project)
    if instead is not None:
        unit.callees.append(Callee(instead, None, node.func, unit.when(), used))
    if marks.jit in ("overload", "interface") or (marks.compiled is not True and marks.jit != "ignore"):
        return unit.lose(f"`{function.qualname}`, which is decorated")
    if compiler.is_active(function, bound):
        if given.exact:
            return unit.say(RECURSION, node.func, name=function.node.name)
        return unknown("recursion")
    forms = compiler.forms(function, bound)
    if forms:
        return overloads.call(unit, node, function, bound, forms, used, given)
    if not held:  # a submodule is compiled because it is held, not because it is called
        unit.callees.append(Callee(function, bound, node.func, unit.when(), used))
    compiled = compiler.compile(function, bound)
    if function.node.args.vararg or function.node.args.kwarg or function.node.args.posonly:
        return Typed(compiled.returns)
    if bound is None and signature.is_bound(function, compiler):
        return unknown("a method without its object")
    schema = compiled.signature.schema(function.node.name, compiled.returns)
    fix = partial(call_fixes.of_function, unit, node, function, compiled, given)
    found = arguments.matched(unit, node, [schema], given, function.node.name, fix=fix, function=function)
    if isinstance(found, Match):
        undefined.check_call(unit, node, function, compiled.signature, given)
        interfaces.check_call(unit, node, compiled.signature, given)
    return found if isinstance(found, Typed) else Typed(compiled.returns)


def _construct(unit: Unit, node: n.Call, cls: Class) -> Value:
    kind = classes.kind_of(unit.compiler, cls)
    if kind == "module":
        return unit.say(CONSTRUCTED_MODULE, node.func, name=cls.node.name)
    given = arguments.evaluate(unit, node)
    if kind == "enum":
        return unit.say(NOT_CALLABLE, node.func, text=unit.text(node.func), found="enum class")
    if kind == "namedtuple":
        made = signature.read(unit.compiler, node.func, unit.function, unit.report)
        if isinstance(made, Tuple):
            return _named_tuple(unit, node, made, given)
    if kind == "class":
        return _script_class(unit, node, cls, given)
    if kind == "refused" or _has_no_constructor(unit, cls):
        return unit.say(NO_INIT, node.func, name=cls.node.name)
    if kind == "dataclass":
        return unit.say(UNDECORATED_DATACLASS, node.func, name=cls.node.name)
    return unit.lose(f"the class `{cls.node.name}`")


_OF_PYTHON = frozenset(
    {"builtins.object", *(f"builtins.{name}" for name in ("dict", "list", "int", "float", "str"))}
    | {"collections.OrderedDict", "collections.UserDict", "collections.UserList"}
)


def _has_no_constructor(unit: Unit, cls: Class) -> bool:
    """Return True for a class made of one of Python's own without an `__init__` of its own, the only one that counts."""
    lineage = unit.compiler.classes.lineage(cls)
    made_of = {one.name for one in lineage.externals}
    is_plain = not lineage.unseen and len(lineage.classes) == 1 and not cls.node.decorators
    return is_plain and "__init__" not in cls.functions and made_of <= _OF_PYTHON and made_of != {"builtins.object"}


def _named_tuple(unit: Unit, node: n.Call, made: Tuple, given: Arguments) -> Typed:
    names = made.names or ()
    name = (made.qualified or "").rpartition(".")[2]
    first_default = len(names) - made.defaults
    params = [
        Param(field, element, default=None if index >= first_default else NO_DEFAULT)
        for index, (field, element) in enumerate(zip(names, made.elements, strict=True))
    ]
    found = arguments.matched(unit, node, [Schema.of(name, params, made)], given, name)
    return found if isinstance(found, Typed) else Typed(made)


def _script_class(unit: Unit, node: n.Call, cls: Class, given: Arguments) -> Value:
    """Constructs an object; all methods of its class are compiled."""
    compiler = unit.compiler
    made = Typed(compiler.class_type(cls))
    instance = compiler.script_object(cls)
    initialiser = script_classes.method(compiler, cls, "__init__")
    unit.use_class(cls, node.func, by="constructor")
    if initialiser is not None and compiler.is_active(initialiser, instance):
        return made
    constructor = script_classes.constructor(compiler, cls)
    if constructor is None:
        return unit.say(NO_INIT, node.func, name=cls.node.name)
    if initialiser is not None and (initialiser.node.args.vararg or initialiser.node.args.kwarg):
        return made
    found = arguments.matched(unit, node, [constructor.schema(cls.node.name, made.type)], given, cls.node.name)
    if isinstance(found, Match) and initialiser is not None:
        undefined.check_call(unit, node, initialiser, constructor, given)
    return found if isinstance(found, Typed) else made


def _declared(unit: Unit, node: n.Call, method: Function) -> Value:
    """Return a call of a method that an interface declares."""
    declared = interfaces.signature_of(unit.compiler, method)
    schema = declared.schema(method.node.name, declared.returns or TENSOR)
    found = arguments.matched(unit, node, [schema], arguments.evaluate(unit, node), method.node.name)
    return found if isinstance(found, Typed) else Typed(found.returns)


def _library_class(unit: Unit, node: n.Call, name: str) -> Value:
    if unit.compiler.library.is_module_class(name) or name.endswith(".Parameter"):
        made_at = (unit.module, unit.function.node, node, name)
        fix = functional(*made_at) or kept_in_variable(*made_at)
        return unit.say(CONSTRUCTED_MODULE, node.func, name=name, fix=fix)
    arguments.evaluate(unit, node)
    if name == "torch.autograd.Variable":
        return unit.say(NO_INIT, node.func, name=name, fix=variable(unit.module, node))
    return unit.lose(f"`{name}`")


def _module(unit: Unit, node: n.Call, instance: Instance, given: Arguments) -> Value:
    """Return a call of a module: of its forward, and of its hooks."""
    unit.compiler.budget.step()
    value = _forward(unit, node, instance, given)
    unit.compiler.budget.leave()
    if not instance.hooks or not isinstance(value, Typed):
        return value
    kind = hooks.result(unit.compiler, instance, value.type)
    return unit.lose(f"what the hooks of `{instance.class_name}` give") if kind is None else Typed(kind)


def _forward(unit: Unit, node: n.Call, instance: Instance, given: Arguments) -> Value:
    compiler = unit.compiler
    replaced = [one.value for one in instance.held("forward")]
    if replaced:
        if len(replaced) > 1 or not isinstance(replaced[0], FunctionValue):
            return unit.lose(f"`forward` of `{instance.class_name}`")
        return _function(unit, node, replaced[0].function, instance, True, given, held=True)
    if isinstance(instance.cls, Class):
        forward = compiler.classes.method(instance.cls, "forward")
        if forward is not None:
            return _function(unit, node, forward, instance, True, given, held=True)
    if "torch.nn.Sequential" in compiler.container_kinds(instance):
        return _sequential(unit, node, instance, given)
    schemas = library_modules.methods(compiler.library, instance, "forward")
    if schemas is None:
        if _has_no_forward(unit, instance):
            return unit.say(NOT_CALLABLE, node.func, text=unit.text(node.func), found=instance.class_name)
        return unit.lose(f"`{instance.class_name}`")
    found = arguments.matched(unit, node, schemas, given, instance.class_name)
    return found if isinstance(found, Typed) else Typed(found.returns)


_WITHOUT_FORWARD = frozenset(
    f"torch.nn.{name}" for name in ("Module", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict")
)


def _has_no_forward(unit: Unit, instance: Instance) -> bool:
    """Return True for a module whose only `forward` is the one of nn.Module, which raises."""
    found = unit.compiler.classes.member(instance.cls, "forward") if isinstance(instance.cls, Class) else instance.cls
    return isinstance(found, External) and found.name in _WITHOUT_FORWARD and not instance.hidden


def _one_of(unit: Unit, node: n.Call, choice: ModuleChoice, given: Arguments) -> Value:
    """Return a call of one of several modules, each under its condition; of what may be None only where something was asked before."""
    if choice.optional and not unit.conditions:
        return unit.lose(f"`{unit.text(node.func)}`, which may be None")
    return _each(unit, node, choice.options, given)


def _each(unit: Unit, node: n.Call, options: Sequence[tuple[Instance, str | None]], given: Arguments) -> Value:
    results = []
    for instance, when in options:
        unit.conditions += [] if when is None else [when]
        results.append(unit.as_typed(_module(unit, node, instance, given), node).type)
        del unit.conditions[len(unit.conditions) - (when is not None) :]
    unified = unify_all(results)
    return unit.lose(f"what `{unit.text(node.func)}` gives") if unified is None else Typed(unified)


def _sequential(unit: Unit, node: n.Call, instance: Instance, given: Arguments) -> Value:
    """Sequential hands one tensor through its modules: nobody annotated its `input`."""
    schema = Schema.of("forward", [Param("input", INFERRED_TENSOR)], TENSOR)
    refused = arguments.matched(unit, node, [schema], given, instance.class_name)
    if isinstance(refused, Typed):
        return refused
    if instance.open:
        return unit.lose(f"the modules of a `{instance.class_name}`")
    # Whoever holds the same one twice gets the same findings at the same place.
    key = (instance, node.start, tuple(unit.conditions))
    if key not in unit.sequential:
        unit.sequential[key] = _through(unit, node, instance)
    return unit.sequential[key]


def _through(unit: Unit, node: n.Call, instance: Instance) -> Value:
    """Return what comes out of the modules of a Sequential."""
    value: Value = Typed(INFERRED_TENSOR)
    for options in instance.attributes.values():
        children = [one for held in options for one in flatten(held)]
        if not any(isinstance(one.value, (Instance, CompiledValue, UnknownValue)) for one in children):
            continue
        modules = [(one.value, one.when) for one in children if isinstance(one.value, Instance)]
        if len(options) != 1 or options[0].when is not None or len(modules) != len(children):
            return unit.lose(f"the modules of a `{instance.class_name}`")
        typed = unit.as_typed(value, node)
        value = _each(unit, node, modules, Arguments([typed], {}, True))
    return value
