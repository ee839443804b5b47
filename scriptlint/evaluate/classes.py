"""Classes: dataclasses, enums, named tuples and exceptions, and what a class itself says of its objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scriptlint.evaluate import calls, plain, symbols
from scriptlint.evaluate.arguments import OPEN, Arguments
from scriptlint.evaluate.frames import Frame, Raised
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    EnumMember,
    ExternalValue,
    FunctionValue,
    GeneratedInit,
    Instance,
    Items,
    Mapping,
    Some,
    Symbol,
    TupleClass,
    Unknown,
    Value,
)
from scriptlint.program.classes import Absent, Member
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External, Global
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_DEPTH = 3  # how deep the objects may be nested that stand for arguments


def special(
    ev: Evaluator, value: ClassValue, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value | None:
    """Return what a class makes that is not an object with attributes: a member of an enum, a named tuple. Else None."""
    cls = value.symbol
    if enum_names(ev, cls) is not None:
        return _member_of_value(ev, cls, ev.resolved(given.first()), node, frame)
    if is_named_tuple(ev, cls):
        creator = ev.classes.member(cls, "__new__")
        if not isinstance(creator, Member) or not isinstance(creator.value, Function):
            return new_tuple(ev, cls, given)
        arguments = Arguments([value, *given.positional], given.keywords, given.exact, given.open)
        return ev.resolved(ev.call_function(FunctionValue(creator.value, None, value.scope), arguments, node, frame))
    return None


def metaclass(ev: Evaluator, cls: Class) -> Value | None:
    """Return what a class, or the first of its bases that says so, is an object of; None where that is `type`."""
    for one in ev.classes.lineage(cls).classes:
        for keyword in one.node.keywords:
            if keyword.arg == "metaclass":
                return ev.resolved(ev.evaluate(keyword.value, Frame(one.outer or one.module)))
    return None


def external_initialiser(ev: Evaluator, cls: Class, after: Class | None = None) -> str | None:
    """Return the base outside of the source whose constructor makes the objects of a class; None where there is none."""
    found = ev.classes.member(cls, "__init__", after)
    if isinstance(found, External):
        return found.name
    return "builtins.object" if found is Absent.MISSING else None


def bases(ev: Evaluator, cls: Class) -> frozenset[str]:
    """Return the names of the bases outside of the source."""
    return frozenset(one.name for one in ev.classes.lineage(cls).externals)


def of_class(ev: Evaluator, cls: Class, name: str) -> Value | None:
    """Return what every class has under a name; None for other names."""
    match name:
        case "__name__":
            return Const(cls.node.name)
        case "__qualname__":
            return Const(cls.qualname)
        case "__module__":
            return Const(cls.module.name)
        case "__doc__":
            return Some("str")
        case "__mro__":
            lineage = ev.classes.lineage(cls)
            entries: list[Value] = [_value(one) for one in lineage.entries]
            last = [] if External("builtins.object") in lineage.entries else [ExternalValue("builtins.object")]
            # What the bases of a class of torch are is not known here.
            exact = lineage.has_every_base and not lineage.externals
            return Items("tuple", [*entries, *last], exact)
        case "__bases__":
            bases = ev.classes.bases(cls)
            known: list[Value] = [_value(one) for one in bases if not isinstance(one, str)]
            return Items("tuple", known or [ExternalValue("builtins.object")], len(known) == len(bases))
        case "__dataclass_fields__" if is_dataclass(ev, cls):
            fields = dataclass_fields(ev, ClassValue(cls))
            names = [name for name, *_ in _fields(ev, cls)]
            return Mapping(dict(zip(names, fields.items, strict=True))) if isinstance(fields, Items) else None
        case _:
            return None


def _value(base: Class | External) -> Value:
    return ClassValue(base) if isinstance(base, Class) else ExternalValue(base.name)


def setter(ev: Evaluator, getter: Function) -> Function | None:
    """Return the function that sets a property."""
    for function in getter.module.functions.values():
        if function.owner is getter.owner and function.node.name == getter.node.name:
            if decoration(function, ev.project).kind is Kind.SETTER:
                return function
    return None


# Dataclasses


def is_dataclass(ev: Evaluator, cls: Class) -> bool:
    """Return True if Python writes a constructor for the class, or for the base from which it has its own."""
    return any(_is_decorated(ev, one) for one in ev.classes.lineage(cls).classes)


_DATACLASSES = frozenset(
    {"dataclasses.dataclass", "attr.s", "attr.attrs", "attr.dataclass", "attrs.define", "attrs.frozen"}
)


def _is_decorated(ev: Evaluator, cls: Class) -> bool:
    others = decoration(cls, ev.project).others if cls.node.decorators else ()
    return cls in ev.namespaces.dataclasses or any(one.name in _DATACLASSES for one in others)


def generated(ev: Evaluator, cls: Class, after: Class | None = None) -> Class | None:
    """Return the dataclass whose constructor, written by Python, makes the objects of a class; None where another one does."""
    entries = ev.classes.lineage(cls).entries
    for one in entries[entries.index(after) + 1 :] if after in entries else entries:
        if isinstance(one, External):
            if one.name not in WITHOUT_INIT:
                return None
        elif "__init__" in one.functions or "__init__" in one.scope.bindings:
            return None
        elif _is_decorated(ev, one):
            return one
    return None


def initialiser(ev: Evaluator, value: ClassValue, after: Class | None = None) -> Value | None:
    """Return the constructor of a class in the source, by the order of bases after `after`; None where there is none."""
    cls = value.symbol
    override = ev.namespaces.override(cls, "__init__", after)
    if override is not None:
        return override
    dataclass = generated(ev, cls, after)
    if dataclass is not None:
        return GeneratedInit(dataclass, None)
    member = ev.classes.member(cls, "__init__", after)
    if not isinstance(member, Member):
        return None
    if isinstance(member.value, Function):
        return FunctionValue(member.value, None, value.scope)
    return ev.namespaces.class_variable(member.owner, "__init__")


WITHOUT_INIT = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})


def initialise_dataclass(ev: Evaluator, instance: Instance, cls: Class, given: Arguments) -> None:
    """Leave the fields on an object, in the order of the bases, and call `__post_init__`."""
    index = 0
    for name, owner, annotation, default in _fields(ev, cls):
        if not _in_constructor(default):
            value = _default(ev, owner, default)
            if value is not None:
                ev.set_attribute(instance, name, value, None)
            continue
        argument = given.get(index, name)
        index += 1
        if argument is None:
            known = _default(ev, owner, default)
            if given.open and (known is None or isinstance(known, Const)):
                argument = Symbol(name, ("argument", name), default=known, annotation=annotation, place=owner)
                argument.kind = symbols.kind_of(ev, annotation, owner)
            else:
                argument = known or Unknown(f"the field `{name}`")
        ev.set_attribute(instance, name, argument, None)
    if ev.namespaces.override(cls, "__post_init__") or ev.classes.method(cls, "__post_init__") is not None:
        calls.call(ev, ev.attribute(instance, "__post_init__"), Arguments([], {}))


def _fields(ev: Evaluator, cls: Class) -> Iterator[tuple[str, Class, n.Expr, n.Expr | None]]:
    """Iterate over the fields, each with the class that says its default."""
    found: dict[str, tuple[Class, n.Expr, n.Expr | None]] = {}
    for one in reversed(list(ev.classes.lineage(cls).classes)):
        if _is_decorated(ev, one):
            for statement in one.node.body:
                if isinstance(statement, n.AnnAssign) and isinstance(statement.target, n.Name):
                    if "ClassVar" not in one.module.text(statement.annotation):
                        found[statement.target.id] = (one, statement.annotation, statement.value)
    return ((name, owner, annotation, default) for name, (owner, annotation, default) in found.items())


def field_names(ev: Evaluator, cls: Class) -> list[str]:
    """Return the names of the fields of a dataclass that its constructor takes."""
    return [name for name, _, _, default in _fields(ev, cls) if _in_constructor(default)]


def _field_keywords(default: n.Expr | None) -> dict[str | None, n.Expr]:
    last = default.func if isinstance(default, n.Call) else None
    name = last.attr if isinstance(last, n.Attribute) else getattr(last, "id", "")
    return {one.arg: one.value for one in default.keywords} if isinstance(default, n.Call) and name == "field" else {}


def _in_constructor(default: n.Expr | None) -> bool:
    init = _field_keywords(default).get("init")
    return not (isinstance(init, n.Constant) and init.value is False)


def _default(ev: Evaluator, owner: Class, default: n.Expr | None) -> Value | None:
    if default is None:
        return None
    keywords = _field_keywords(default)
    if "default_factory" in keywords:
        return calls.call(ev, ev.evaluate(keywords["default_factory"], Frame(owner)), Arguments([], {}))
    if "default" in keywords:
        return ev.evaluate(keywords["default"], Frame(owner))
    is_field = isinstance(default, n.Call) and ev.project.resolve(default.func, owner) == External("dataclasses.field")
    return None if is_field else ev.evaluate(default, Frame(owner))


def dataclass_fields(ev: Evaluator, value: Value) -> Value:
    """Return what `dataclasses.fields` gives: objects with a name."""
    cls = value.cls if isinstance(value, Instance) else value.symbol if isinstance(value, ClassValue) else None
    if not isinstance(cls, Class) or not is_dataclass(ev, cls):
        return Unknown("`dataclasses.fields`")
    made: list[Value] = []
    for name, *_ in _fields(ev, cls):
        one = Instance(External("dataclasses.Field"))
        ev.set_attribute(one, "name", Const(name), None)
        made.append(one)
    return Items("tuple", made)


# Enums


def enum_names(ev: Evaluator, cls: Class) -> list[str] | None:
    """Return the names of the members of an enum; None for other classes."""
    if not any(name.startswith("enum.") for name in bases(ev, cls)):
        return None
    found = []
    for statement in cls.node.body:
        targets = statement.targets if isinstance(statement, n.Assign) else []
        for target in targets:
            names = target.elts if isinstance(target, n.Tuple) else [target]
            found += [one.id for one in names if isinstance(one, n.Name) and not one.id.startswith("_")]
    return found


def enum_value(ev: Evaluator, member: EnumMember) -> Value:
    """Return the value of a member of an enum."""
    binding = member.cls.scope.visible(member.name)
    if not binding or binding[-1].value is None:
        return Unknown("the value of a member of an enum")
    value = ev.evaluate(binding[-1].value, Frame(member.cls))
    names = enum_names(ev, member.cls) or []
    automatic = isinstance(binding[-1].value, n.Call) and member.name in names
    if automatic and isinstance(value, Unknown) and "auto" in member.cls.module.text(binding[-1].value):
        return Const(names.index(member.name) + 1)
    return value


def is_its_value(ev: Evaluator, member: EnumMember) -> bool:
    """Return True for a member that is a text or number itself, as those of `class Color(str, Enum)` are."""
    return bool(bases(ev, member.cls) & {"builtins.str", "builtins.int", "enum.StrEnum", "enum.IntEnum"})


def own_value(ev: Evaluator, value: Value) -> Value:
    """Return the text or number that a member of an enum is; any other value as it is."""
    if type(value) is EnumMember and is_its_value(ev, value):
        return ev.resolved(enum_value(ev, value))
    return value


def _member_of_value(ev: Evaluator, cls: Class, value: Value, node: n.Node | None, frame: Frame | None) -> Value:
    if isinstance(value, EnumMember) and value.cls is cls:
        return value
    members = [EnumMember(cls, name) for name in enum_names(ev, cls) or []]
    if isinstance(value, Symbol):
        return members[0] if members else Unknown(f"a `{cls.node.name}`")
    wanted = plain.to_python(value)
    known = [plain.to_python(ev.resolved(enum_value(ev, one))) for one in members]
    if wanted is None or None in known:
        return Unknown(f"a `{cls.node.name}`")
    for one, own in zip(members, known, strict=True):
        if own == wanted:
            return one
    if isinstance(ev.classes.member(cls, "_missing_"), Member):
        return Unknown(f"a `{cls.node.name}`")
    raise Raised("builtins.ValueError", None, node, frame.module if frame is not None else None)


# Named tuples


def is_named_tuple(ev: Evaluator, cls: Class) -> bool:
    """Return True if the objects of a class are tuples with names."""
    lineage = ev.classes.lineage(cls)
    if "typing.NamedTuple" in bases(ev, cls):
        return True
    return bool(lineage.unseen) and any(_making_call(ev, one) is not None for one in lineage.classes)


def _making_call(ev: Evaluator, cls: Class) -> n.Call | None:
    """Return the call of `namedtuple` that a class derives from, by a variable perhaps; None for other classes."""
    for base in cls.node.bases:
        if isinstance(base, n.Name):
            symbol = ev.project.resolve(base, cls.outer or cls.module)
            base = symbol.value if isinstance(symbol, Global) and symbol.value is not None else base
        match base:
            case n.Call(func=n.Name(id="namedtuple") | n.Attribute(attr="namedtuple"), args=[_, _, *_]):
                return base
    return None


def _made_fields(call: n.Call) -> list[tuple[str, n.Expr | None]]:
    """Return the fields that a call of `namedtuple` names, each with its default."""
    names = fields_of_call(call)
    given = next((one.value for one in call.keywords if one.arg == "defaults"), None)
    defaults = given.elts if isinstance(given, (n.List, n.Tuple)) else []
    return list(zip(names, [*[None] * (len(names) - len(defaults)), *defaults], strict=False))


def fields_of_call(call: n.Call) -> list[str]:
    """Return the names that a call of `namedtuple` is given as text; empty where it is given something else."""
    match call.args[1:2]:
        case [n.Constant(kind="str", value=str() as text)]:
            return text.replace(",", " ").split()
        case [n.List(elts=names) | n.Tuple(elts=names)]:
            return [str(one.value) for one in names if isinstance(one, n.Constant)]
        case _:
            return []


def tuple_fields(ev: Evaluator, cls: Class) -> list[tuple[str, Class, n.Expr | None]]:
    """Return the names of the fields of a named tuple, each with its class and default."""
    for one in ev.classes.lineage(cls).classes:
        made = _making_call(ev, one)
        if made is not None:
            return [(name, one, default) for name, default in _made_fields(made)]
        if "typing.NamedTuple" in {
            getattr(ev.project.resolve(base, one.module), "name", "") for base in one.node.bases
        }:
            return [
                (part.target.id, one, part.value)
                for part in one.node.body
                if isinstance(part, n.AnnAssign) and isinstance(part.target, n.Name)
            ]
    return []


def new_tuple(ev: Evaluator, cls: Class, given: Arguments) -> Value:
    """Return the tuple that the constructor that Python wrote for a class gives."""
    items: list[Value] = []
    for index, (name, owner, default) in enumerate(tuple_fields(ev, cls)):
        argument = given.get(index, name)
        if argument is None:
            argument = Unknown(f"the field `{name}`") if default is None else ev.evaluate(default, Frame(owner))
        items.append(argument)
    return Items("tuple", items, given.exact, cls)


def made_tuple_class(ev: Evaluator, given: Arguments) -> TupleClass | None:
    """Return the class that a call of `namedtuple` makes; None where its fields are not known."""
    known = [plain.to_python(ev.resolved(one)) for one in given.positional[:1]]
    name = known[0][0] if known and known[0] is not None else None
    fields = ev.resolved(given.get(1, "field_names") or Unknown())
    if isinstance(fields, Items) and fields.exact and all(isinstance(ev.resolved(one), Items) for one in fields.items):
        pairs = [ev.resolved(one) for one in fields.items]  # of typing.NamedTuple, each with its type
        fields = Items("list", [one.items[0] for one in pairs if isinstance(one, Items) and one.items])
    names = plain.to_python(fields)
    if not isinstance(name, str) or names is None or not given.exact:
        return None
    texts = names[0].replace(",", " ").split() if isinstance(names[0], str) else list(names[0])
    defaults = ev.resolved(given.keywords.get("defaults", Const(None)))
    if not all(isinstance(one, str) for one in texts) or "rename" in given.keywords:
        return None
    return TupleClass(name, tuple(texts), list(defaults.items) if isinstance(defaults, Items) else [])


def make_tuple(ev: Evaluator, cls: TupleClass, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return the tuple that a call of what `namedtuple` made gives."""
    defaults = dict(zip(reversed(cls.fields), reversed(cls.defaults), strict=False))
    items = []
    for index, name in enumerate(cls.fields):
        value = given.get(index, name) or defaults.get(name)
        if value is None and given.exact and not given.open:
            raise Raised("builtins.TypeError", None, node, frame.module if frame is not None else None)
        items.append(value or Unknown(f"the field `{name}`"))
    return Items("tuple", items, given.exact, cls)


