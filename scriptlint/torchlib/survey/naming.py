"""Which names a thing has, and which of them people know it by.

Twin: torch/jit/_builtins.py (the table that binds Python objects to operators, by identity: here by name).
"""

from __future__ import annotations

import cmath
import contextlib
import importlib
import inspect
import math
import sys
import types
import warnings
from collections.abc import Iterator
from typing import Any

import torch

# Where the public name of an object is looked for, in this order: the first that has it names it.
PUBLIC = (
    "torch",
    "torch.nn",
    "torch.nn.functional",
    "torch.nn.init",
    "torch.nn.parameter",
    "torch.nn.utils",
    "torch.nn.utils.rnn",
    "torch.nn.utils.parametrizations",
    "torch.nn.utils.parametrize",
    "torch.nn.utils.fusion",
    "torch.nn.utils.prune",
    "torch.nn.parallel",
    "torch.nn.attention",
    "torch.linalg",
    "torch.fft",
    "torch.special",
    "torch.sparse",
    "torch.nested",
    "torch.jit",
    "torch.autograd",
    "torch.autograd.functional",
    "torch.autograd.profiler",
    "torch.cuda",
    "torch.cuda.amp",
    "torch.amp",
    "torch.mps",
    "torch.xpu",
    "torch.cpu",
    "torch.version",
    "torch.backends",
    "torch.backends.cudnn",
    "torch.backends.cuda",
    "torch.backends.mkldnn",
    "torch.backends.mps",
    "torch.utils.checkpoint",
    "torch.distributed",
    "torch.compiler",
    "torch.onnx",
    "torch.random",
    "torch.overrides",
    "torch.func",
    "torch.hub",
    "torch.ao.nn.quantized",
    "torch.ao.nn.quantized.dynamic",
    "torch.ao.nn.quantized.functional",
    "torch.ao.nn.qat",
    "torch.ao.nn.intrinsic",
    "torch.ao.nn.intrinsic.qat",
    "torch.ao.nn.intrinsic.quantized",
    "torch.ao.nn.quantizable",
    "torch.ao.quantization",
    "torch.nn.modules.utils",
    "torch.jit.annotations",
)
# Private places that users' imports go through all the same.
HIDDEN = (
    "torch._C",
    "torch._C._nn",
    "torch._C._fft",
    "torch._C._linalg",
    "torch._C._special",
    "torch._C._sparse",
    "torch._C._nested",
    "torch._C._VariableFunctions",
    "torch._VF",
    "torch._jit_internal",
    "torch._tensor",
    "torch.functional",
    "torch.types",
    "torch.storage",
    "torch.quantization",
)
STDLIB: tuple[types.ModuleType, ...] = (math, cmath, warnings)


def builtin_table() -> dict[int, str]:
    """id of a Python object -> the operator for which the compiler takes it."""
    builtins: Any = importlib.import_module("torch.jit._builtins")
    table: dict[int, str] = builtins._get_builtin_table()
    return table


def is_ours(thing: Any) -> bool:
    """Return True if torch made it, as opposed to what torch's modules import from elsewhere."""
    module = getattr(thing, "__module__", None) or ""
    return module.split(".")[0] == "torch" or isinstance(thing, types.BuiltinFunctionType)


def is_named(thing: Any) -> bool:
    """Return True if it is a class or a function: a thing whose identity has a name."""
    return isinstance(thing, (type, types.FunctionType, types.BuiltinFunctionType)) or (
        callable(thing) and type(thing).__module__.startswith("torch")
    )


def definition_site(thing: Any) -> str:
    """Return the dotted name under which a class or function says that it is defined."""
    return f"{thing.__module__}.{thing.__qualname__}"


def is_reached(dotted: str, thing: Any) -> bool:
    """Return True if the name leads to that very thing: some say that they are defined where they are not."""
    module, _, last = dotted.rpartition(".")
    return getattr(sys.modules.get(module), last, None) is thing


