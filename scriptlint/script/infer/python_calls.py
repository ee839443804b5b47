"""Calls that stay calls of Python: they compile, and `save` refuses the archive (compile-errors.md sections 2 and 4.15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Rule, Severity, Target
from scriptlint.program.classes import Classes
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.schema import Schema

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

STAYS_IN_PYTHON = Rule(
    code="SL714",
    name="python-call-in-archive",
    severity=Severity.WARNING,
    target=Target.SCRIPT,
    message="`{text}` {why}, so this compiles and cannot be saved",
    help="write it in TorchScript or as an operator of `torch.ops`, or mark what the saved model never runs "
    "`@torch.jit.unused`",
    compiler="Could not export Python function call",
)

# Why a call stays one of Python, as the message says it.
AUTOGRAD = "belongs to an autograd Function, which Python runs"
CONSTRUCTED = "makes a Python object"
GLOBAL_MODULE = "is a module that `self` does not hold, so Python calls it"
IGNORED = "is ignored by the compiler and run by Python"
REPLACED = "is an object that a decorator made, and Python calls it"

# How the compiler sees `apply` of an autograd Function (PythonValue of python_sugared_value.cpp).
APPLY = Schema("Function::apply(Tensor cls, ...) -> Tensor")

_AUTOGRAD = frozenset({"torch.autograd.Function", "torch.autograd.function.Function"})
_REPLACING = frozenset(
    {"functools.lru_cache", "functools.cache", "torch.library.custom_op", "torch._library.custom_ops.custom_op"}
)


def stays(unit: Unit, callee: n.Expr, why: str) -> None:
    """Say that a call is made by Python."""
    unit.say(STAYS_IN_PYTHON, callee, text=unit.text(callee), why=why)


def is_replaced(decorator: str | None) -> bool:
    """Return True if a decorator makes a Python object of a function, which the compiler calls as it is."""
    return decorator in _REPLACING


def is_autograd_function(cls: Class, classes: Classes) -> bool:
    """Return True if a class is a `torch.autograd.Function`, whose `apply` the compiler leaves to Python."""
    entries = classes.lineage(cls).entries
    return any(isinstance(one, External) and one.name in _AUTOGRAD for one in entries)
