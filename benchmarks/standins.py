"""What is loaded first in the environment in which ParityBench's files are built: they import what is nowhere installed.

A package that is not there is a stand-in, whose every attribute is a MagicMock; the helpers that the files import are the
part of ParityBench's own that building needs; names that Python and numpy have dropped are back. `confirm_projects.py`
puts this file where the interpreter loads it as `sitecustomize`.
"""

from __future__ import annotations

import collections
import collections.abc
import contextlib
import importlib.abc
import importlib.machinery
import os
import re
import runpy
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import MagicMock

HELPERS = "_paritybench_helpers"
PRELOADED = ("numpy", "scipy", "scipy.special", "scipy.stats", "torchvision", "torchvision.models", "torchvision.ops")


class StandIn(types.ModuleType):
    """A module that has whatever is asked of it."""

    __path__: Sequence[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = MagicMock(name=f"{self.__name__}.{name}")
        setattr(self, name, value)
        return value


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds whatever nobody before it has found."""

    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        """Return a stand-in for a package; nothing within those that are there, which may look for parts that they can miss."""
        parent = sys.modules.get(name.partition(".")[0])
        if parent is not None and not isinstance(parent, StandIn) and parent.__name__ in ("torch", "numpy", "scipy"):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return the module."""
        return helpers() if spec.name == HELPERS else StandIn(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to execute."""


def helpers() -> types.ModuleType:
    """Return what ParityBench's files import of their own."""
    import torch

    class DummyBlock(torch.nn.ReLU):
        expansion = 1

    class Config(dict[str, Any]):
        __getattr__ = dict.__getitem__

    def layer(in_features: Any = None, out_features: Any = None, *_: Any, **keywords: Any) -> Any:
        if in_features and out_features:
            return torch.nn.Linear(in_features, out_features, **keywords)
        return DummyBlock()

    def patch() -> None:
        one, two = torch.functional, torch.nn.functional
        for to, source in ((one, two), (two, one)):
            for name in [name for name in dir(source) if re.match("[a-z]", name) and not hasattr(to, name)]:
                setattr(to, name, getattr(source, name))

    def undecorated() -> Callable[[Any], Any]:
        return lambda decorated: decorated

    module = types.ModuleType(HELPERS)
    module.__dict__.update(
        _mock_config=Config,
        _mock_layer=layer,
        patch_functional=patch,
        DummyBlock=DummyBlock,
        _fails_compile=undecorated,
        _paritybench_base=type("_paritybench_base", (), {}),
    )
    return module


def restored() -> None:
    """Restore names that projects of their time could import."""
    for name in collections.abc.__all__:
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    with contextlib.suppress(ImportError):
        import numpy

        for kind in (int, float, bool, object, str):
            if kind.__name__ not in vars(numpy):
                setattr(numpy, kind.__name__, kind)


def load() -> None:
    """Make this process one in which the files can be imported."""
    if "SCRIPTLINT_PRELOAD" in os.environ:
        # What it declares lives as long as its names do.
        sys.modules[__name__].__dict__["preloaded"] = runpy.run_path(os.environ["SCRIPTLINT_PRELOAD"])
    for name in PRELOADED:  # once, and not in every process that is forked
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    restored()
    sys.meta_path.append(Finder())


if __name__ == "sitecustomize":
    load()
