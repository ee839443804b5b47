"""Reading types from text.

Twin: torch/csrc/jit/frontend/schema_type_parser.cpp (the language of schemas). The other reader takes the annotation style
that the compiler prints. Neither evaluates Python: annotations in source are another matter.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from scriptlint.types.model import (
    INFERRED_TENSOR,
    INT,
    NONE,
    NUMBER,
    RANK,
    TENSOR,
    Await,
    Class,
    Dict,
    Enum,
    Future,
    List,
    Primitive,
    RRef,
    Tuple,
    Type,
    Unknown,
    Var,
    make_optional,
    make_union,
)

TOKEN = re.compile(r"\s*(\.\.\.|->|__torch__[\w.]*|[A-Za-z_][\w.]*|\d+|.)")
# What schemas call by a name of its own and TorchScript's values are ints.
INTEGERS = {"SymInt", "ScalarType", "Layout", "MemoryFormat", "DispatchKey"}
SYNONYMS = {
    "Scalar": NUMBER,
    "None": NONE,
    "Tensor": TENSOR,
    "SymBool": Primitive("bool"),
    "SymFloat": Primitive("float"),
}


class TypeSyntaxError(ValueError):
    """The text is not a type."""


class Words:
    """The words of a text and the place reached in them."""

    def __init__(self, text: str, words: list[str] | None = None) -> None:
        self.text = text
        self.words = TOKEN.findall(text.strip()) if words is None else words
        self.place = 0

    @property
    def next(self) -> str:
        """The word ahead, "" at the end."""
        return self.words[self.place] if self.place < len(self.words) else ""

    def peek(self, ahead: int) -> str:
        """Return the word that many places further."""
        place = self.place + ahead
        return self.words[place] if place < len(self.words) else ""

    def take(self) -> str:
        """Return the word ahead, passing it."""
        word = self.next
        self.place += 1
        return word

    def accept(self, word: str) -> bool:
        """Pass `word` if it is ahead."""
        if self.next == word:
            self.place += 1
            return True
        return False

    def expect(self, word: str) -> None:
        """Pass `word` or complain."""
        if not self.accept(word):
            raise TypeSyntaxError(f"expected `{word}` at `{self.next}` in `{self.text}`")


class Parsed:
    """A type of a schema with what schemas say beside it: the size of a fixed-size list, and the alias marks."""

    __slots__ = ("alias", "kind", "size")

    def __init__(self, kind: Type, size: int | None, alias: str) -> None:
        self.kind = kind
        self.size = size
        self.alias = alias


@functools.cache
def parse_schema_type(text: str) -> Type:
    """Return the type of a text in the schema style, alias marks and list sizes left out: `Tensor(a!)[]`, `Dict(str, t)`."""
    return _whole(text, lambda words: schema_type(words).kind)


@functools.cache
def parse_annotation(text: str) -> Type:
    """Return the type of a text in the annotation style: `Optional[List[int]]`, `Tuple[()]`, `Tensor (inferred)`."""
    return _whole(text, _annotation)


def _whole(text: str, read: Callable[[Words], Type]) -> Type:
    words = Words(text)
    found = read(words)
    if words.next:
        raise TypeSyntaxError(f"unexpected `{words.next}` in `{text}`")
    return found


def schema_type(words: Words) -> Parsed:
    """Read one type of the schema language."""
    size: int | None = None
    alias = ""
    if words.accept("("):
        elements = []
        while not words.accept(")"):
            elements.append(schema_type(words).kind)
            words.accept(",")
        kind: Type = Tuple(tuple(elements))
    else:
        kind = _named(words)
    while True:
        if words.next == "(" and (words.peek(1) == "*" or words.peek(2) in ("!", ")", "|", "->")):
            alias = _alias(words) if not alias else (_alias(words), alias)[1]
        elif words.next == "[":
            words.take()
            size = int(words.take()) if words.next.isdigit() else None
            words.expect("]")
            kind = List(kind)
        elif words.accept("?"):
            kind = make_optional(kind)
        else:
            return Parsed(kind, size, alias)


def _named(words: Words) -> Type:
    name = words.take()
    if name == "Enum" and words.accept("<"):
        return _enum(words)
    if name in ("Dict", "Future", "RRef", "Await", "Union") and words.next in ("(", "["):
        words.take()
        inner = []
        while not (words.accept(")") or words.accept("]")):
            inner.append(schema_type(words).kind)
            words.accept(",")
        return _applied(name, inner, words)
    return _simple(name, words)


def _enum(words: Words) -> Type:
    qualified = words.take()
    words.expect(">")
    return Enum(qualified, Unknown("the values of an enum are not printed"))


def _alias(words: Words) -> str:
    words.expect("(")
    mark = ""
    while not words.accept(")"):
        if not words.next:
            raise TypeSyntaxError(f"unclosed alias in `{words.text}`")
        mark += words.take()
    return mark


def _simple(name: str, words: Words) -> Type:
    if name in INTEGERS:
        return INT
    if name in SYNONYMS:
        return SYNONYMS[name]
    if name.startswith("__torch__"):
        return Class(name)
    if name == "Unknown":
        return Unknown()
    if name == "NamedTuple" or not re.match(r"[A-Za-z_]", name):
        raise TypeSyntaxError(f"`{name}` is no type in `{words.text}`")
    return Primitive(name) if name in RANK else Var(name) if name[0] == "t" else Class(name)


def _applied(name: str, inner: list[Type], words: Words) -> Type:
    match name, inner:
        case "List", [element]:
            return List(element)
        case "Dict", [key, value]:
            return Dict(key, value)
        case "Optional", [element]:
            return make_optional(element)
        case "Future", [element]:
            return Future(element)
        case "RRef", [element]:
            return RRef(element)
        case "Await", [element]:
            return Await(element)
        case "Tuple", elements:
            return Tuple(tuple(elements))
        case "Union", [_, *_]:
            return make_union(tuple(inner))
    raise TypeSyntaxError(f"`{name}` of {len(inner)} types in `{words.text}`")


def _annotation(words: Words) -> Type:
    name = words.take()
    if name == "Tensor" and words.accept("("):
        words.expect("inferred")
        words.expect(")")
        return INFERRED_TENSOR
    if name == "Enum" and words.accept("<"):
        return _enum(words)
    if not words.accept("["):
        return _simple(name, words)
    inner: list[Type] = []
    while not words.accept("]"):
        if words.accept("("):
            words.expect(")")
        elif not words.accept(","):
            inner.append(_annotation(words))
    return _applied(name, inner, words)
