"""Versions: that of torch, which is known, and what programs compare it with."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scriptlint.evaluate import plain
from scriptlint.evaluate.values import Const, ExternalValue, Items, PythonObject, Some, Unknown, Value

if TYPE_CHECKING:
    from scriptlint.evaluate.arguments import Arguments
    from scriptlint.evaluate.evaluator import Evaluator

OF_TORCH = ExternalValue("torch.__version__")
OF_PYTHON = ExternalValue("sys.version_info")
_KIND = "packaging.version.Version"
PARSERS = frozenset(
    "packaging.version.parse packaging.version.Version packaging.version.LegacyVersion pkg_resources.parse_version "
    "distutils.version.LooseVersion distutils.version.StrictVersion torch.torch_version.TorchVersion "
    "setuptools._distutils.version.LooseVersion looseversion.LooseVersion".split()
)
# The oldest Python that a version of torch and those after it run under.
_PYTHONS = (((2, 9), (3, 10)), ((2, 5), (3, 9)), ((0, 0), (3, 7)))


def text_of_torch(ev: Evaluator, value: Value) -> Value:
    """Return the text of torch's version; any other value as it is."""
    return Const(ev.library.version) if value == OF_TORCH else value


def parsed(ev: Evaluator, given: Arguments) -> Value:
    """Return the version that a text says."""
    release = _release(ev, ev.resolved(given.first()))
    return Unknown("a version") if release is None else PythonObject(_KIND, Items("tuple", [*map(Const, release)]))


def _release(ev: Evaluator, value: Value) -> tuple[int, ...] | None:
    """Return the numbers of a version; None for what is none, and for those before and after a release."""
    if isinstance(value, PythonObject) and value.kind == _KIND and value.numbers is not None:
        value = value.numbers
    if isinstance(value, Items):
        known = plain.to_python(value)
        return known[0] if known is not None and all(isinstance(one, int) for one in known[0]) else None
    text = text_of_torch(ev, value)
    if not isinstance(text, Const) or not isinstance(text.value, str):
        return None
    if not re.fullmatch(r"\s*v?\d+(\.\d+)*(\+\w+)?\s*", text.value[:40]):
        return None
    return tuple(int(one) for one in text.value.strip().lstrip("v").partition("+")[0].split("."))


def compared(ev: Evaluator, test: Callable[[Any, Any], bool], left: Value, right: Value) -> Value | None:
    """Return the order of two values of which one is a version; None where none is."""
    if OF_PYTHON in (left, right):
        return _with_python(ev, test, left, right)
    if (
        left != OF_TORCH
        and right != OF_TORCH
        and not any(isinstance(one, PythonObject) and one.kind == _KIND for one in (left, right))
    ):
        return None
    first, second = _release(ev, left), _release(ev, right)
    if first is None or second is None:
        return Some("bool")
    longest = max(len(first), len(second))
    return Const(test(*(one + (0,) * (longest - len(one)) for one in (first, second))))


def _with_python(ev: Evaluator, test: Callable[[Any, Any], bool], left: Value, right: Value) -> Value:
    torch = _release(ev, OF_TORCH) or (0, 0)
    oldest: tuple[int, ...] = next(python for since, python in _PYTHONS if torch >= since)
    other = _release(ev, right if left == OF_PYTHON else left)
    if other is None:
        return Some("bool")
    answers = {
        test(python, other) if left == OF_PYTHON else test(other, python) for python in ((*oldest, 0), (3, 99, 0))
    }
    return Const(answers.pop()) if len(answers) == 1 else Some("bool")


def attribute(value: PythonObject, name: str) -> Value | None:
    """Return an attribute of a version; None where it is none, or has no such attribute."""
    if value.kind != _KIND or value.numbers is None:
        return None
    if name == "release":
        return value.numbers
    if name in ("major", "minor", "micro"):
        index = ("major", "minor", "micro").index(name)
        return value.numbers.items[index] if index < len(value.numbers.items) else Const(0)
    if name == "base_version":
        numbers = plain.to_python(value.numbers)
        return None if numbers is None else Const(".".join(map(str, numbers[0])))
    return None
