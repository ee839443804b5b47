"""torchlib: what torch offers to TorchScript, as data.

The linter never imports torch. What it knows of it is in a *snapshot*, one file per version of torch, made by asking the
real compiler (`survey`, in a process of its own, the only files here that import torch) and read lazily by `library`:

    library = load("2.13.0")
    library.schemas("aten::add")                # overloads in the order in which the compiler tries them
    library.builtin("torch.nn.functional.conv2d")   # "aten::conv2d"
    library.function("torch.nn.functional.dropout").signatures
    library.module("torch.nn.BatchNorm2d").held["running_mean"]
    library.canonical("torch.nn.modules.linear.Linear")     # "torch.nn.Linear"

`schema` reads schemas, `match` chooses among them for a call as the compiler does. Nothing here knows Python source.
"""

from __future__ import annotations

from scriptlint.torchlib.library import Library, SnapshotMissing, available, load
from scriptlint.torchlib.records import (
    Dispatch,
    Exists,
    Held,
    InitParameter,
    NNModule,
    PythonFunction,
    Signature,
    Variant,
)
from scriptlint.torchlib.schema import Param, Schema

__all__ = [
    "Dispatch",
    "Exists",
    "Held",
    "InitParameter",
    "Library",
    "NNModule",
    "Param",
    "PythonFunction",
    "Schema",
    "Signature",
    "SnapshotMissing",
    "Variant",
    "available",
    "load",
]
