"""Operators: every schema in the order in which the compiler tries them.

Twins: torch/csrc/jit/runtime/operator.cpp (the registry), torch/csrc/jit/frontend/builtin_functions.cpp (operators that
are written in TorchScript, which no list shows: they are read from the message of a call that fits none of them), and
the table of Tensor properties in torch/csrc/jit/python/python_sugared_value.cpp and ir/sugared_value.cpp.
"""

from __future__ import annotations

import functools
import importlib
import json
import re
import sys
from collections.abc import Callable
from typing import Any

import torch

from scriptlint.torchlib.survey.isolate import ask, ask_all
from scriptlint.torchlib.survey.naming import builtin_table

BATCH = 128
MANGLED = re.compile(r"___torch_mangle_\d+\.")
HEADING = re.compile(r"^\s*(\w+\(.*\) -> .*):$")


def schemas() -> dict[str, list[str]]:
    """Operator -> its schemas, in overload order."""
    found: dict[str, list[str]] = {}
    for name in sorted({schema.name for schema in torch._C._jit_get_all_schemas()}):
        found[name] = [str(schema) for schema in torch._C._jit_get_schemas_for_operator(name)]
    return found


def written(registered: dict[str, list[str]]) -> dict[str, list[str]]:
    """Operator -> the schemas of those of its overloads that are TorchScript; the compiler tries them last."""
    candidates = set(registered) | set(builtin_table().values())
    candidates |= {f"{space}::{name}" for name in dir(torch.Tensor) for space in ("aten", "prim")}
    found: dict[str, list[str]] = {}
    ordered = sorted(candidates)
    batches = [ordered[i : i + BATCH] for i in range(0, len(ordered), BATCH)]
    while batches:  # some calls kill the process: a batch that dies is halved, an operator that kills alone is given up
        answers = ask_all([functools.partial(_headings, batch) for batch in batches])
        died = [batch for batch, answer in zip(batches, answers, strict=True) if answer is None and len(batch) > 1]
        for answer in answers:
            found.update(answer or {})
        batches = [half for batch in died for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :])]
    return dict(sorted(found.items()))


def _headings(ops: list[str]) -> dict[str, list[str]]:
    # a registered overload is printed with its namespace, whose colons the expression does not match
    found = {op: [match[1] for line in _refusal(op).splitlines() if (match := HEADING.match(line))] for op in ops}
    return {op: headings for op, headings in found.items() if headings}


def _refusal(op: str) -> str:
    """Return what the compiler says to a call of `op` with nine arguments None."""
    from torch.jit._builtins import _register_builtin

    def stand_in(*arguments: Any) -> Any: ...

    _register_builtin(stand_in, op)
    return _compile(
        "def f():\n    return op(" + ", ".join(["None"] * 9) + ")\n", lambda name: stand_in if name == "op" else None
    )


def _compile(source: str, names: Callable[[str], Any]) -> str:
    unit = torch.jit.CompilationUnit()
    try:
        unit.define(source, names)
    except RuntimeError as error:
        return str(error)
    return ""


def tensor_attributes() -> dict[str, str]:
    """Name -> type of every attribute that a Tensor has in TorchScript, methods not included."""
    answers: dict[str, str] | None = ask(_tensor_attributes)
    if answers is None:
        raise RuntimeError("the process that asked for the attributes of a Tensor died")
    return answers


def _tensor_attributes() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in dir(torch.Tensor):
        if name.startswith("__"):
            continue
        unit = torch.jit.CompilationUnit()
        try:
            unit.define(f"def f(x: Tensor):\n    return x.{name}\n", lambda name: None)
        except RuntimeError:
            continue
        found[name] = unit.f.schema.returns[0].type.annotation_str
    return found


def text(schema: Any) -> str:
    """Return a schema as the compiler prints it.

    A function whose `int[2]` parameter has the default 0 makes the compiler's own printer fail; that one is spelled here.
    """
    try:
        return MANGLED.sub("", str(schema))
    except RuntimeError:
        pass
    words = []
    keywords = False
    for argument in schema.arguments:
        if argument.kwarg_only and not keywords:
            keywords = True
            words.append("*")
        kind = argument.type.str()
        if argument.N:
            kind = kind.replace("[]", f"[{argument.N}]")
        default = f"={_literal(argument.default_value)}" if argument.has_default_value() else ""
        words.append(f"{kind} {argument.name}{default}")
    returned = ", ".join(result.type.str() for result in schema.returns)
    return f"{schema.name}({', '.join(words)}) -> {returned if len(schema.returns) == 1 else f'({returned})'}"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value)
    return repr(list(value) if isinstance(value, (list, tuple)) else value)


def named_tuples(texts: set[str]) -> dict[str, list[list[str]]]:
    """Qualified name -> [field, type] of each NamedTuple that the given schemas speak of."""
    found = {}
    for qualified in sorted({name for one in texts for name in re.findall(r"__torch__\.([\w.]+)", one)}):
        module, _, name = qualified.rpartition(".")
        cls = getattr(sys.modules.get(module), name, None)
        if isinstance(cls, type) and issubclass(cls, tuple):
            fields = ask(functools.partial(_fields, cls))
            if fields:
                found[qualified] = fields
    return found


def _fields(cls: Any) -> list[list[str]]:
    annotations: Any = torch.jit.annotations
    sources: Any = importlib.import_module("torch._sources")
    elements = annotations.try_ann_to_type(cls, sources.fake_range()).elements()
    return [[name, element.annotation_str] for name, element in zip(cls._fields, elements, strict=True)]
