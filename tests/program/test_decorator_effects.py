"""What decorators do to the function under them, held against Python where it can be run."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from scriptlint.program.decorators import Effect, Kind, decoration
from tests.projects import Files

DECORATORS = """
    import functools

    def same(function):
        function.marked = True
        return function

    def wrapped(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args)
        return wrapper

    def replaced(function):
        def wrapper(*args):
            return function(*args)
        return wrapper

    def factory(n):
        def decorator(function):
            @functools.wraps(function)
            def wrapper(*args):
                return function(*args)
            return wrapper
        return decorator

    def updated(function):
        def wrapper(*args):
            return function(*args)
        return functools.update_wrapper(wrapper, function)

    def marking(n):
        def decorator(function):
            return function
        return decorator

    def either(function):
        if function.__name__ == "f":
            return function
        return replaced(function)
    """


@pytest.mark.parametrize(
    ("decorator", "effect"),
    [
        ("same", Effect.IDENTITY),
        ("wrapped", Effect.WRAPS),
        ("replaced", Effect.REPLACES),
        ("factory(3)", Effect.WRAPS),
        ("updated", Effect.WRAPS),
        ("marking(1)", Effect.IDENTITY),
        ("functools.lru_cache", Effect.REPLACES),
        ("functools.lru_cache(None)", Effect.REPLACES),
    ],
)
def test_effects(tmp_path: Path, decorator: str, effect: Effect) -> None:
    source = dedent(DECORATORS) + f"\n\n@{decorator}\ndef f(x):\n    return x\n"
    files = Files(tmp_path, source)
    (found,) = decoration(files.function("f"), files.project).others
    assert found.effect is effect
    space: dict[str, object] = {}
    exec(source, space)
    real = space["f"]
    here = getattr(getattr(real, "__code__", None), "co_name", "") == "f"
    follows = hasattr(real, "__wrapped__")
    expected = Effect.IDENTITY if here else Effect.WRAPS if follows and hasattr(real, "__code__") else Effect.REPLACES
    assert effect is expected


@pytest.mark.parametrize("decorator", ["either", "unknown_name", "[same][0]"])
def test_what_cannot_be_told(tmp_path: Path, decorator: str) -> None:
    files = Files(tmp_path, dedent(DECORATORS) + f"\n\n@{decorator}\ndef f(x):\n    return x\n")
    assert decoration(files.function("f"), files.project).compiled is None


@pytest.mark.parametrize(
    ("decorator", "word", "compiled"),
    [
        ("torch.jit.export", "export", True),
        ("torch.jit.ignore", "ignore", False),
        ("torch.jit.ignore(drop=True)", "unused", False),
        ("torch.jit.unused", "unused", False),
        ("torch.jit.script", "script", True),
        ("torch.jit.script_if_tracing", "script_if_tracing", True),
        ("torch.no_grad()", None, True),
        ("torch.jit._overload", "overload", False),
    ],
)
def test_words_of_torch_jit(tmp_path: Path, decorator: str, word: str | None, compiled: bool) -> None:
    files = Files(tmp_path, f"import torch\n\n@{decorator}\ndef f(x):\n    return x\n")
    marks = decoration(files.function("f"), files.project)
    assert marks.jit == word
    assert marks.compiled is compiled
    assert marks.transparent, "Python runs the function's own source whatever torch.jit makes of it"


def test_kinds_of_methods(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        """
        class A:
            @property
            def p(self): ...
            @staticmethod
            def s(x): ...
            @classmethod
            def c(cls): ...
            def m(self): ...
            @p.setter
            def p(self, value): ...
        """,
    )
    kinds = [decoration(one, files.project).kind for one in files.main.functions.values()]
    assert kinds == [Kind.PROPERTY, Kind.STATIC, Kind.CLASS, Kind.PLAIN, Kind.SETTER]
