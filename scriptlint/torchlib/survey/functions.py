"""Python functions of the library: whether the compiler compiles them, and the signature that they get.

Twins: torch/jit/_script.py (`script`, `_get_overloads`), torch/_jit_internal.py (boolean dispatch, modifiers).
"""

from __future__ import annotations

import functools
import inspect
import types
from typing import Any

import torch
from torch import _jit_internal

from scriptlint.torchlib.survey.isolate import ask_all, first_line, is_literal
from scriptlint.torchlib.survey.naming import HIDDEN, PUBLIC, Names, definition_site
from scriptlint.torchlib.survey.operators import text

# None of these has types.
_internal: Any = _jit_internal
_script: Any = torch.jit._script
_annotations: Any = torch.jit.annotations

SPACES = PUBLIC + tuple(name for name in HIDDEN if not name.startswith("torch._C"))


def survey(names: Names) -> dict[str, Any]:
    """Canonical name -> record, for each Python function that is not taken for an operator."""
    found: dict[str, types.FunctionType] = {}
    for space in SPACES:
        for _, thing in names.members(space):
            if (
                isinstance(thing, types.FunctionType)
                and thing.__module__.split(".")[0] == "torch"
                and id(thing) not in names.table
            ):
                found.setdefault(names.canonical(thing), thing)
    for dispatch in list(_jit_internal.boolean_dispatched.values()):
        for branch in (dispatch["if_true"], dispatch["if_false"]):
            if isinstance(branch, types.FunctionType) and id(branch) not in names.table:
                found.setdefault(names.canonical(branch), branch)
    ordered = sorted(found.items())
    answers = ask_all([functools.partial(_question, function, names) for _, function in ordered])
    return {
        name: answer or {"kind": "refused", "why": "the process died"}
        for (name, _), answer in zip(ordered, answers, strict=True)
    }


def _question(function: Any, names: Names) -> dict[str, Any]:
    record: dict[str, Any] = {"site": definition_site(function)}
    try:
        record["parameters"] = [
            [parameter.name, parameter.kind.name.lower(), _default(parameter)]
            for parameter in inspect.signature(function, follow_wrapped=True).parameters.values()
        ]
    except (TypeError, ValueError):
        record["parameters"] = None
    dispatch = _jit_internal.boolean_dispatched.get(function)
    if dispatch is not None:
        return {
            **record,
            "kind": "dispatch",
            "dispatch": {
                "argument": dispatch["arg_name"],
                "index": dispatch["index"],
                "default": dispatch["default"],
                "if_true": names.canonical(dispatch["if_true"]),
                "if_false": names.canonical(dispatch["if_false"]),
            },
        }
    modifier = _internal.get_torchscript_modifier(function)
    if modifier in (_jit_internal.FunctionModifiers.IGNORE, _jit_internal.FunctionModifiers.UNUSED):
        return {**record, "kind": modifier.name.lower()}
    try:
        overloads = _script._get_overloads(function)
        compiled = overloads or [torch.jit.script(function)]
        schemas = [text(one.schema) for one in compiled]
    except Exception as error:
        return {**record, "kind": "refused", "why": f"{type(error).__name__}: {first_line(error)}"}
    record["inferred"] = [] if overloads else _inferred(function)
    return {**record, "kind": "overloaded" if overloads else "function", "schemas": schemas}


def _inferred(function: Any) -> list[str]:
    """Return the parameters that nobody gave a type: the compiler says so when an argument does not fit."""
    if _annotations.get_type_line(inspect.getsource(function)) is not None:
        return []
    parameters = inspect.signature(function).parameters.values()
    return [parameter.name for parameter in parameters if parameter.annotation is parameter.empty]


def _default(parameter: inspect.Parameter) -> str | None:
    if parameter.default is parameter.empty:
        return None
    return repr(parameter.default) if is_literal(parameter.default) else "..."
