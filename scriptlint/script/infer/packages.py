"""Names of packages that are not followed, by the package: operators of `torch.ops`, Python's own library, NumPy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scriptlint.program.project import KNOWN_PACKAGES
from scriptlint.script.infer.values import Builtin, PyModule, Special, Typed, Unsupported, Value, unknown
from scriptlint.types.model import FLOAT

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit
    from scriptlint.torchlib.library import Library

# Classes written in C: the compiler makes Python calls of them that take only tensors.
_PYTHON_CLASSES = frozenset(
    {"functools.partial", "collections.defaultdict", "operator.itemgetter", "operator.attrgetter"}
)
_CLASS = re.compile(r"[A-Z][A-Z0-9]*[a-z]\w*")
# Of the standard library, what the compiler understands or what says nothing by itself.
_UNDERSTOOD = frozenset({"math", "cmath", "warnings", "typing", "builtins", "enum", "numbers"})
# Where `torch.ops.ns.op` is an operator by its own name.
OPERATORS = ("torch.ops.", "torch._ops.ops.")


def operator(library: Library, name: str) -> Value:
    """Return what `torch.ops.space.name` is."""
    space, _, operator = name.split("ops.", 1)[1].partition(".")
    if not operator:
        return PyModule(None, f"torch.ops.{space}")
    known, _, overload = operator.partition(".")
    if overload:
        return unknown("an overload of an operator")
    if library.has_operator(f"{space}::{known}"):
        return Builtin(f"{space}::{known}")
    return unknown("an operator that a library adds")  # what eager code finds there, the compiler finds too


def of_python(unit: Unit, name: str) -> Value:
    """Return what a name of a package is that is neither torch nor followed."""
    top, _, rest = name.partition(".")
    if not rest:
        return PyModule(None, name)
    if top == "numpy":
        if rest in ("random", "linalg", "fft", "testing"):
            return PyModule(None, name)
        if rest in ("pi", "e", "inf", "nan", "euler_gamma"):
            return Typed(FLOAT)
        is_function = rest[-1:].isalpha() and rest not in ("newaxis", "generic") and rest.rpartition(".")[2].islower()
        return Unsupported(name) if is_function else unit.lose(f"`{name}`")
    if top == "itertools" or name in _PYTHON_CLASSES or (top == "io" and _CLASS.fullmatch(rest)):
        return Special("python-op")
    if top in KNOWN_PACKAGES and top not in _UNDERSTOOD | {"torch"}:
        if name in ("os.path", "os.environ", "sys.modules", "importlib.util", "concurrent.futures"):
            return PyModule(None, name)
        last = rest.rpartition(".")[2]
        if last[:1].islower() or (_CLASS.fullmatch(last) and not last.endswith(("Error", "Exception", "Warning"))):
            return Unsupported(name)
    return unit.lose(f"`{name}`")
