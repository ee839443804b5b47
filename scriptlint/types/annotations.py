"""Annotations: from an expression of the source to a type, as the compiler reads it.

Twins: torch/csrc/jit/frontend/script_type_parser.cpp (parseTypeFromExpr), torch/jit/annotations.py (try_ann_to_type) and
torch/_jit_internal.py (createResolutionCallbackFromEnv, whose little parser also reads quoted annotations).

An annotation gives a type, is refused (`Refused`, with the compiler's kind of complaint), or cannot be seen: then its type
is Unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import KNOWN_PACKAGES, External, Global, Local, Symbol
from scriptlint.syntax import nodes as n
from scriptlint.types.model import (
    ABSTRACT_NUMBER,
    ANY,
    ANY_LIST,
    ANY_TUPLE,
    BOOL,
    COMPLEX,
    DEVICE,
    FLOAT,
    GENERATOR,
    INT,
    NONE,
    NUMBER,
    STREAM,
    STRING,
    TENSOR,
    Dict,
    Future,
    List,
    RRef,
    Tensor,
    Tuple,
    Type,
    Unknown,
    make_optional,
    make_union,
)

# The parser's own names, for text and for annotations of a body that Python does not look up (string_to_type_lut and
# subscript_to_type_fns of script_type_parser.cpp).
_OWN_NAMES: dict[str, Type] = {
    "Tensor": TENSOR,
    "int": INT,
    "float": FLOAT,
    "bool": BOOL,
    "complex": COMPLEX,
    "str": STRING,
    "Device": DEVICE,
    "Stream": STREAM,
    "Generator": GENERATOR,
    "number": NUMBER,
    "NoneType": NONE,
    "Any": ANY,
    "list": ANY_LIST,
    "tuple": ANY_TUPLE,
}
_OWN_CONSTRUCTORS = frozenset("Optional Union List list Tuple tuple Dict dict Future Await RRef".split())

# What one annotation may have, its aliases written out.
_DEPTH = 30
_PARTS = 1_000

Resolve = Callable[[n.Expr], Symbol | None]
ResolveIn = Callable[[n.Expr, ModuleInfo], Symbol | None]
OfClass = Callable[[Class, n.Expr, bool], Type]
"""What a class of the source is as a type; raises Refused where it is none. The flag says that Python has built a type
around the class (`Optional[State]`): then the compiler has no names to look up what the class itself mentions."""
OfGlobal = Callable[[Global], Type | None]
"""What a variable is as a type whose value is made by a call; None where it is none."""


@dataclass(eq=False)
class Refused(Exception):
    """The compiler does not take this annotation.

    `kind` is `name` (Unknown type name), `constructor` (Unknown type constructor), `dataclass` (a class without source), `bare` (no contained type), `expression`
    (cannot be used in a type expression), `key` (of a dictionary), `enum` (whose members have no common type) or `fields` (a named
    tuple whose quoted annotations cannot be read); `node` is where it stands, and `why` the reason where the kind does not say it.
    """

    kind: str
    node: n.Expr
    text: str
    why: str = ""


_SIMPLE: dict[str, Type] = {
    "builtins.int": INT,
    "builtins.float": FLOAT,
    "builtins.bool": BOOL,
    "builtins.complex": COMPLEX,
    "builtins.str": STRING,
    "builtins.list": ANY_LIST,
    "builtins.tuple": ANY_TUPLE,
    "typing.Any": ANY,
    "torch.Tensor": TENSOR,
    "torch.nn.Parameter": TENSOR,
    "torch.nn.parameter.Parameter": TENSOR,
    "torch.nn.Buffer": TENSOR,
    "torch.nn.parameter.Buffer": TENSOR,
    "torch.device": DEVICE,
    "torch.dtype": INT,
    "torch.qscheme": INT,
    "torch.Generator": GENERATOR,
    "torch.Stream": STREAM,
    "numbers.Number": ABSTRACT_NUMBER,
}
_TENSORS = re.compile(
    r"torch\.(cuda\.)?(Float|Double|Half|BFloat16|Byte|Char|Short|Int|Long|Bool)Tensor|torch\.nn\.(parameter\.)?\w*Parameter"
)
_SIZES = re.compile(r"torch\.nn\.common_types\._(size|ratio|size_any|scalar_or_tuple)_(any_opt|any|\d)(_opt|_t)?(_t)?")
_BROADCASTING = re.compile(r"torch\.(?:_jit_internal|jit\.annotations)\.BroadcastingList(\d)")
_REFUSED_NAMES = frozenset(
    f"builtins.{name}" for name in "object bytes bytearray range slice type set frozenset dict memoryview".split()
) | {"torch.Size", "torch.layout", "torch.memory_format", "torch.tensor", "torch.finfo", "torch.iinfo"}
_VARIABLES = frozenset({"typing.TypeVar", "typing.NewType", "typing_extensions.TypeVar"})
_ENUMS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum"})  # `Enum("Mode", ["A", "B"])` has no source
_BARE = frozenset({"typing.List", "typing.Dict", "typing.Tuple", "typing.Optional", "torch.jit.Future"})


@dataclass
class _Budget:
    """How deep one annotation and the aliases in it are, and how many parts they may still have."""

    depth: int = 0
    parts: int = 0


class Annotations:
    """Reads the annotations of one place. `complete` says that a name which does not resolve is not there.

    `resolve` looks names up where the annotation stands, `resolve_in` in the file where an alias is defined; `is_module`
    tells the module classes of torch from others. `within` are
    those that read the annotation in which an alias was met.
    """

    def __init__(
        self,
        resolve: Resolve,
        resolve_in: ResolveIn,
        of_class: OfClass,
        text: Callable[[n.Node], str],
        is_module: Callable[[str], bool],
        complete: bool = False,
        of_global: OfGlobal = lambda symbol: None,
        within: Annotations | None = None,
    ) -> None:
        self._resolve = resolve
        self._resolve_in = resolve_in
        self._of_class = of_class
        self._text = text
        self._is_module = is_module
        self._complete = complete
        self._of_global = of_global
        self._budget: _Budget = _Budget() if within is None else within._budget
        self._enclosed = within is not None

    def type_of(self, node: n.Expr) -> Type:
        """Return the type that an annotation stands for; raises Refused."""
        budget = self._budget
        if budget.depth == 0:
            budget.parts = _PARTS
            self._enclosed = isinstance(node, n.Subscript) and _is_evaluated(node)
        if budget.depth == _DEPTH or budget.parts == 0:
            return Unknown("a type that is too large, or holds itself")
        budget.depth += 1
        budget.parts -= 1
        try:
            return self._type(node)
        except Refused as refused:
            if refused.kind == "fields":
                refused.node = node  # Python makes one object of the whole, before the compiler sees any of it
            raise
        finally:
            budget.depth -= 1

    def _type(self, node: n.Expr) -> Type:
        match node:
            case n.Constant(kind="none"):
                return NONE
            case n.Constant(kind="str"):
                return self._quoted(node)
            case n.Name() | n.Attribute():
                return self._named(node)
            case n.Subscript():
                return self._applied(node)
            case n.BinOp(op="|"):
                return make_union((self.type_of(node.left), self.type_of(node.right)))
            case n.Call():
                raise Refused("expression", node.func, self._text(node))
            case n.Constant(kind="ellipsis"):
                raise Refused("expression", node, "...")
            case n.Constant() | n.Tuple() | n.List() | n.BinOp() | n.UnaryOp() | n.IfExp() | n.Compare() | n.BoolOp():
                raise Refused("expression", node, self._text(node))
            case _:
                return Unknown("a form that the front end refuses before it is a type")

    def _quoted(self, node: n.Constant) -> Type:
        parsed = _parse_quoted(str(node.value), node)
        if parsed is None:
            raise Refused("name", node, str(node.value))
        self._enclosed = self._enclosed or isinstance(parsed, n.Subscript)
        return self.type_of(parsed)

    def _named(self, node: n.Expr) -> Type:
        symbol = self._resolve(node)
        match symbol:
            case External():
                return self._external(symbol.name, node)
            case Class():
                return self._of_class(symbol, node, self._enclosed)
            case Global():
                return self._alias(symbol, node)
            case Function() | ModuleInfo():
                raise Refused("name", node, self._text(node))
            case Local():
                return Unknown("a name of an enclosing function")
            case _:
                if isinstance(node, n.Name) and node.id in _OWN_NAMES:
                    return _OWN_NAMES[node.id]
                if self._complete and isinstance(node, n.Name):
                    raise Refused("bare" if node.id in _OWN_CONSTRUCTORS else "name", node, node.id)
                return Unknown(f"`{self._text(node)}`")

    def _external(self, name: str, node: n.Expr) -> Type:
        name = name.replace("typing_extensions.", "typing.")
        if name in _SIMPLE:
            return _SIMPLE[name]
        if name.startswith("torch.cuda.") and _TENSORS.fullmatch(name):
            raise Refused("name", node, self._text(node))
        if _TENSORS.fullmatch(name):
            return TENSOR
        if _SIZES.fullmatch(name):
            return Unknown(name)
        if name in _BARE:
            raise Refused("bare", node, name.rpartition(".")[2])
        known = name.partition(".")[0] in KNOWN_PACKAGES and not name.startswith("torch.")
        if name in _REFUSED_NAMES or known or self._is_module(name):
            raise Refused("name", node, self._text(node))
        return Unknown(f"`{name}`")

    def _alias(self, symbol: Global, node: n.Expr) -> Type:
        value = symbol.value
        if value is None:
            return Unknown(f"`{symbol.name}`")
        module = symbol.module

        def there(node: n.Expr) -> Symbol | None:
            return self._resolve_in(node, module)

        inner = Annotations(
            there,
            self._resolve_in,
            self._of_class,
            module.text,
            self._is_module,
            of_global=self._of_global,
            within=self,
        )
        if isinstance(value, (n.Tuple, n.List, n.Constant)):
            raise Refused("name", node, self._text(node))
        if isinstance(value, n.Call):
            made = inner._resolve(value.func)
            if isinstance(made, External) and (made.name in _VARIABLES or made.name in _ENUMS):
                raise Refused("name", node, self._text(node))
            return self._of_global(symbol) or Unknown(f"`{symbol.name}`")
        if isinstance(value, (n.Subscript, n.BinOp)):
            try:
                return inner.type_of(value)
            except Refused as refused:
                raise Refused(refused.kind, node, self._text(node), refused.why) from None
        return Unknown(f"`{symbol.name}`")

    def size_of(self, node: n.Expr) -> int | None:
        """The length of the list that a single value becomes, for a parameter of a `BroadcastingList`."""
        symbol = self._resolve(node.value) if isinstance(node, n.Subscript) else None
        found = _BROADCASTING.fullmatch(symbol.name) if isinstance(symbol, External) else None
        return None if found is None else int(found[1])

    def _applied(self, node: n.Subscript) -> Type:
        symbol = self._resolve(node.value)
        if symbol is None and isinstance(node.value, n.Name):
            if re.fullmatch(r"BroadcastingList[1-9]\d*", node.value.id):
                symbol = External(f"torch.jit.annotations.{node.value.id}")
            elif node.value.id in _OWN_CONSTRUCTORS:
                symbol = External(f"typing.{node.value.id}")
            elif self._complete:
                return self._constructor(node)
        if isinstance(symbol, Global):
            return Unknown(f"`{symbol.name}`")
        if not isinstance(symbol, External):
            return Unknown(f"`{self._text(node.value)}`") if not isinstance(symbol, Class) else self._constructor(node)
        parts = node.slice.elts if isinstance(node.slice, n.Tuple) else [node.slice]
        package, _, last = symbol.name.rpartition(".")
        if _BROADCASTING.fullmatch(symbol.name):
            return List(self.type_of(parts[0]))
        if package in ("typing", "builtins", "typing_extensions"):
            match last.lower() if last in ("list", "dict", "tuple", "List", "Dict", "Tuple") else last:
                case "list":
                    return List(self.type_of(parts[0]))
                case "dict" if len(parts) == 2:
                    return self._dict(parts[0], parts[1])
                case "tuple":
                    return Tuple(tuple(self.type_of(one) for one in parts))
                case "Optional":
                    return make_optional(self.type_of(parts[0]))
                case "Union":
                    return make_union(tuple(self.type_of(one) for one in parts))
        if symbol.name in ("typing.Future", "torch.jit.Future", "torch.futures.Future", "torch._C.Future"):
            return Future(self.type_of(parts[0]))
        if last == "RRef":
            return RRef(self.type_of(parts[0]))
        known = symbol.name.partition(".")[0] in KNOWN_PACKAGES and not symbol.name.startswith("torch.")
        if known:
            return self._constructor(node)
        return Unknown(f"`{symbol.name}`")

    def _constructor(self, node: n.Subscript) -> Type:
        raise Refused("constructor", node, self._text(node.value))

    def _dict(self, key: n.Expr, value: n.Expr) -> Type:
        key_type = self.type_of(key)
        if not is_key(key_type):
            raise Refused("key", key, self._text(key))
        return Dict(key_type, self.type_of(value))


def _is_evaluated(node: n.Expr) -> bool:
    """Return True for names, dots and brackets, of which createResolutionCallbackFromEnv makes one object of Python.

    The compiler takes any other annotation apart, and looks up each name by itself.
    """
    match node:
        case n.Name():
            return True
        case n.Attribute():
            return _is_evaluated(node.value)
        case n.Subscript():
            return _is_evaluated(node.value) and _is_evaluated(node.slice)
        case n.Tuple():
            return all(map(_is_evaluated, node.elts))
    return False


def is_tensor_class(dotted: str) -> bool:
    """Return True if a name is one of the typed tensor classes (`torch.FloatTensor`), which all mean Tensor."""
    return _TENSORS.fullmatch(dotted) is not None and dotted.endswith("Tensor")


def is_key(kind: Type) -> bool:
    """Return True if a dictionary may have keys of this type."""
    return kind in (INT, FLOAT, COMPLEX, STRING, BOOL, DEVICE) or isinstance(kind, (Tensor, Unknown))


def is_plain(text: str) -> bool:
    """Return True for a quoted type of names, dots and brackets alone."""
    return _parse_quoted(text, n.Constant(0, 0, "str", text)) is not None


_WORD = re.compile(r"\s*([\w.]+|\(\)|[\[\],])\s*")


def _parse_quoted(text: str, at: n.Constant) -> n.Expr | None:
    """Names, dots and brackets, nothing else: what the compiler's own little parser reads. None for anything more."""
    words: list[str] = []
    position = 0
    while position < len(text):
        found = _WORD.match(text, position)
        if found is None:
            return None
        words.append(found[1])
        position = found.end()
    words.reverse()
    parsed = _parse_words(words, at)
    return None if words else parsed


def _parse_words(words: list[str], at: n.Constant) -> n.Expr | None:
    if not words or not re.fullmatch(r"[\w.]+", words[-1]):
        if words and words[-1] == "()":
            words.pop()
            return n.Tuple(at.start, at.end, [])
        return None
    word = words.pop()
    if word == "None":
        return n.Constant(at.start, at.end, "none", None)
    head, *rest = word.split(".")
    node: n.Expr = n.Name(at.start, at.end, head)
    for one in rest:
        node = n.Attribute(at.start, at.end, node, one)
    if words and words[-1] == "[":
        words.pop()
        parts = []
        while True:
            part = _parse_words(words, at)
            if part is None or not words:
                return None
            parts.append(part)
            mark = words.pop()
            if mark == "]":
                break
            if mark != ",":
                return None
        inner = parts[0] if len(parts) == 1 else n.Tuple(at.start, at.end, parts)
        node = n.Subscript(at.start, at.end, node, inner)
    return node
