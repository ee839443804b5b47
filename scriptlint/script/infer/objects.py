"""The attributes of modules, as the compiler types them (compile-errors.md sections 3 and 4.10; torch/jit/_recursive.py)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from scriptlint.diag import Fixable, Label
from scriptlint.evaluate import kinds
from scriptlint.evaluate import values as made
from scriptlint.evaluate.frames import negate
from scriptlint.evaluate.values import Held, Instance, flatten
from scriptlint.fixes.attributes import as_list_of_ints, as_plain_number, registered, set_first, set_in_every_branch
from scriptlint.fixes.loops import of_tables
from scriptlint.fixes.nested import kept_as_call, kept_as_function
from scriptlint.fixes.places import above
from scriptlint.program.classes import Absent, Member
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.program.scopes import Binding
from scriptlint.script.constants import declared, is_constant, is_named
from scriptlint.script.infer import (
    class_variables,
    compiled_objects,
    flags,
    library_modules,
    names,
    signature,
    typed_values,
)
from scriptlint.script.infer.conversion import (
    KINDS,
    advice,
    failed_object,
    is_function,
    is_module,
    python_type,
    type_of,
    type_of_constant,
    unconvertible,
)
from scriptlint.script.infer.history import UNCALLED, History
from scriptlint.script.infer.values import LibMethod, ModuleChoice, ModuleObject, PyFunction, Typed, Value, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Fix
from scriptlint.types.model import (
    BOOL,
    NONE,
    Interface,
    Type,
    Unknown,
    has_unknown,
    make_optional,
)
from scriptlint.types.model import Class as ClassType
from scriptlint.types.relations import is_subtype

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit
    from scriptlint.torchlib.library import Library

MISSING = refusal(
    code="SL601",
    name="missing-module-attribute",
    message="the compiler finds no `{name}` on a `{cls}`",
    help="{advice}",
    compiler="Module .* has no attribute|type object 'type' has no attribute",
    fixable=Fixable.SOMETIMES,
)
UNCONVERTIBLE = refusal(
    code="SL602",
    name="unconvertible-attribute",
    message="`{text}` holds {what}, which has no TorchScript type",
    help="{advice}",
    compiler="This attribute exists on the Python module, but we failed to|This function exists as an attribute",
    fixable=Fixable.SOMETIMES,
)
ASSIGNED_TYPE = refusal(
    code="SL603",
    name="retyped-attribute",
    message="`{text}` is a `{before}` on the object, and is given a `{found}` here",
    help="{advice}",
    compiler="Wrong type for attribute assignment",
    fixable=Fixable.SOMETIMES,
)
NEW_ATTRIBUTE = refusal(
    code="SL604",
    name="attribute-first-set-in-forward",
    message="`{text}` is set here and was not there after `__init__`",
    help="set it in `__init__`, or use a local variable",
    compiler="Tried to set nonexistent attribute",
    fixable=Fixable.SOMETIMES,
)

RENAMED = refusal(
    code="SL619",
    name="renamed-method",
    message="`{text}` is the function `{name}` under another name, and the compiler defines it twice",
    help="write a method of its own that calls `{name}`",
    compiler="Can't redefine method",
)

# Attributes that every module has in Python, and none in TorchScript.
_HIDDEN = frozenset({"_modules", "_parameters", "_buffers", "__dict__", "__class__"})


def attribute(unit: Unit, instance: Instance, node: n.Attribute) -> Value:
    """Return the value of `self.name`, or of an attribute of a submodule."""
    name = node.attr
    options = [one for held in instance.held(name) for one in flatten(held)]
    mangled = name.startswith("__") and not name.endswith("__")
    if name.startswith("__") and (options or (mangled and _is_complete(unit, instance))):
        return _missing(unit, instance, node)
    if isinstance(instance.cls, Class) and is_named(
        instance.cls, "__jit_ignored_attributes__", name, unit.compiler.classes
    ):
        return _missing(unit, instance, node)
    annotated = _declared(unit, instance, name, options)
    if annotated is not None and (
        options or not isinstance(instance.cls, Class) or not _is_only_of_class(unit, instance, name)
    ):
        return Typed(annotated)
    if options:
        return _held(unit, instance, node, options)
    if name == "training":
        frozen = isinstance(instance.cls, Class) and is_constant(instance.cls, name, unit.compiler.classes)
        return unknown("`training`, which is frozen at its value") if frozen else Typed(BOOL)
    known = library_modules.attribute(unit.compiler.library, instance, name)
    if known is not None:
        return unit.lose(f"`{unit.text(node)}`") if isinstance(known.type, Unknown) else known
    if not isinstance(instance.cls, Class):
        return _of_library(unit, instance, node)
    return _of_class(unit, instance, instance.cls, node)


def _of_library(unit: Unit, instance: Instance, node: n.Attribute) -> Value:
    """Return what no constructor sets of a module of torch: a method, or nothing."""
    assert isinstance(instance.cls, External)
    if library_modules.has_member(unit.compiler.library, instance.cls.name, node.attr):
        return LibMethod(node.attr, instance)
    children = unit.compiler.container_kinds(instance) and instance.open
    if not children and kinds.has_attribute(unit.compiler.machine.evaluator, instance, node.attr) is False:
        return unit.say(MISSING, node, name=node.attr, cls=instance.class_name)
    if node.attr in _HIDDEN:
        return _missing(unit, instance, node)
    return unit.lose(f"`{unit.text(node)}`")


def _is_only_of_class(unit: Unit, instance: Instance, name: str) -> bool:
    """Return True if a class variable of that name was never set on the object, where the compiler looks."""
    assert isinstance(instance.cls, Class)
    found = unit.compiler.classes.member(instance.cls, name)
    is_variable = isinstance(found, Member) and isinstance(found.value, Binding) and found.value.value is not None
    set_later = name in unit.compiler.set_later(instance)
    return is_variable and _is_complete(unit, instance) and not set_later


def _of_class(unit: Unit, instance: Instance, cls: Class, node: n.Attribute) -> Value:
    name = node.attr
    found = unit.compiler.classes.member(cls, name)
    if isinstance(found, Member) and isinstance(found.value, Function):
        marks = decoration(found.value, unit.compiler.project)
        kind = marks.kind
        if kind is Kind.PROPERTY:
            return _property(unit, found.value, instance, node)
        if any(one.name == "functools.cached_property" for one in marks.others):
            return unit.lose(f"`{unit.text(node)}`")  # its value is an attribute before the compiler looks
        if kind is not Kind.STATIC and any(one.name in _CACHES for one in marks.others):
            what, advice = (
                "what a cache makes of a method",
                "take the decorator off, and keep the results in attributes",
            )
            return unit.say(class_variables.CALLABLE_IN_CLASS, node, text=unit.text(node), what=what, advice=advice)
        return PyFunction(found.value, None if kind is Kind.STATIC else instance)
    if isinstance(found, Member) and isinstance(found.value, Binding):
        aliased = unit.compiler.classes.method(cls, name)
        if aliased is not None and not aliased.node.decorators and name not in ("forward", aliased.node.name):
            return unit.say(RENAMED, node, text=unit.text(node), name=aliased.node.name)
        return class_variables.value_of(unit, cls, found.value, node, partial(_missing, unit, instance, node))
    if isinstance(found, External) and library_modules.class_has_member(unit.compiler.library, found.name, name):
        return LibMethod(name, instance)
    if found is Absent.UNKNOWN or (isinstance(found, External) and unit.compiler.library.module(found.name) is None):
        return unit.lose(f"`{unit.text(node)}`")
    return _missing(unit, instance, node)


_CACHES = ("functools.lru_cache", "functools.cache")


def _missing(unit: Unit, instance: Instance, node: n.Attribute, fix: Fix | None = None) -> Value:
    """Report an attribute that nothing sets, if everything that the object has was seen."""
    fix = fix or (of_tables(unit.module, unit.function.node, node) if node.attr == "_modules" else None)
    hidden = node.attr in _HIDDEN or (node.attr.startswith("__") and not node.attr.endswith("__"))
    if not hidden and not _is_complete(unit, instance):
        return unit.lose(f"`{unit.text(node)}`")
    fix = fix or unit.pruning() or in_constructor(unit, instance, node.attr, set_in_every_branch)
    refused = partial(unit.say, MISSING, node, name=node.attr, cls=instance.class_name, fix=fix)
    return _of_new(unit, node, refused) if node.attr in unit.compiler.set_later(instance) else refused()


def _replaced_by_run(unit: Unit, node: n.Attribute) -> Value:
    """Return the value of an attribute to which a run of the model gives another; where none is certain, that is reported."""
    reason = f"`{unit.text(node)}`, which a run of the model sets"
    return unknown(reason) if unit.compiler.history is History.MAY_RUN else unit.lose(reason)


def _of_new(unit: Unit, node: n.Attribute, refuse: Callable[[], Value]) -> Value:
    """Report what is refused of an object as long as nothing that was called has set an attribute."""
    if unit.compiler.history is History.NEW:
        return refuse()
    if unit.compiler.history is History.RUN:
        return _replaced_by_run(unit, node)
    unit.conditions.append(UNCALLED)
    try:
        return refuse()
    finally:
        unit.conditions.pop()


def in_constructor(
    unit: Unit, instance: Instance, name: str, build: Callable[[Function, str], Fix | None]
) -> Fix | None:
    """Return a fix for an attribute, in the `__init__` that sets it."""
    if not isinstance(instance.cls, Class):
        return None
    own = (cls.functions.get("__init__") for cls in unit.compiler.classes.lineage(instance.cls).classes)
    return next((fix for one in own if one is not None and (fix := build(one, name)) is not None), None)


def _is_complete(unit: Unit, instance: Instance) -> bool:
    """Return True if everything that the object has after its construction was seen."""
    if not isinstance(instance.cls, Class):
        return False
    lineage = unit.compiler.classes.lineage(instance.cls)
    known = all(
        isinstance(one, Class) or unit.compiler.library.is_module_class(one.name) or one.name in _PLAIN_BASES
        for one in lineage.entries
    )
    return known and not lineage.unseen and not instance.hidden and not _forwards(unit, instance.cls)


def _forwards(unit: Unit, cls: Class) -> bool:
    """Return True for a class whose `__getattr__` asks another object: it may have that one's `__constants__` too."""
    getter = unit.compiler.classes.method(cls, "__getattr__")
    calls = (one for one in walk(*getter.node.body) if isinstance(one, n.Call)) if getter is not None else ()
    return any(isinstance(one.func, n.Name) and one.func.id == "getattr" for one in calls)


