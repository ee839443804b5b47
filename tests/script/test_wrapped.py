"""Functions behind decorators of other files: the compiler reads one file and looks for names in the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptlint.script.infer.wrapped import HOMES
from tests.judge import Judge
from tests.linter import findings

DECORATORS = """
import functools
import math


def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper
"""


@pytest.mark.parametrize(("body", "lost"), [("math.pi", None), ("torch.ones(2)", "torch"), ("len(x)", None)])
def test_names_are_those_of_the_decorators_file(body: str, lost: str | None, judge: Judge, tmp_path: Path) -> None:
    program = (
        "import math\n\nimport torch\n\nfrom decorators import logged\n\n\n@logged\ndef scaled(x):\n"
        f"    return x * {body}\n\n\ntorch.jit.script(scaled)\n"
    )
    (tmp_path / "decorators.py").write_text(DECORATORS, encoding="utf-8")
    verdict = judge.run(program, others={"decorators.py": DECORATORS})
    assert (f"undefined value {lost}" in verdict.message) == (lost is not None), verdict
    assert [one.code for one in findings(program, tmp_path) if one.severity == "error"] == ["SL219"] * (
        lost is not None
    )


@pytest.mark.parametrize("decorator", HOMES)
def test_what_the_files_of_torchs_decorators_know(decorator: str, judge: Judge) -> None:
    # Modules that users call by the same names; `np` is another name for what may not be installed.
    program = (
        "import types\nimport warnings\n\nimport torch\n\nwarnings.simplefilter('ignore')\n"
        f"make = {decorator}\nargs = {{'set_grad_enabled': (True,), 'autocast': ('cpu',), 'record_function': ('f',)}}.get(make.__name__, ())\n"
        f"{'args = ()' if '.cuda.' in decorator or '.cpu.' in decorator else ''}\n"
        "wrapper = make(*args)(lambda x: x)\n"
        "print([k for k, v in wrapper.__globals__.items() if isinstance(v, types.ModuleType) and k != 'np' and not k.startswith('_')])\n"
    )
    assert set(eval(judge.run(program).output)) == HOMES[decorator]


COPY = """
import functools

import torch


def when_traced(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        if not torch.jit.is_tracing():
            return fn(*args, **kwargs)
        return torch.jit.script(wrapper.__original_fn)(*args, **kwargs)

    wrapper.__original_fn = fn
    {mark}
    return wrapper
"""


@pytest.mark.parametrize(
    ("mark", "lost"), [("wrapper.__script_if_tracing_wrapper = True", False), ("wrapper.__mark = True", True)]
)
def test_a_copy_of_script_if_tracing(mark: str, lost: bool, judge: Judge, tmp_path: Path) -> None:
    program = (
        "import torch\n\nfrom decorators import when_traced\n\n\ndef double(x):\n    return x * 2\n\n\n"
        "@when_traced\ndef scaled(x):\n    return double(x)\n\n\n"
        "def f(x):\n    return scaled(x)\n\n\ntorch.jit.script(f)\n"
    )
    decorators = COPY.format(mark=mark)
    (tmp_path / "decorators.py").write_text(decorators, encoding="utf-8")
    verdict = judge.run(program, others={"decorators.py": decorators})
    assert ("undefined value double" in verdict.message) == lost, verdict
    assert [one.code for one in findings(program, tmp_path) if one.severity == "error"] == ["SL219"] * lost
