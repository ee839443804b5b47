"""nn.Module classes: what they derive from, what their constructor takes, what an instance of them holds.

Where a class can be built from small guessed arguments it is built, and built again with every flag turned over, so that
"`bias` is None when the argument `bias` is False" is an observation. Methods are scripted on such an instance.

Twin: torch/jit/_recursive.py, infer_concrete_type_builder (the kinds of attributes are those that it tells apart).
"""

from __future__ import annotations

import functools
import inspect
import typing
from typing import Any

import torch

from scriptlint.torchlib.survey.isolate import ask, ask_all, first_line, is_literal
from scriptlint.torchlib.survey.naming import Names, definition_site
from scriptlint.torchlib.survey.operators import text

# A value for a constructor parameter without default, by its name; any other gets 4.
GUESSES: dict[str, Any] = {
    "kernel_size": 3,
    "output_size": 2,
    "nhead": 2,
    "num_heads": 2,
    "num_groups": 2,
    "num_layers": 2,
    "upscale_factor": 2,
    "downscale_factor": 2,
    "lambd": 0.5,
    "threshold": 0.5,
    "value": 0.5,
    "dim": 1,
    "padding": 1,
    "cutoffs": [2],
    "unflattened_size": (2, 2),
    "n_classes": 4,
    "dim_feedforward": 8,
    "scale": 1.0,
    "zero_point": 0,
    "qconfig": None,
    "modules": None,
    "mode": "LSTM",
    "padding_mode": "zeros",
}
# Tried in turn where the required arguments alone build nothing.
HINTS: tuple[dict[str, Any], ...] = ({"output_size": 2},)


def survey(names: Names) -> dict[str, Any]:
    """Canonical class name -> what is known about it."""
    classes = sorted(_classes(), key=lambda cls: names.canonical(cls))
    answers = ask_all([functools.partial(_instance, cls) for cls in classes])
    return {
        names.canonical(cls): {**_declared(cls, names), **(answer or {"built": None, "why": "the process died"})}
        for cls, answer in zip(classes, answers, strict=True)
    }


def _classes() -> set[type]:
    found: set[type] = {torch.nn.Module}
    todo: list[type] = [torch.nn.Module]
    while todo:
        derived: type
        for derived in todo.pop().__subclasses__():
            if derived not in found:
                todo.append(derived)
                if derived.__module__.startswith("torch.") and "<locals>" not in derived.__qualname__:
                    found.add(derived)
    return found


def _declared(cls: type, names: Names) -> dict[str, Any]:
    annotations = {}
    for base in cls.__mro__:
        own = vars(base).get("__annotations__")
        if own:  # the nearest class that has any hides the others, as for the compiler
            annotations = {name: _annotation(value) for name, value in own.items()}
            break
    record: dict[str, Any] = {
        "site": definition_site(cls),
        "mro": [names.canonical(base) for base in cls.__mro__[1:] if base is not object],
        "constants": sorted(getattr(cls, "__constants__", ())),
        "annotations": annotations,
        "members": {
            name: kind
            for base in reversed(cls.__mro__[:-1])
            for name, value in vars(base).items()
            if (kind := _kind(value))
        },
        "unused_properties": sorted(getattr(cls, "__jit_unused_properties__", ())),
    }
    if cls is not torch.nn.Module:
        common = _common_members()
        record["members"] = {n: k for n, k in record["members"].items() if common.get(n) != k or n in vars(cls)}
    try:
        record["init"] = [_parameter(parameter) for parameter in _constructor(cls)]
    except (TypeError, ValueError):
        record["init"] = None
    return record


@functools.cache
def _common_members() -> dict[str, str]:
    return {name: kind for name, value in vars(torch.nn.Module).items() if (kind := _kind(value))}


def _kind(value: Any) -> str | None:
    """Return what a class-body value is to the compiler; None for what is not worth a word."""
    modifier = getattr(value, "_torchscript_modifier", None)
    if inspect.isfunction(value):
        name = getattr(modifier, "name", None)
        return "method" if name in (None, "DEFAULT") else f"method {name.lower()}"
    if isinstance(value, property):
        return "property"
    if isinstance(value, staticmethod):
        return "staticmethod"
    if isinstance(value, classmethod):
        return "classmethod"
    return None


def _annotation(annotation: Any) -> str:
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not getattr(annotation, "__args__", None):
        return annotation.__qualname__ if annotation.__module__ == "builtins" else definition_site(annotation)
    return str(annotation).replace("typing.", "")


def _parameter(parameter: inspect.Parameter) -> dict[str, Any]:
    record: dict[str, Any] = {"name": parameter.name, "kind": parameter.kind.name.lower()}
    if parameter.annotation is not parameter.empty:
        record["annotation"] = _annotation(parameter.annotation)
    if parameter.default is not parameter.empty:
        record["default"] = repr(parameter.default) if is_literal(parameter.default) else "..."
    return record


# --- instances, in a process of their own ---


def _instance(cls: type) -> dict[str, Any]:
    parameters = _constructor(cls)
    arguments: dict[str, Any] = {}
    instance = None
    why = "no constructor"
    for hint in ({}, *HINTS):
        try:
            arguments = {**_arguments(parameters), **hint}
            instance = cls(**arguments)
            break
        except Exception as error:
            why = first_line(error)
    if instance is None:
        return {"built": None, "why": why}
    held = _held(instance)
    compiled = ask(functools.partial(_scripted, instance)) or {"script": "the process died"}
    return {
        "built": {name: repr(value) if is_literal(value) else "..." for name, value in arguments.items()},
        "held": held,
        **compiled,
        "called": _called(instance, compiled["methods"]) if compiled["script"] is None else {},
        "variants": _variants(cls, parameters, arguments, held, compiled),
    }


