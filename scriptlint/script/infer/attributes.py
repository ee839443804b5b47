"""Attributes of values. Twins: SimpleValue::attr of sugared_value.cpp, PythonModuleValue::attr, ModuleValue::attr of
python_sugared_value.cpp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Fixable
from scriptlint.evaluate.values import Instance
from scriptlint.fixes.functional import parent_call
from scriptlint.fixes.methods import with_known_method
from scriptlint.fixes.places import above
from scriptlint.fixes.tracing import is_shape, new_empty
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.script.infer import classes, enums, interfaces, library_modules, names, objects, script_classes
from scriptlint.script.infer.python_calls import AUTOGRAD, is_autograd_function
from scriptlint.script.infer.values import (
    Builtin,
    InterfaceMethod,
    LibClass,
    ModuleObject,
    PyClass,
    PyFunction,
    PyModule,
    PythonCallable,
    Refused,
    Special,
    SuperObject,
    Typed,
    Value,
    unknown,
)
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix, Safety
from scriptlint.types.model import (
    DEVICE,
    INT,
    STRING,
    Dict,
    Enum,
    Interface,
    List,
    Tensor,
    Tuple,
    Type,
    has_unknown,
    make_optional,
)
from scriptlint.types.model import Class as ClassType
from scriptlint.types.relations import is_subtype

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

SELF_HOLDING = refusal(
    code="SL334",
    name="class-that-holds-itself",
    message="`{text}` has type `{found}`, which holds objects of its own class, and TorchScript has no such classes",
    help="keep the objects in a list beside them, and let each name another by its index",
    compiler="cannot be of a type that contains class|recursively contain instances of themselves",
)
MISSING = refusal(
    code="SL403",
    name="missing-attribute",
    message="`{found}` has no `{name}` in TorchScript",
    help="{advice}",
    compiler="object has no attribute or method",
    fixable=Fixable.SOMETIMES,
)
PYTHON_ATTRIBUTE = refusal(
    code="SL216",
    name="attribute-of-python-object",
    message="`{text}` is an attribute of a Python object of type `{kind}`",
    help="{advice}",
    compiler="attribute lookup is not defined on (python value of type|builtin|function)",
)
SUPER = refusal(
    code="SL606",
    name="super-call",
    message="`{text}` does not reach the parent's method in TorchScript",
    help="give the parent's method another name and call it on `self`, or call the function that a layer of torch wraps",
    compiler="object has no attribute or method|Python type cannot be used as a value|attribute lookup is not defined"
    "|cannot call a value",
    fixable=Fixable.SOMETIMES,
)
FIRST_IN_BRANCH = refusal(
    code="SL613",
    name="attribute-first-set-in-branch",
    message="`{text}` is first set inside of a branch or loop of `__init__`",
    help="set it at the top level of `__init__` first",
    compiler="First assignment cannot be in a control-flow block",
)
TENSOR_ATTRIBUTE = refusal(
    code="SL404",
    name="assignment-to-tensor-attribute",
    message="`{text}` is an attribute of a `{found}` and cannot be assigned",
    help="{advice}",
    compiler="Tried to set an attribute: .* on a non-class",
)


_COPY = "copy what is needed to `self` in `__init__`, or guard the code with `torch.jit.is_scripting()`"

# Methods of Tensor that the compiler turns into `to` (builtin_cast_methods in python_sugared_value.cpp).
_CASTS = frozenset("byte char double float cfloat cdouble half int long short".split())


def value_of(unit: Unit, node: n.Attribute) -> Value:
    """Return the value of `owner.name`."""
    owner = unit.value(node.value)
    match owner:
        case PyModule():
            return _of_module(unit, owner, node)
        case PyClass():
            return _of_class(unit, owner.cls, node)
        case LibClass(name=name) if library_modules.class_has_member(unit.compiler.library, name, node.attr):
            return _of_type(unit, node, _OF_LAYER)
        case ModuleObject():
            return objects.attribute(unit, owner.instance, node)
        case Refused():
            return unit.say(PYTHON_ATTRIBUTE, node, text=unit.text(node), kind=owner.kind, advice=_COPY)
        case Builtin(receiver=None):
            return unit.say(PYTHON_ATTRIBUTE, node, text=unit.text(node), kind="builtin", advice=_COPY)
        case PyFunction(bound=None) if decoration(owner.function, unit.compiler.project).compiled is True:
            return unit.say(PYTHON_ATTRIBUTE, node, text=unit.text(node), kind="function", advice=_COPY)
        case Typed():
            return of_typed(unit, owner, node.attr, node)
        case SuperObject():
            return unit.say(SUPER, node, text=unit.text(node), fix=_parent_call(unit, node))
        case _:
            return unit.lose(f"`{unit.text(node)}`")


def _parent_call(unit: Unit, node: n.Attribute) -> Fix | None:
    """Write what a parent in torch.nn does, where the class has no parent between."""
    owner = unit.function.owner
    if owner is None or len(owner.node.bases) != 1:
        return None
    base = unit.compiler.project.resolve(owner.node.bases[0], owner.module)
    return parent_call(unit.module, unit.function.node, node, base.name) if isinstance(base, External) else None


def _of_module(unit: Unit, owner: PyModule, node: n.Attribute) -> Value:
    project = unit.compiler.project
    if owner.module is not None:
        symbol = project.member(owner.module, node.attr)
        return names.to_value(unit, symbol, node, constant=True)
    return names.external(unit, project.library.canonical(f"{owner.name}.{node.attr}"), node)


def _of_class(unit: Unit, cls: Class, node: n.Attribute) -> Value:
    compiler = unit.compiler
    if classes.kind_of(compiler, cls) == "enum":
        return _member(unit, cls, node)
    method = compiler.classes.method(cls, node.attr)
    if method is not None and decoration(method, compiler.project).kind is Kind.STATIC:
        if classes.kind_of(compiler, cls) == "class" and script_classes.can_compile(compiler, cls):
            unit.use_class(cls, node.value, by="constructor")  # to name a class is to compile it
        return PyFunction(method)
    if method is not None and compiler.classes.is_module(cls):
        return _of_type(unit, node, _OF_PARENT)
    if method is None:
        if node.attr == "apply" and is_autograd_function(cls, compiler.classes):
            if script_classes.can_compile(compiler, cls):
                unit.use_class(cls, node.value, by="constructor")  # with its methods that are not static
            return PythonCallable(AUTOGRAD)
        bindings = cls.scope.visible(node.attr)
        if len(bindings) == 1 and isinstance(bindings[0].value, n.Constant):
            kind_name = bindings[0].value.kind
            return Refused(kind_name) if kind_name != "none" else unit.lose("a class variable")
    return unit.lose(f"`{unit.text(node)}`")


def _of_type(unit: Unit, node: n.Attribute, advice: str) -> Value:
    """Report a method that is read from a class of modules."""
    return unit.say(PYTHON_ATTRIBUTE, node, text=unit.text(node), kind="type", advice=advice)


_OF_LAYER = (
    "hold a layer as an attribute and call that, or call the function of `torch.nn.functional` that the layer wraps"
)
_OF_PARENT = (
    "call it on `self` or on a module that `self` holds; give the parent's method another name where it is overridden"
)


def _member(unit: Unit, cls: Class, node: n.Attribute) -> Value:
    """Return a member of an enum; what its class has besides members does not exist."""
    compiler = unit.compiler
    why = enums.impossible(compiler, cls)
    if why is not None:
        return unit.say(enums.UNSCRIPTABLE, node.value, annotation=cls.node.name, why=why)
    known = enums.members(compiler, cls)
    if known is None:
        return unit.lose(f"the enum `{cls.node.name}`")
    kind = enums.enum_type(compiler, cls)
    is_dunder = node.attr.startswith("__")
    if is_dunder or (node.attr in known.values and node.attr not in known.aliases):
        return Typed(kind)
    shown = ", ".join(f"`{one}`" for one in known.values if one not in known.aliases)
    if node.attr in known.aliases:
        why = "it is a second name for the value of another member"
    else:
        method = compiler.classes.method(cls, node.attr)
        why = "there is none of that name" if method is None else "methods of an enum are not compiled"
    return unit.say(enums.MISSING_MEMBER, node, name=node.attr, cls=cls.node.name, why=why, members=shown)


def of_typed(unit: Unit, owner: Typed, name: str, node: n.Expr) -> Value:
    """Return an attribute or method of a first-class value."""
    kind = owner.type
    library = unit.compiler.library
    if has_unknown(kind) and not isinstance(kind, Tuple) and not _is_container(kind):
        return unknown(f"an attribute of something unknown, `{name}`")
    match kind:
        case Tensor():
            found = library.tensor_attribute(name)
            if found is not None:
                return Typed(found)
            if name == "tolist":
                return Special("tolist")
            if name in _CASTS:
                return Builtin("aten::clone", owner)
        case Tuple(elements=elements, names=fields) if fields is not None and name in fields:
            return Typed(elements[fields.index(name)])
        case Enum(value=value):
            if name in ("name", "value"):
                return Typed(STRING if name == "name" else value)
        case ClassType():
            return _of_object(unit, kind, name, node)
        case Interface():
            declared = unit.compiler.interface(kind)
            if declared is None:
                return unknown("an attribute of an interface")
            method = interfaces.methods(unit.compiler, declared).get(name)
            if method is None:
                return unit.say(MISSING, node, found=declared.node.name, name=name)
            return InterfaceMethod(method)
    if kind is DEVICE and name in ("type", "index"):
        return Typed(STRING if name == "type" else make_optional(INT))
    if any(one.takes_self(kind) for one in library.schemas(f"aten::{name}")):
        return Builtin(f"aten::{name}", owner)
    is_read = isinstance(kind, Tensor) and isinstance(node, n.Attribute)
    fix = _known_method(unit, node) if is_read else None  # type: ignore[arg-type]
    return unit.say(MISSING, node, fix=fix, found=str(kind), name=name)


def _known_method(unit: Unit, node: n.Attribute) -> Fix | None:
    """Return the method of another name that does the same; `x.new(...)` only where it is given sizes."""
    call = next(iter(above(unit.function.node, node)), None)
    if node.attr == "new" and isinstance(call, n.Call):
        sizes = all(unit.type_of(one) is INT or is_shape(one) for one in call.args)
        return new_empty(unit.function, call, Safety.SAFE) if sizes and call.args else None
    return with_known_method(unit.function, node)


def _of_object(unit: Unit, kind: ClassType, name: str, node: n.Expr) -> Value:
    compiler = unit.compiler
    instance = compiler.object_of(kind)
    if instance is None or not isinstance(instance.cls, Class):
        return unknown("an attribute of an object")
    cls = instance.cls
    attributes = script_classes.attributes(compiler, cls)
    known = compiler.attributes[cls].get(name)
    if known is not None:
        return Typed(known)
    method = script_classes.method(compiler, cls, name)
    if method is not None:
        if decoration(method, compiler.project).kind is Kind.PROPERTY:
            return (
                unknown("a property")
                if compiler.is_active(method, instance)
                else Typed(compiler.compile(method, instance).returns)
            )
        return PyFunction(method, instance)
    if attributes is None and unit.function is not cls.functions.get("__init__"):
        return unknown("an attribute of an object")
    if compiler.classes.lineage(cls).unseen:
        return unknown("an attribute of an object")
    return unit.say(MISSING, node, found=cls.node.name, name=name)


def magic(unit: Unit, owner: Typed, name: str, node: n.Expr) -> Value:
    """Return what the method of an object gives that Python calls by itself, as `__getitem__`."""
    found = of_typed(unit, owner, name, node)
    if not isinstance(found, PyFunction):
        return found
    compiler = unit.compiler
    if found.bound is None or compiler.is_active(found.function, found.bound):
        return unknown(f"`{name}`, which uses itself")
    return Typed(compiler.compile(found.function, found.bound).returns)


def _holds(kind: Type, cls: Class) -> bool:
    """Return True if a value of a type may hold objects of a class."""
    own = isinstance(kind, ClassType) and kind.qualified == cls.dotted
    return own or any(_holds(one, cls) for one in kind.contained)


def _store_on_object(
    unit: Unit, instance: Instance, cls: Class, target: n.Attribute, value: Typed, whole: n.Node
) -> None:
    """Attributes of a script class get their types where `__init__` first sets them, at the top level of its body."""
    compiler = unit.compiler
    inside = unit.function is script_classes.method(compiler, cls, "__init__")
    attributes = None if inside else script_classes.attributes(compiler, cls)
    known = compiler.attributes[cls]
    before = known.get(target.attr)
    if before is None:
        if inside and unit.frame.parent is not None:
            unit.say(FIRST_IN_BRANCH, whole, text=unit.text(target))
        elif attributes is not None and script_classes.method(compiler, cls, target.attr) is None:
            unit.say(objects.NEW_ATTRIBUTE, whole, text=unit.text(target))
        if _holds(value.type, cls):
            unit.say(SELF_HOLDING, whole, text=unit.text(target), found=str(value.type))
        known[target.attr] = value.type
        return
    if not is_subtype(value.type, before) and not has_unknown(value.type) and not has_unknown(before):
        unit.say(objects.ASSIGNED_TYPE, whole, text=unit.text(target), before=str(before), found=str(value.type))


def _is_container(kind: Type) -> bool:
    return isinstance(kind, (List, Dict))


def store(unit: Unit, target: n.Attribute, value: Value, whole: n.Node) -> None:
    """Emit `owner.name = value`."""
    owner = unit.value(target.value)
    if isinstance(owner, ModuleObject):
        objects.store(unit, owner.instance, target, value, whole)
        return
    if isinstance(owner, Typed) and isinstance(owner.type, ClassType):
        instance = unit.compiler.object_of(owner.type)
        if instance is not None and isinstance(instance.cls, Class):
            _store_on_object(unit, instance, instance.cls, target, unit.as_typed(value, target), whole)
        return
    if isinstance(owner, Typed) and not has_unknown(owner.type):
        text = f"{unit.text(target.value)}.{target.attr}"
        unit.say(TENSOR_ATTRIBUTE, whole, text=text, found=str(owner.type))