def tuple_class_attribute(cls: TupleClass, name: str) -> Value | None:
    """Return what a class that `namedtuple` made has under a name; None where that is not known."""
    match name:
        case "_fields":
            return Items("tuple", [Const(one) for one in cls.fields])
        case "__name__" | "__qualname__":
            return Const(cls.name)
        case "_field_defaults":
            return Mapping(dict(zip(cls.fields[len(cls.fields) - len(cls.defaults) :], cls.defaults, strict=False)))
        case "__new__" | "_make":
            return ExternalValue(f"namedtuple.{name}", cls)
        case _:
            return None


def _field_names(ev: Evaluator, cls: Class | TupleClass) -> list[str]:
    return list(cls.fields) if isinstance(cls, TupleClass) else [field for field, *_ in tuple_fields(ev, cls)]


def named_tuple_attribute(ev: Evaluator, value: Items, cls: Class | TupleClass, name: str) -> Value | None:
    """Return a field or method of a named tuple; None where the class has no such name."""
    names = _field_names(ev, cls)
    if name in names and value.exact:
        return value.items[names.index(name)]
    if isinstance(cls, TupleClass):
        return tuple_class_attribute(cls, name)
    if name == "_fields":
        return Items("tuple", [Const(one) for one in names])
    found = ev.classes.member(cls, name)
    if isinstance(found, Member) and isinstance(found.value, Function):
        bound = FunctionValue(found.value, value)
        return calls.call(ev, bound, Arguments([], {})) if ev.is_property(found.value) else bound
    return None