class Names:
    """Every dotted name of torch's namespaces, walked once."""

    def __init__(self) -> None:
        self.table = builtin_table()
        self.public: dict[int, str] = {}
        self.spaces: dict[str, Any] = {}
        for name in PUBLIC + HIDDEN:
            space = sys.modules.get(name) or self._reach(name)
            if space is not None:
                self.spaces[name] = space
        for module in STDLIB:
            self.spaces[module.__name__] = module
        for name in sorted(sys.modules):
            if name.startswith(
                ("torch.nn.", "torch.jit.", "torch.ao.nn.", "torch.autograd.", "torch.ao.quantization.")
            ):
                self.spaces.setdefault(name, sys.modules[name])
        for name in (*PUBLIC, "torch.functional"):
            for attribute, thing in self.members(name):
                if not is_named(thing) or not is_ours(thing):
                    continue
                # what a factory made has no name of its own: then even a private name in a module is one
                if (attribute.startswith("_") or name not in PUBLIC) and "<locals>" not in getattr(
                    thing, "__qualname__", ""
                ):
                    continue
                known = self.public.get(id(thing))
                own = getattr(thing, "__name__", attribute) == attribute
                if known is None or (own and known.rpartition(".")[0] == name):
                    self.public[id(thing)] = f"{name}.{attribute}"

    @staticmethod
    def _reach(dotted: str) -> Any:
        thing: Any = sys.modules["torch"]
        for part in dotted.split(".")[1:]:
            thing = getattr(thing, part, None)
        return thing

    def members(self, space: str) -> Iterator[tuple[str, Any]]:
        """Yield the attributes of a namespace, in alphabetical order; none where it does not exist in this torch."""
        if space not in self.spaces:
            return
        # _VF lists nothing and forwards what it is asked for
        source = torch._C._VariableFunctions if space == "torch._VF" else self.spaces[space]
        for attribute in sorted(dir(source)):
            with contextlib.suppress(Exception):  # a lazy attribute whose import fails
                yield attribute, getattr(self.spaces[space], attribute)

    def canonical(self, thing: Any) -> str:
        """Return the name people know it by: the public one, else where it is defined."""
        return self.public.get(id(thing)) or definition_site(thing)

    def aliases(self) -> dict[str, str]:
        """Return every other dotted name -> the canonical one, for classes, functions and dtypes."""
        found: dict[str, str] = {}
        for space in self.spaces:
            for attribute, thing in self.members(space):
                dotted = f"{space}.{attribute}"
                if isinstance(thing, torch.dtype):
                    found[dotted] = str(thing)
                elif is_named(thing) and is_ours(thing) and hasattr(thing, "__qualname__"):
                    site = definition_site(thing)
                    canonical = self.public.get(id(thing)) or (site if is_reached(site, thing) else dotted)
                    found[dotted] = canonical
                    if is_reached(site, thing):
                        found.setdefault(site, canonical)
        return {dotted: canonical for dotted, canonical in found.items() if dotted != canonical}

    def packages(self) -> dict[str, str]:
        """Dotted names of modules -> "" when that is the module's own name, else its own name (`torch.nn.modules.linear.F`)."""
        found = {name: "" for name in sys.modules if name == "torch" or name.startswith("torch.")}
        for space in self.spaces:
            for attribute, thing in self.members(space):
                dotted = f"{space}.{attribute}"
                if isinstance(thing, types.ModuleType):
                    own = thing.__name__
                    found[dotted] = (
                        "" if own == dotted or (own.split(".")[0] == "torch" and own not in sys.modules) else own
                    )
        return found

    def builtins(self) -> dict[str, str]:
        """Return every dotted name of an object that the compiler takes for an operator -> the operator."""
        found: dict[str, str] = {}
        for space in self.spaces:
            for attribute, thing in self.members(space):
                # The table outlives things it has ids of: what cannot be called has come to one of these by chance.
                op = self.table.get(id(thing)) if callable(thing) else None
                if op is not None:
                    found[f"{space}.{attribute}"] = op
        found["collections.OrderedDict"] = "aten::dict"
        found["dict"] = found["builtins.dict"] = "aten::dict"
        return found

    def kinds(self, functions: dict[str, Any], operators: set[str]) -> dict[str, dict[str, str]]:
        """Namespace -> name -> what it is to TorchScript: the kind, and after a space what there is to say about it."""
        return {
            space: {attribute: self._kind(thing, functions, operators) for attribute, thing in self.members(space)}
            for space in self.spaces
            if space in PUBLIC + HIDDEN or self.spaces[space] in STDLIB
        } | {"torch.Tensor": self._tensor(operators)}

    def _kind(self, thing: Any, functions: dict[str, Any], operators: set[str]) -> str:
        op = self.table.get(id(thing))
        if op is not None:
            return f"operator {op}" if op in operators else f"unknown-operator {op}"
        if isinstance(thing, types.ModuleType):
            return "module"
        if isinstance(thing, (torch.dtype, torch.layout, torch.memory_format, torch.qscheme)):
            return f"constant {type(thing).__name__}"
        if isinstance(thing, type):
            return "class"
        if isinstance(thing, types.FunctionType):
            record = functions.get(self.canonical(thing))
            return f"function {record['kind']}" if record else "function"
        if callable(thing):
            return "python-builtin" if isinstance(thing, types.BuiltinFunctionType) else "object"
        if type(thing) in (bool, int, float, str) and len(repr(thing)) < 40:
            return f"constant {type(thing).__name__} {thing!r}"
        return f"constant {type(thing).__name__}"

    def _tensor(self, operators: set[str]) -> dict[str, str]:
        """Return what a Tensor has for Python: `operator` where TorchScript knows it too."""
        found = {}
        for attribute in dir(torch.Tensor):
            op = f"aten::{attribute}"
            is_method = callable(inspect.getattr_static(torch.Tensor, attribute))
            found[attribute] = f"operator {op}" if op in operators else "method" if is_method else "attribute"
        return found
