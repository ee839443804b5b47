"""What the compiler refuses of an object before it compiles anything: the types of its attributes, and the values in them.

Twin: infer_concrete_type_builder of torch/jit/_recursive.py. A class annotation must be a type that the compiler can evaluate,
and the value on the object must fit it, whether or not compiled code reads the attribute.
"""

from __future__ import annotations

from collections.abc import Iterator

from scriptlint.diag import Label, Report
from scriptlint.evaluate.values import (
    Const,
    EnumMember,
    Held,
    Instance,
    Items,
    Mapping,
    TensorValue,
    Unknown,
    Value,
    flatten,
)
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.script import constants
from scriptlint.script.infer import casting, conversion, enums, script_classes, signature, typed_values
from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.infer.typed_values import TypedValue
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.types.annotations import Refused, is_key
from scriptlint.types.model import ANY_LIST, ANY_TUPLE, Dict, Interface, Optional, Tensor, Type, has_unknown
from scriptlint.types.model import Class as ClassType
from scriptlint.types.model import Unknown as UnknownType
from scriptlint.types.show import plain

CLASS_ANNOTATION = refusal(
    code="SL614",
    name="class-annotation-of-attribute",
    message="the annotation `{annotation}` of `{name}` is not a type that the compiler can evaluate",
    help="{advice}",
    compiler="Expecting parameter or buffer to have|Unknown type annotation|Unsupported annotation|Can not create tuple with None type|Expected inferred type to be interface"
    "|Attempted to use \\w+ without|Error inferring type for|using inspect.getsource|Unknown type constructor",
)
ANOTHER_TYPE = refusal(
    code="SL330",
    name="attribute-of-another-type",
    message="`self.{name}` has the type `{kind}` in TorchScript and holds {found}",
    help="{advice}",
    compiler="Expecting parameter or buffer to have|Could not cast attribute|Error inferring type for|Cannot cast|Unable to cast|Tracer cannot infer type",
)


def check(compiler: Compiler, instance: Instance, report: Report) -> None:
    """Report what is refused of the attributes of a module as it was constructed."""
    if not isinstance(instance.cls, Class):
        return
    declared = constants.declared(instance.cls, compiler.classes)
    for name, held in instance.attributes.items():
        options = [option for one in held for option in flatten(one)]
        if not options or _is_left_out(compiler, instance.cls, name):
            continue
        owner, annotation = declared.get(name, (instance.cls, None))
        if annotation is None or _is_callable(compiler, annotation, owner):
            typed = typed_values.find(compiler, instance, name)
            if typed is None:
                _inferred(compiler, name, options, report)
            else:
                _typed(compiler, name, options[0], typed, report)
        else:
            _declared(compiler, instance, name, options, (owner, annotation), report)


def _is_left_out(compiler: Compiler, cls: Class, name: str) -> bool:
    """Return True for an attribute that the compiler does not look at, or that another value may have replaced."""
    if name.startswith("__"):
        return True
    return constants.is_named(cls, "__jit_ignored_attributes__", name, compiler.classes) is not False


def _is_callable(compiler: Compiler, annotation: n.Expr, owner: Class) -> bool:
    """Return True for `Callable[..., Any]` of collections.abc, the annotation of `forward` itself, which counts for nothing."""
    if not isinstance(annotation, n.Subscript) or not isinstance(annotation.slice, n.Tuple):
        return False
    parts = annotation.slice.elts
    is_any = len(parts) == 2 and compiler.project.resolve(parts[1], owner) == External("typing.Any")
    name = compiler.project.resolve(annotation.value, owner)
    return name == External("collections.abc.Callable") and is_any and isinstance(parts[0], n.Constant)


def _inferred(compiler: Compiler, name: str, options: list[Held], report: Report) -> None:
    """Report values that the compiler cannot even fail to type: it raises as soon as it meets them."""
    for option in options:
        if option.span is None:
            continue
        for member in (one for one in _parts(option.value) if isinstance(one, EnumMember)):
            why = enums.impossible(compiler, member.cls)
            if why is not None and enums.mixed_in(compiler.classes, member.cls) is None:
                report.report(
                    enums.UNSCRIPTABLE, option.span, when=option.when, annotation=member.cls.node.name, why=why
                )
        if any(_is_of_call(one) for one in _parts(option.value)):
            why = "is made by a call, without a class statement that the compiler could read"
            report.report(enums.UNSCRIPTABLE, option.span, when=option.when, annotation=f"self.{name}", why=why)
        kind = conversion.type_of(compiler, option.value)
        key_type = None if has_unknown(kind) else _bad_key(kind)
        if key_type is not None:
            report.report(signature.DICT_KEY, option.span, when=option.when, annotation=str(key_type))
        if _has_class(kind) and conversion.unconvertible(compiler, option.value) is None:
            found = casting.misfit(compiler, option.value, kind)
            if found is not None:
                advice = (
                    "annotate the parameter of its class that the attribute comes from, or give it a value of that type"
                )
                report.report(
                    ANOTHER_TYPE,
                    option.span,
                    when=option.when,
                    name=name,
                    kind=plain(str(kind)),
                    found=plain(found),
                    advice=advice,
                )


def _bad_key(kind: Type) -> Type | None:
    """Return the first type in a type that no dictionary can have for its keys."""
    if isinstance(kind, Dict) and not is_key(kind.key_type):
        return kind.key_type
    return next(filter(None, map(_bad_key, kind.contained)), None)