_PLAIN_BASES = frozenset({"builtins.object", "abc.ABC", "typing.Generic"})


def _property(unit: Unit, function: Function, instance: Instance, node: n.Attribute) -> Value:
    if isinstance(instance.cls, Class) and is_named(
        instance.cls, "__jit_unused_properties__", function.node.name, unit.compiler.classes
    ):
        return _missing(unit, instance, node)
    marks = decoration(function, unit.compiler.project)
    if marks.jit in ("unused", "drop"):
        return _missing(unit, instance, node)
    if marks.compiled is not True:
        return unit.lose("a property that is not compiled")
    if unit.compiler.is_active(function, instance):
        return unknown("a property that uses itself")
    return Typed(unit.compiler.compile(function, instance).returns)


def _declared(unit: Unit, instance: Instance, name: str, options: list[Held]) -> Type | None:
    """Return the type that the class or the constructor declares of an attribute; functions are taken before it is looked at."""
    if options and all(is_function(unit.compiler, one.value) for one in options):
        return None
    found = _class_annotation(unit, instance, name)
    if found is None and not (isinstance(instance.cls, Class) and declared(instance.cls, unit.compiler.classes)):
        found = library_modules.declared(unit.compiler.library, instance, name)
    if found is not None:
        return found
    typed = typed_values.find(unit.compiler, instance, name)
    return None if typed is None else typed.type