def named_tuple_method(
    ev: Evaluator,
    value: Items,
    cls: Class | TupleClass,
    name: str,
    given: Arguments,
    node: n.Node | None,
    frame: Frame | None,
) -> Value | None:
    """Return what a method that every named tuple has returns; None for other methods."""
    names = _field_names(ev, cls)
    if name == "_asdict":
        return Mapping(dict(zip(names, value.items, strict=False)))
    if name == "_replace":
        items = [given.keywords.get(one, own) for one, own in zip(names, value.items, strict=False)]
        return Items("tuple", items, value.exact, cls)
    return None


# Representatives


def can_be_made(ev: Evaluator, cls: Class) -> bool:
    """Return True if an object of a class may stand for an argument."""
    return ev.path.depth < _DEPTH and not ev.classes.lineage(cls).unseen and enum_names(ev, cls) is None


def representative(ev: Evaluator, cls: Class, symbol: Symbol) -> Value | None:
    """Return the object that a class makes of arguments that nobody gives; None where it makes none."""
    ev.path.depth += 1
    try:
        made = ev.construct(ClassValue(cls), OPEN)
    except Raised:
        return None
    finally:
        ev.path.depth -= 1
    if isinstance(made, Instance):
        made.is_stand_in = True
        for name, held in made.attributes.items():
            value = held[-1].value
            if isinstance(value, Symbol) and value.key[:1] == ("argument",):
                value.name = f"{symbol.name}.{name}"
                value.key = (*symbol.key, f".{name}")
    return made