def _typed(compiler: Compiler, name: str, option: Held, typed: TypedValue, report: Report) -> None:
    """Report a `torch.jit.Attribute` whose type is none, or whose value is not of it."""
    span = typed.function.module.span(typed.annotation)
    if typed.type is None or typed.type in (ANY_LIST, ANY_TUPLE):
        text = " ".join(typed.function.module.text(typed.annotation).split())
        report.report(CLASS_ANNOTATION, span, annotation=text, name=name, advice="write a type that TorchScript has")
    elif not has_unknown(typed.type):
        found = casting.misfit(compiler, typed.value, typed.type)
        if found is not None:
            labels = [Label(span, "declared here")]
            advice = _advice(typed.type, typed.value)
            kind = plain(str(typed.type))
            where = option.span or span
            report.report(ANOTHER_TYPE, where, labels=labels, name=name, kind=kind, found=plain(found), advice=advice)


def _parts(value: Value) -> Iterator[Value]:
    """Yield a value and all that it holds, keys left out."""
    yield value
    inner = value.items if isinstance(value, Items) else value.items.values() if isinstance(value, Mapping) else ()
    for one in inner:
        yield from _parts(one)


def _is_of_call(value: Value) -> bool:
    """Return True for a member of an enum that a call made."""
    return isinstance(value, Instance) and value.cls == External("enum.Enum")


def _has_class(kind: Type) -> bool:
    return isinstance(kind, ClassType) or any(map(_has_class, kind.contained))


def _declared(
    compiler: Compiler,
    instance: Instance,
    name: str,
    options: list[Held],
    declared: tuple[Class, n.Expr],
    report: Report,
) -> None:
    """Report an annotation that is not a type, and values that are not of it."""
    owner, annotation = declared
    cls = owner if isinstance(instance.cls, External) else instance.cls
    text = " ".join(owner.module.text(annotation).split())
    values = [one.value for one in options]
    if "ClassVar" in text or all(conversion.is_function(compiler, one) for one in values):
        return
    registered = any(isinstance(one, (Instance, TensorValue)) for one in values)
    is_listed = constants.is_named(cls, "__constants__", name, compiler.classes) is not False
    if is_listed and not registered:
        return
    span = owner.module.span(annotation)
    symbol = compiler.project.resolve(annotation, owner)
    if isinstance(symbol, Class) and script_classes.can_compile(compiler, symbol):
        failed = script_classes.failure(compiler, symbol)
        if failed is not None and failed.at is not None and not enums.is_enum(compiler.classes, symbol):
            report.add(failed.at)
            return
    kind, advice = _evaluated(compiler, owner, annotation, text)
    if advice is not None:
        may_be_function = "Callable" in text and any(isinstance(one, Unknown) for one in values)
        if not may_be_function and not any(conversion.is_function(compiler, one) for one in values):
            report.report(CLASS_ANNOTATION, span, annotation=text, name=name, advice=advice)
        return
    if "Final" in text or kind is None:
        return
    for used in _classes(compiler, kind):
        failed = script_classes.failure(compiler, used)
        if failed is not None and failed.at is not None:
            report.add(failed.at)
            return
    if name in compiler.set_later(instance):
        return
    for option in options:
        if isinstance(option.value, TensorValue) and option.value.kind == "parameter" and not _holds_tensor(kind):
            advice = "delete it: a parameter is a Tensor"
            report.report(CLASS_ANNOTATION, span, when=option.when, annotation=text, name=name, advice=advice)
        elif conversion.is_module(compiler, option.value) and not isinstance(kind, (Interface, UnknownType)):
            advice = "delete it: a module has the type of its class"
            report.report(CLASS_ANNOTATION, span, when=option.when, annotation=text, name=name, advice=advice)
        elif not conversion.is_function(compiler, option.value) and option.span is not None and not has_unknown(kind):
            found = casting.misfit(compiler, option.value, kind)
            if found is not None:
                labels = [Label(span, "declared here")]
                report.report(
                    ANOTHER_TYPE,
                    option.span,
                    labels=labels,
                    when=option.when,
                    name=name,
                    kind=plain(str(kind)),
                    found=plain(found),
                    advice=_advice(kind, option.value),
                )


def _holds_tensor(kind: Type) -> bool:
    return has_unknown(kind) or isinstance(kind, Tensor) or (isinstance(kind, Optional) and _holds_tensor(kind.element))


def _advice(kind: Type, value: Value) -> str:
    if value == Const(None):
        return f"declare it `Optional[{kind}]`, or give it a `{kind}` in `__init__`"
    return "declare the type of the value, or give it a value of the declared type"


def _classes(compiler: Compiler, kind: Type) -> Iterator[Class]:
    """Yield the script classes in a type."""
    if isinstance(kind, ClassType):
        instance = compiler.object_of(kind)
        if instance is not None and isinstance(instance.cls, Class):
            yield instance.cls
    for one in kind.contained:
        yield from _classes(compiler, one)


def _evaluated(compiler: Compiler, owner: Class, annotation: n.Expr, text: str) -> tuple[Type | None, str | None]:
    """Return the type that an annotation is, or what to write instead of one that is none."""
    if owner.module.has_future_annotations:
        return None, "delete `from __future__ import annotations`, which leaves a text, or delete the annotation"
    if any(isinstance(one, n.Constant) and one.kind == "str" for one in walk(annotation)):
        return None, "write it without quotes"
    if "Final" in text:
        return None, None
    try:
        kind = signature.reader(compiler, owner).type_of(annotation)
    except Refused as refused:
        if refused.kind == "bare":
            return None, "name the contained types, as in `List[int]` or `Dict[str, Tensor]`"
        return (
            None,
            "delete it, since the compiler leaves attributes of other types out; or write a type that TorchScript has",
        )
    if kind in (ANY_LIST, ANY_TUPLE):
        return None, "name the contained types, as in `List[int]` or `Tuple[int, int]`"
    return kind, None
