"""The defaults of a compiled function's parameters, as far as their form decides. Twin: `getSchemaWithNameAndDefaults`
of `torch/csrc/jit/python/script_init.cpp`, which looks at them after the body, and `toIValue` of `pybind_utils.h`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scriptlint.diag import Fixable, Label, Rule, Severity, Span, Target
from scriptlint.script.form import Form
from scriptlint.script.refusal import refusal
from scriptlint.script.type_comments import TypeComment
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix
from scriptlint.types.model import BOOL, COMPLEX, FLOAT, INT, STRING, Tuple, Type

MUTABLE_DEFAULT = refusal(
    code="SL301",
    name="mutable-default",
    message="the default of {names} is a list or a dictionary",
    help="use `Optional[...] = None` and make it in the body; a tuple will do for a list",
    compiler="Mutable default parameters are not supported",
)

UNTYPED_DEFAULT = refusal(
    code="SL302",
    name="untyped-default",
    message="without an annotation a parameter is a Tensor, and the default of {names} is not one",
    help="annotate it with the type of its default",
    fixable=Fixable.SOMETIMES,
    compiler=r"Expected a default value of type Tensor \(inferred\)",
)

DEFAULT_OF_ANOTHER_TYPE = refusal(
    code="SL303",
    name="default-of-another-type",
    message="the default of {names} is not of the type of the annotation",
    help="change the default or the annotation; `Optional[...]` takes None",
    compiler=r"Expected a default value of type (?!Tensor \(inferred\))",
)

UNTYPED_NONE_DEFAULT = Rule(
    code="SL721",
    name="untyped-none-default",
    severity=Severity.WARNING,
    target=Target.SCRIPT,
    message="`{text}` is always {result}: without annotation `{name}` is a Tensor, even with the default None",
    help="annotate it, `{name}: Optional[Tensor] = None`",
)


def check(form: Form, comment: TypeComment | None, typed: Typed, named: Named) -> None:
    """Report defaults that cannot be what their parameter is; one finding per rule, at the function, as torch does.

    `comment` is the function's type comment, `typed` annotates parameters with what their defaults are, `named` gives what
    a name among them stands for.
    """
    args = form.function.args
    own = [*args.args, *args.kwonly]
    kinds = _types(form, own, comment)
    found: dict[str, tuple[Rule, list[n.Parameter]]] = {}
    for one, kind in zip(own, kinds, strict=True):
        if one.default is None:
            continue
        value = named(one.default)
        rule = _of_object(kind) if value is one.default else _refused(form, value or one.default, kind)
        if rule is not None:
            found.setdefault(rule.code, (rule, []))[1].append(one)
    for rule, parameters in found.values():
        path = form.module.path
        labels = [Label(Span(path, one.start, (one.default or one).end), "this default") for one in parameters]
        names = ", ".join(f"`{one.name}`" for one in parameters[:2])
        if len(parameters) > 2:
            names += f" and {len(parameters) - 2} more"
        end = form.function.name_start + len(form.function.name)
        fix = _typed_by_default(form, parameters, typed) if rule is UNTYPED_DEFAULT else None
        form.say(rule, form.function.start, end, names=names, labels=labels, fix=fix)


def _of_object(kind: str | None) -> Rule | None:
    """Return the rule for a default that is a class, a function or a module, which no parameter takes."""
    return None if kind is None else DEFAULT_OF_ANOTHER_TYPE if kind else UNTYPED_DEFAULT


Named = Callable[[n.Expr], "n.Expr | None"]
Typed = Callable[[Mapping[str, Type]], Fix | None]

_TYPES: Mapping[object, Type] = {"bool": BOOL, "int": INT, "float": FLOAT, "str": STRING, "complex": COMPLEX}


def _typed_by_default(form: Form, parameters: list[n.Parameter], typed: Typed) -> Fix | None:
    """Annotate parameters with the types of their defaults."""
    kinds = {one.name: _type(_shape(form, one.default)) for one in parameters if one.default is not None}
    known = {name: kind for name, kind in kinds.items() if kind is not None}
    return typed(known) if len(known) == len(kinds) else None


def _type(shape: object) -> Type | None:
    if isinstance(shape, list):
        parts = [_type(one) for one in shape]
        return Tuple(tuple(filter(None, parts))) if parts and None not in parts else None
    return _TYPES.get(shape) if isinstance(shape, str) else None


def untyped_nones(form: Form, comment: TypeComment | None) -> set[str]:
    """Return the parameters that are Tensors for want of an annotation, with None for a default."""
    if comment is not None:
        return set()
    return {
        one.name
        for one in form.function.args.args
        if one.annotation is None and isinstance(one.default, n.Constant) and one.default.kind == "none"
    }


def _types(form: Form, own: list[n.Parameter], comment: TypeComment | None) -> list[str | None]:
    """Return the annotation of each parameter as text without blanks, empty where there is none, None where it is not known."""
    if comment is not None:
        shift = 1 if form.method else 0
        if len(comment.params) != len(own) - shift:
            return [None] * len(own)
        return [None] * shift + ["".join(one.split()) for one in comment.params]
    return ["" if one.annotation is None else _annotation(form, one.annotation) for one in own]


def _annotation(form: Form, node: n.Expr) -> str | None:
    if isinstance(node, n.Constant) and node.kind == "str":
        text = str(node.value)
    else:
        text = form.source.text[node.start : node.end]
    return "".join(text.split())


def _refused(form: Form, default: n.Expr, kind: str | None) -> Rule | None:
    shape = _shape(form, default)
    if shape is None:
        return None
    if _is_mutable(shape):
        return MUTABLE_DEFAULT
    if kind is None:
        return None
    if not kind:
        return None if shape == "none" else UNTYPED_DEFAULT
    return DEFAULT_OF_ANOTHER_TYPE if _fits(shape, kind) is False else None


def _is_mutable(shape: object) -> bool:
    return shape == "mutable" or (isinstance(shape, list) and any(_is_mutable(one) for one in shape))


def _shape(form: Form, node: n.Expr) -> object:
    """Return what a default is: the name of a kind, a list of the same for a tuple, None where that takes more than its form."""
    match node:
        case n.Constant():
            return node.kind
        case n.UnaryOp(op="-" | "+") if _shape(form, node.operand) in ("int", "float"):
            return _shape(form, node.operand)
        case n.UnaryOp(op="not"):
            return "bool"
        case n.List() | n.Dict() | n.ListComp() | n.DictComp():
            return "mutable"
        case n.Tuple():
            parts = [_shape(form, one) for one in node.elts]
            known = not any(isinstance(one, n.Starred) for one in node.elts)
            if (known and None not in parts) or any(_is_mutable(one) for one in parts):
                return parts
            return None
        case n.Lambda():
            return "function"
        case n.JoinedStr():
            return "str"
        case n.BinOp():
            return _arithmetic(_shape(form, node.left), node.op, _shape(form, node.right))
        case n.Call() | n.Name() | n.Attribute():
            return _named(form, node)
    return None


def _arithmetic(left: object, op: str, right: object) -> object:
    if left not in ("int", "float") or right not in ("int", "float"):
        return None
    if "float" in (left, right) or op == "/":
        return "float"
    return "int" if op in ("+", "-", "*", "//", "%", "<<", ">>", "|", "&", "^") else None


_CALLS = {"builtins.float": "float", "builtins.int": "int", "builtins.str": "str", "builtins.bool": "bool"}
_MUTABLE_CALLS = frozenset({"builtins.list", "builtins.dict", "collections.OrderedDict", "collections.defaultdict"})
_DTYPES = frozenset(
    f"torch.{name}"
    for name in (
        *("bool", "uint8", "int8", "int16", "int32", "int64", "short", "int", "long"),
        *("float16", "bfloat16", "float32", "float64", "half", "float", "double", "complex64", "complex128"),
    )
)
_FLOATS = frozenset({f"math.{name}" for name in ("pi", "e", "tau", "inf", "nan")})


def _named(form: Form, node: n.Call | n.Name | n.Attribute) -> object:
    name = form.resolve(node.func if isinstance(node, n.Call) else node) or ""
    if isinstance(node, n.Call):
        return "mutable" if name in _MUTABLE_CALLS else _CALLS.get(name)
    if name in _FLOATS:
        return "float"
    return "dtype" if name in _DTYPES else None


_SCALARS = {
    "int": ("int", "bool", "dtype"),
    "float": ("int", "float", "bool"),
    "bool": ("int", "float", "bool", "complex", "none"),
    "str": ("str", "bytes"),
    "complex": ("int", "float", "bool", "complex"),
    "torch.dtype": ("int", "bool", "dtype"),
    "Tensor": ("none",),
    "torch.Tensor": ("none",),
    "None": ("none",),
}


def _fits(shape: object, kind: str) -> bool | None:
    """Return whether a default of this shape is taken for the annotation; None where the annotation is not a plain one."""
    if kind in _SCALARS:
        return shape in _SCALARS[kind]
    head, _, rest = kind.partition("[")
    head = head.rpartition(".")[2]
    if not rest.endswith("]"):
        return None
    inner = rest[:-1]
    if head == "Optional":
        return True if shape == "none" else _fits(shape, inner)
    if head in ("List", "list"):
        if inner == "str" and shape == "str":
            return True
        return _all_fit(shape, [inner] * len(shape)) if isinstance(shape, list) else False
    if head in ("Tuple", "tuple"):
        parts = _split(inner)
        if parts == ["()"] or "..." in parts:
            return None
        if not isinstance(shape, list):
            return False
        return _all_fit(shape, parts) if len(shape) == len(parts) else False
    if head in ("Dict", "dict"):
        return None if shape == [] else False
    return None


def _all_fit(shape: list[object], kinds: list[str]) -> bool | None:
    answers = [_fits(one, kind) for one, kind in zip(shape, kinds, strict=True)]
    if False in answers:
        return False
    return None if None in answers else True


def _split(text: str) -> list[str]:
    depth = 0
    parts = [""]
    for one in text:
        depth += {"[": 1, "]": -1}.get(one, 0)
        if one == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += one
    return parts