def _called(instance: torch.nn.Module, compiled: dict[str, str]) -> dict[str, str]:
    """Return the schemas of the other methods that compile, which they do where they are called."""
    found = {}
    for name in dir(type(instance)):
        own = not name.startswith("_") and name not in _common_members() and name not in compiled
        if own and _kind(inspect.getattr_static(type(instance), name)) == "method":
            schema = ask(functools.partial(_exported, instance, name))
            if schema is not None:
                found[name] = schema
    return found


def _exported(instance: torch.nn.Module, name: str) -> str | None:
    torch.jit.export(getattr(type(instance), name))
    try:
        return text(torch.jit.script(instance)._c._get_method(name).schema)
    except Exception:
        return None


def _constructor(cls: type) -> list[inspect.Parameter]:
    """Return the parameters of the constructor; those of its first `typing.overload` where it has any and Python keeps them."""
    constructor: Any = cls.__dict__.get("__init__") or inspect.getattr_static(cls, "__init__")
    overloads: list[Any] = getattr(typing, "get_overloads", lambda function: [])(constructor)
    function = overloads[0] if overloads else constructor
    return list(inspect.signature(function).parameters.values())[1:]


def _arguments(parameters: list[inspect.Parameter]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for parameter in parameters:
        name = parameter.name
        if parameter.default is not parameter.empty or parameter.kind in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        ):
            continue
        if name in ("encoder_layer", "decoder_layer"):
            layer = torch.nn.TransformerEncoderLayer if name.startswith("en") else torch.nn.TransformerDecoderLayer
            arguments[name] = layer(4, 2, 8)
        elif name in ("module", "model"):
            arguments[name] = torch.nn.Linear(2, 2)
        else:
            arguments[name] = GUESSES.get(name, 4)
    return arguments


def _held(instance: torch.nn.Module) -> dict[str, Any]:
    """Attribute -> what it is, in the compiler's order: parameters, buffers, submodules, then the rest of __dict__."""
    held: dict[str, Any] = {}
    for name, parameter in instance._parameters.items():
        held[name] = {"kind": "parameter", "type": "NoneType" if parameter is None else "Tensor"}
    for name, buffer in instance._buffers.items():
        held[name] = {"kind": "buffer", "type": "NoneType" if buffer is None else "Tensor"}
        if name in instance._non_persistent_buffers_set:
            held[name]["persistent"] = False
    for name, child in instance._modules.items():
        held[name] = {"kind": "module", "class": None if child is None else definition_site(type(child))}
    bookkeeping = vars(torch.nn.Module())
    for name, value in vars(instance).items():
        if name in held or (name in bookkeeping and name != "training"):
            continue
        inferred = torch._C._jit_try_infer_type(value)
        record: dict[str, Any] = {
            "kind": "attribute",
            "type": inferred.type().annotation_str if inferred.success() else None,
        }
        if inspect.isfunction(value) or inspect.isbuiltin(value):
            record = {
                "kind": "function",
                "function": definition_site(value) if inspect.isfunction(value) else value.__name__,
            }
        elif is_literal(value):
            record["value"] = repr(value)
        elif not inferred.success():
            record["python"] = definition_site(type(value))
        held[name] = record
    return held


def _variants(
    cls: type,
    parameters: list[inspect.Parameter],
    arguments: dict[str, Any],
    held: dict[str, Any],
    compiled: dict[str, Any],
) -> list[dict[str, Any]]:
    """One entry per constructor argument value that changes what is held, or what the compiler makes of it."""
    found = []
    for parameter in parameters:
        for value in _alternatives(parameter.name, parameter):
            try:
                instance = cls(**{**arguments, parameter.name: value})
            except Exception:
                continue
            other, recompiled = (
                _held(instance),
                ask(functools.partial(_scripted, instance)) or {"script": "the process died"},
            )
            entry: dict[str, Any] = {
                "held": {
                    attribute: other.get(attribute)
                    for attribute in {**held, **other}
                    if _essence(other.get(attribute)) != _essence(held.get(attribute))
                }
            }
            if recompiled["script"] != compiled["script"]:
                entry["script"] = recompiled["script"]
            before, after = compiled.get("methods", {}), recompiled.get("methods", {})
            entry["methods"] = {
                name: after.get(name) for name in {**before, **after} if before.get(name) != after.get(name)
            }
            entry = {key: what for key, what in entry.items() if what or key == "script"}
            if entry:
                found.append({"argument": parameter.name, "value": repr(value), **entry})
    return found


def _alternatives(name: str, parameter: inspect.Parameter) -> list[Any]:
    """Other values of a constructor argument that may change what is held: the flag turned over, None, a tuple, an int."""
    default = parameter.default
    if isinstance(default, bool):
        return [not default]
    if isinstance(default, float):
        return [0, 1]  # an int where a float belongs is kept as an int by most classes
    if default is None and name not in ("device", "dtype", "size_average", "reduce"):
        if "weight" in name:
            return [torch.ones(4)]
        return [0] if name == "padding_idx" else [4, True, (4, 4)]
    if default is parameter.empty or name in ("kernel_size", "stride", "padding", "dilation"):
        return [(3, 3), 3, None]
    return []


def _essence(record: dict[str, Any] | None) -> Any:
    return record and {key: value for key, value in record.items() if key != "value"}


def _scripted(instance: torch.nn.Module) -> dict[str, Any]:
    try:
        scripted = torch.jit.script(instance)
    except Exception as error:
        return {"script": first_line(error)}
    methods = {name: text(scripted._c._get_method(name).schema) for name in scripted._c._method_names()}
    return {"script": None, "methods": methods}