def _class_annotation(unit: Unit, instance: Instance, name: str) -> Type | None:
    """Return the class-level annotation of an attribute that is no constant, from the nearest class that has any."""
    if not isinstance(instance.cls, Class):
        return None
    owner, annotation = declared(instance.cls, unit.compiler.classes).get(name, (instance.cls, None))
    if annotation is None or is_named(instance.cls, "__constants__", name, unit.compiler.classes):
        return None
    text = owner.module.text(annotation)
    if "Final" in text or "ClassVar" in text:
        return None
    kind = signature.read_class(unit.compiler, annotation, owner)
    if not isinstance(kind, Unknown):
        return kind
    options = [option.value for held in instance.held(name) for option in flatten(held)]
    untyped = all(isinstance(one, (made.Items, made.Mapping)) for one in options)
    return kind if untyped else None  # what else the object holds says more than what could not be read


def _held(unit: Unit, instance: Instance, node: n.Attribute, options: list[Held]) -> Value:
    name = node.attr
    first = options[0]
    changed = name in unit.compiler.set_later(instance)
    if len(options) == 1 and first.when is None:
        value = first.value
        if not first.registered and is_module(unit.compiler, value):
            unregistered = "a module that is not registered"
            return unit.say(UNCONVERTIBLE, node, text=unit.text(node), what=unregistered, advice=advice(unregistered))
        match value:
            case Instance() if failed_object(unit.compiler, value) is None and not _is_of_python(value):
                kind = type_of(unit.compiler, value)
                if not isinstance(kind, Unknown):
                    return Typed(kind)
                is_value = python_type(unit.compiler, value) is not None
                return unit.lose(f"`{unit.text(node)}`") if is_value else ModuleObject(value)
            case made.Const():
                if changed and value.value is None:
                    return _replaced_by_run(unit, node)
                constant = isinstance(instance.cls, Class) and is_constant(instance.cls, name, unit.compiler.classes)
                return Typed(KINDS[type(value.value)], literal=_literal(value) if constant else None)
            case made.FunctionValue() if value.bound is None:
                return PyFunction(value.function)
            case made.FunctionValue() if value.bound is instance and first.span is None:  # set on the class: a method
                if value.function.node.name != name:
                    return unit.say(RENAMED, node, text=unit.text(node), name=value.function.node.name)
                unit.compiler.form_checks.hooks.add(value.function)
                return PyFunction(value.function, instance)
            case made.Compiled():
                return compiled_objects.of_attribute(unit, node, value)
            case made.ExternalValue(receiver=None) if _is_compiled_function(unit.compiler.library, value.name):
                return names.external(unit, value.name, node)
        constant = isinstance(instance.cls, Class) and is_constant(instance.cls, name, unit.compiler.classes)
        what = None if constant else unconvertible(unit.compiler, value)
        if what is not None and not changed:
            labels = [Label(first.span, "set here")] if first.span is not None else []
            failed = failed_object(unit.compiler, value)
            if failed is not None and failed.at is not None:
                labels.append(Label(failed.at.span, failed.at.message))
            plain = what in ("a plain list of modules", "a plain dictionary of modules")
            fix = in_constructor(unit, instance, name, registered) if plain else None
            if what == "an empty list":
                fix = flags.empty_declared(unit, instance, name)
            elif what == "a lambda":
                fix = in_constructor(unit, instance, name, kept_as_function)
            elif what == "a range":
                fix = in_constructor(unit, instance, name, as_list_of_ints)
            elif what == "a `functools.partial`":
                fix = (
                    in_constructor(unit, instance, name, partial(kept_as_call, inputs=["x"]))
                    if _is_unary(unit, node)
                    else None
                )
            elif isinstance(value, made.Scalar):
                plain_kind = value.kind.rstrip("_0123456789").removeprefix("u")
                fix = in_constructor(unit, instance, name, partial(as_plain_number, kind=plain_kind))
            return unit.say(
                UNCONVERTIBLE, node, labels=labels, text=unit.text(node), what=what, advice=advice(what), fix=fix
            )
    if all(isinstance(one.value, made.Unknown) and one.value.assumed for one in options):
        given = isinstance(first.value, made.Unknown) and first.value.is_given
        reason = first.value.reason if isinstance(first.value, made.Unknown) else ""
        assumed = unit.assume(f"`{unit.text(node)}` compiles ({reason})")
        return Typed(assumed.type, is_given=given)
    choice = _choice(unit, instance.held(name), options)
    if choice is not None and not changed:
        return choice
    constant = isinstance(instance.cls, Class) and is_constant(instance.cls, name, unit.compiler.classes)
    infer = type_of_constant if constant else type_of
    types = {infer(unit.compiler, one.value) for one in options}
    kind = types.pop() if len(types) == 1 else Unknown("of several types")
    if changed and kind is NONE:
        return _replaced_by_run(unit, node)
    if not has_unknown(kind):
        return Typed(kind, is_unseen=constant is not False and kind is BOOL)
    reason = f" ({kind.reason})" if isinstance(kind, Unknown) and kind.reason else ""
    return unit.lose(f"`{unit.text(node)}`{reason}")


