"""Schemas: what an operator or a compiled function takes and returns.

Twins: aten/src/ATen/core/function_schema.h, torch/csrc/jit/frontend/function_schema_parser.cpp.

A schema is its text, as the compiler prints it; it is parsed when it is first looked into.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from scriptlint.types.model import INFERRED_TENSOR, TENSOR, Tuple, Type
from scriptlint.types.parse import TypeSyntaxError, Words, schema_type
from scriptlint.types.show import show_schema

# Quoted strings, numbers with their sign and operator names are one word each.
WORD = re.compile(r'"(?:\\.|[^"\\])*"|-?\d+\.?\d*(?:e[-+]?\d+)?j?|\.\.\.|->|-?inf\b|[A-Za-z_][\w.]*(?:::[\w.]+)?|\S')


class _NoDefault:
    def __repr__(self) -> str:
        return "NO_DEFAULT"


NO_DEFAULT = _NoDefault()


@dataclass(frozen=True)
class Param:
    """A parameter. `size` is the N of `int[N]`, which takes a single int too; `alias` the mark (`a!`: it is written to).

    `default` is a Python value, or NO_DEFAULT; enums of torch's own (`contiguous_format`, `Mean`) are given by name.
    """

    name: str
    type: Type
    size: int | None = None
    default: Any = NO_DEFAULT
    keyword_only: bool = False
    alias: str = ""

    @property
    def has_default(self) -> bool:
        """Whether it may be left out."""
        return self.default is not NO_DEFAULT

    @property
    def is_written(self) -> bool:
        """Whether the operator writes to it."""
        return "!" in self.alias


@dataclass(frozen=True)
class _Parsed:
    name: str
    overload: str
    params: tuple[Param, ...]
    vararg: bool
    returns: tuple[Param, ...]
    varret: bool


class Schema:
    """One schema.

    `written` tells one that is TorchScript inside the library, `python` one of a compiled Python function; `inferred` names
    parameters that are tensors only because nobody gave them a type, which the text does not say.
    """

    def __init__(self, text: str, written: bool = False, python: bool = False, inferred: tuple[str, ...] = ()) -> None:
        self.text = text
        self.inferred = inferred
        self.written = written
        self.python = python

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Schema({self.text!r})"

    @classmethod
    def of(cls, name: str, params: Sequence[Param], returns: Type, vararg: bool = False) -> Schema:
        """Return the schema of a function that is not in any snapshot, printed as the compiler prints it."""
        parsed = _Parsed(name, "", tuple(params), vararg, (Param("", returns),), False)
        schema = cls(_print(parsed), python=True)
        schema.__dict__["_parsed"] = parsed
        return schema

    def without_self(self) -> Schema:
        """Return the schema of a method as seen after the dot: its first parameter left out."""
        return Schema.of(self.name, self.params[1:], self.returns)

    @functools.cached_property
    def _parsed(self) -> _Parsed:
        parsed = _parse(self.text)
        if not self.inferred:
            return parsed
        params = tuple(
            replace(param, type=INFERRED_TENSOR) if param.name in self.inferred and param.type is TENSOR else param
            for param in parsed.params
        )
        return replace(parsed, params=params)

    @property
    def name(self) -> str:
        """The operator or function: `aten::add`."""
        return self._parsed.name

    @property
    def overload(self) -> str:
        """The overload: `Tensor` in `aten::add.Tensor`."""
        return self._parsed.overload

    @property
    def params(self) -> tuple[Param, ...]:
        """The parameters in order."""
        return self._parsed.params

    @property
    def is_vararg(self) -> bool:
        """Whether any number of further arguments of any type may follow."""
        return self._parsed.vararg

    @property
    def is_varret(self) -> bool:
        """Whether what it returns is not said."""
        return self._parsed.varret

    @property
    def results(self) -> tuple[Param, ...]:
        """What it returns: types, and names where it has any."""
        return self._parsed.returns

    @functools.cached_property
    def returns(self) -> Type:
        """The type of a call: its one result, else a tuple of all, with field names when all have one."""
        results = self.results
        if len(results) == 1:
            return results[0].type
        names = tuple(result.name for result in results)
        return Tuple(tuple(result.type for result in results), names if all(names) else None)

    def param(self, name: str) -> Param | None:
        """Return the parameter of that name."""
        return next((param for param in self.params if param.name == name), None)

    def takes_self(self, kind: Type) -> bool:
        """Return True if it has a `self` that takes a value of this type: so it is a method of it (BuiltinFunction::tryCreate)."""
        from scriptlint.torchlib.match import accepts_self

        return accepts_self(self, kind)


def _print(parsed: _Parsed) -> str:
    words: list[str] = []
    for param in parsed.params:
        if param.keyword_only and "*" not in words:
            words.append("*")
        kind = show_schema(param.type)
        if param.size:
            kind = f"[{param.size}]".join(kind.rsplit("[]", 1))
        words.append(f"{kind} {param.name}" + (f"={_print_default(param.default)}" if param.has_default else ""))
    if parsed.vararg:
        words.append("...")
    returns = show_schema(parsed.returns[0].type)
    return f"{parsed.name}({', '.join(words)}) -> {f'({returns})' if returns.startswith('(') else returns}"


def _print_default(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_print_default, value))}]"
    if isinstance(value, float):
        return f"{value:.17g}" if not math.isfinite(value) or value != int(value) else f"{int(value)}."
    return repr(value)


def _parse(text: str) -> _Parsed:
    words = Words(text, WORD.findall(text))
    name = words.take()
    name, _, overload = name.partition(".") if "::" in name else (name, "", "")
    words.expect("(")
    params, vararg = _params(words, ")")
    words.expect("->")
    if words.accept("..."):
        return _Parsed(name, overload, params, vararg, (), True)
    if words.accept("("):
        returns, varret = _params(words, ")")
    else:
        returns, varret = (_result(words),), False
    if words.next:
        raise TypeSyntaxError(f"unexpected `{words.next}` in `{text}`")
    return _Parsed(name, overload, params, vararg, returns, varret)


def _params(words: Words, end: str) -> tuple[tuple[Param, ...], bool]:
    found: list[Param] = []
    keyword_only = vararg = False
    while not words.accept(end):
        if not words.next:
            raise TypeSyntaxError(f"unclosed `(` in `{words.text}`")
        if words.accept(","):
            continue
        if words.accept("*"):
            keyword_only = True
        elif words.accept("..."):
            vararg = True
        else:
            found.append(_param(words, keyword_only))
    return tuple(found), vararg


def _param(words: Words, keyword_only: bool) -> Param:
    parsed = schema_type(words)
    name = words.take() if words.next not in (",", ")", "=", "") else ""
    default: Any = NO_DEFAULT
    if words.accept("="):
        default = _default(words)
    return Param(name, parsed.kind, parsed.size, default, keyword_only, parsed.alias)


def _result(words: Words) -> Param:
    parsed = schema_type(words)
    return Param(words.take() if words.next else "", parsed.kind, parsed.size, alias=parsed.alias)


def _default(words: Words) -> Any:
    word = words.take()
    if word in ("[", "("):
        close = "]" if word == "[" else ")"
        values = []
        while not words.accept(close):
            if not words.accept(","):
                values.append(_default(words))
        return values if close == "]" else tuple(values)
    if word.startswith('"'):
        return json.loads(_as_json(word))
    constants = {"None": None, "True": True, "False": False, "inf": float("inf"), "-inf": float("-inf")}
    if word in constants:
        return constants[word]
    if word == "-":
        return -_default(words)
    if not word[0].isdigit() and word[0] != "-":
        return word
    return complex(word) if word.endswith("j") else float(word) if set(word) & set(".e") else int(word)


def _as_json(word: str) -> str:
    """Return a C++ string literal as JSON: the escapes that JSON does not have are spelled out."""
    return word.replace("\\'", "'").replace("\\v", "\\u000b").replace("\\a", "\\u0007")