def _is_unary(unit: Unit, node: n.Attribute) -> bool:
    """Return True if all that is called here with is one plain argument."""
    call = next(iter(above(unit.function.node, node)), None)
    return (
        isinstance(call, n.Call)
        and call.func is node
        and len(call.args) == 1
        and not call.keywords
        and not isinstance(call.args[0], n.Starred)
    )


def _choice(unit: Unit, held: list[Held], options: list[Held]) -> ModuleChoice | None:
    """Return the modules that an attribute may hold, where it surely holds one of them or None."""
    whens = {one.when for one in held}
    whole = None in whens or any(negate(one) in whens for one in whens if one is not None)
    modules = [(one.value, one.when) for one in options if isinstance(one.value, Instance)]
    nones = [one for one in options if one.value == made.Const(None)]
    sure = whole and modules and len(modules) + len(nones) == len(options)
    if not sure or not all(is_module(unit.compiler, one) for one, _ in modules):
        return None
    return ModuleChoice(tuple(modules), bool(nones))


def _is_compiled_function(library: Library, name: str) -> bool:
    """Return True if a function of torch that is kept as an attribute is one that the compiler then calls."""
    operator, function = library.builtin(name), library.function(name)
    if operator is not None:
        return library.has_operator(operator)
    return function is not None and function.kind == "function"


def _is_of_python(value: Instance) -> bool:
    """Return True for an object of Python's own, such as a namespace, which is no module."""
    return isinstance(value.cls, External) and value.cls.name.startswith(("types.", "builtins."))


def _literal(constant: made.Const) -> n.Constant:
    kind = {bool: "bool", int: "int", float: "float", str: "str"}.get(type(constant.value), "none")
    return n.Constant(0, 0, kind, constant.value)


def store(unit: Unit, instance: Instance, target: n.Attribute, value: Value, whole: n.Node) -> None:
    """Emit `self.name = value`."""
    given = unit.as_typed(value, target)
    if isinstance(instance.cls, Class) and is_constant(instance.cls, target.attr, unit.compiler.classes):
        unit.say(NEW_ATTRIBUTE, whole, text=unit.text(target))
        return
    options = [one for held in instance.held(target.attr) for one in flatten(held)]
    annotated = _declared(unit, instance, target.attr, options)
    if annotated is not None:
        before: Type = annotated
    elif options:
        types = {type_of(unit.compiler, one.value) for one in options}
        before = types.pop() if len(types) == 1 else Unknown("several values")
    else:
        known = library_modules.attribute(unit.compiler.library, instance, target.attr)
        is_new = known is None and target.attr != "training" and _is_complete(unit, instance)
        in_class = isinstance(instance.cls, Class) and isinstance(
            unit.compiler.classes.member(instance.cls, target.attr), Member
        )
        if is_new and not in_class:
            fix = in_constructor(unit, instance, target.attr, partial(set_first, kind=given.type))
            _of_new(unit, target, partial(unit.say, NEW_ATTRIBUTE, whole, fix=fix, text=unit.text(target)))
        before = Unknown("an attribute") if known is None else known.type
    compiler = unit.compiler
    absent = [is_function(compiler, one.value) or unconvertible(compiler, one.value) is not None for one in options]
    if annotated is None and absent and all(absent):
        _of_new(unit, target, partial(unit.say, NEW_ATTRIBUTE, whole, text=unit.text(target)))
        return
    if is_subtype(given.type, before) or has_unknown(given.type):
        return
    if isinstance(before, Unknown):
        _replaced(unit, options, given.type, target, whole)
        return
    kind = make_optional(given.type)
    fix = flags.attribute_declared(unit, instance, target.attr, kind) if before is NONE else None
    text, found = unit.text(target), str(given.type)
    refused = partial(unit.say, ASSIGNED_TYPE, whole, fix=fix, text=text, before=str(before), found=found)
    if before is NONE:
        _of_new(unit, target, refused)
    else:
        refused()


def _replaced(unit: Unit, options: list[Held], given: Type, target: n.Attribute, whole: n.Node) -> None:
    """Report a module that is replaced by a value of another type."""
    modules = [one.value for one in options if isinstance(one.value, Instance) and is_module(unit.compiler, one.value)]
    if options and len(modules) == len(options) and not isinstance(given, (ClassType, Interface)):
        before = modules[0].class_name
        unit.say(ASSIGNED_TYPE, whole, text=unit.text(target), before=before, found=str(given))
