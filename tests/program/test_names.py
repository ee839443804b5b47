"""Names: what an import, a definition and a scope make of one."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from scriptlint.program.project import Local
from tests.projects import Files, words


@pytest.mark.parametrize(
    ("statement", "expression", "meaning"),
    [
        ("import torch", "torch.log", "torch.log"),
        ("import torch as t", "t.nn.Linear", "torch.nn.Linear"),
        ("import torch.nn.functional as F", "F.relu", "torch.nn.functional.relu"),
        ("from torch import nn", "nn.Linear", "torch.nn.Linear"),
        ("from torch.nn import Module as Base", "Base", "torch.nn.Module"),
        ("from torch.nn.modules.linear import Linear", "Linear", "torch.nn.Linear"),
        ("import torch.jit", "torch.jit.script", "torch.jit.script"),
        ("from torch.jit._script import script", "script", "torch.jit.script"),
        ("import os.path as p", "p.join", "os.path.join"),
    ],
)
def test_what_is_imported_from_outside(tmp_path: Path, statement: str, expression: str, meaning: str) -> None:
    files = Files(tmp_path, f"{statement}\n\nx = {expression}\n")
    value = files.main.scope.bindings["x"][0].value
    assert value is not None
    assert words(files.project.resolve(value, files.main)) == f"External {meaning}"


PACKAGE = {
    "main.py": """
        import pack
        import pack.deep.leaf
        from pack import helper, Renamed as R, sub
        from pack.deep import *
        from pack.deep.leaf import up
        """,
    "pack/__init__.py": """
        from .tools import helper
        from .tools import Tool as Renamed
        from . import sub
        """,
    "pack/tools.py": "def helper(): ...\nclass Tool: ...\n",
    "pack/sub.py": "def work(): ...\n",
    "pack/deep/__init__.py": "from .leaf import grow, _hidden, shrink\n__all__ = ['grow', '_hidden']\n",
    "pack/deep/leaf.py": """
        from ..tools import helper as up
        from ...nowhere import beyond
        def grow(): ...
        def shrink(): ...
        def _hidden(): ...
        """,
}


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("pack", "ModuleInfo pack"),
        ("helper", "Function pack.tools.helper"),
        ("R", "Class pack.tools.Tool"),
        ("sub", "ModuleInfo pack.sub"),
        ("up", "Function pack.tools.helper"),
        ("grow", "Function pack.deep.leaf.grow"),
        ("_hidden", "Function pack.deep.leaf._hidden"),
        ("shrink", None),
        ("missing", None),
        ("len", "External builtins.len"),
    ],
)
def test_what_leads_through_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, meaning: str | None
) -> None:
    assert Files(tmp_path, PACKAGE).name(name) == meaning
    (tmp_path / "pack/deep/leaf.py").write_text(
        "from ..tools import helper as up\ndef grow(): ...\ndef shrink(): ...\ndef _hidden(): ...\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    for one in [one for one in sys.modules if one.partition(".")[0] in ("main", "pack")]:
        monkeypatch.delitem(sys.modules, one)
    real = getattr(import_module("main"), name, None)
    if real is not None and meaning is not None:
        dotted = (
            f"{getattr(real, '__module__', '')}.{real.__name__}" if hasattr(real, "__qualname__") else real.__name__
        )
        assert dotted == meaning.partition(" ")[2]
    elif meaning is None:
        assert real is None


def test_a_star_without_all_leaves_private_names_out(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        {"main.py": "from other import *\n", "other.py": "import torch\ndef shown(): ...\ndef _kept(): ...\n"},
    )
    assert files.name("shown") == "Function other.shown"
    assert files.name("_kept") is None
    assert files.name("torch") == "External torch"


def test_the_last_star_wins_and_what_is_defined_here_wins_over_both(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        {
            "main.py": "from one import *\nfrom two import *\ndef mine(): ...\n",
            "one.py": "def both(): ...\ndef mine(): ...\n",
            "two.py": "def both(): ...\ndef mine(): ...\n",
        },
    )
    assert files.name("both") == "Function two.both"
    assert files.name("mine") == "Function main.mine"


def test_imports_in_a_circle_end(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        {"a.py": "from b import x, y\ndef z(): ...\n", "b.py": "from a import x, z\nfrom a import z as y\n"},
    )
    assert files.name("x") is None
    assert files.name("y") == "Function a.z"


@pytest.mark.parametrize(
    ("source", "meaning"),
    [
        ("try:\n    import fast as f\nexcept ImportError:\n    f = None\n", "External fast"),
        ("try:\n    from fast import f\nexcept ImportError:\n    from slow import f\n", "Global f"),
        ("if cond():\n    from fast import f\nelse:\n    from fast import f\n", "External fast.f"),
        ("f = 1\ndef f(): ...\n", "Function model.f"),
        ("def f(): ...\nf = 1\n", "Global f"),
        ("def f(): ...\nif cond():\n    f = 1\n", "Global f"),
        ("def g(): ...\nf = g\n", "Function model.g"),
        ("import torch\nf = torch.relu\n", "External torch.relu"),
        ("for f in range(3):\n    pass\n", "Global f"),
        ("def f(): ...\ndel f\n", "Global f"),
        ("with open('x') as f:\n    pass\n", "Global f"),
        ("f = f\n", "Global f"),
    ],
)
def test_which_binding_counts(tmp_path: Path, source: str, meaning: str) -> None:
    assert Files(tmp_path, source).name("f") == meaning


NESTED = """
    x = 1

    def outer(x):
        y = 2

        def inner():
            return x, y, z, w

        class Held:
            y = 3

            def method(self):
                return y

        global w
        w = 4
        return inner

    class Body:
        x = 5
        size = x

        def method(self):
            return x

    z = w = 0
    """


def test_scopes_nest_and_class_bodies_are_skipped(tmp_path: Path) -> None:
    files = Files(tmp_path, NESTED)
    inner = files.function("outer.<locals>.inner")
    outer = files.function("outer")
    for name in ("x", "y"):
        found = files.project.lookup(name, inner)
        assert isinstance(found, Local)
        assert found.function is outer
    assert words(files.project.lookup("z", inner)) == "Global z"
    assert words(files.project.lookup("w", inner)) == "Global w"
    held = files.project.lookup("y", files.function("outer.<locals>.Held.method"))
    assert isinstance(held, Local)
    body = files.cls("Body")
    seen_by_the_body = files.project.lookup("x", body)
    seen_by_a_method = files.project.lookup("x", files.function("Body.method"))
    assert seen_by_the_body is not None
    assert seen_by_the_body.bindings[0].value.value == 5  # type: ignore[union-attr]
    assert seen_by_a_method.bindings[0].value.value == 1  # type: ignore[union-attr]


def test_a_use_in_the_body_sees_what_came_before_it(tmp_path: Path) -> None:
    files = Files(tmp_path, "def f(): ...\ng = f\ndef f(x): ...\n")
    first, second = files.main.functions.values()
    assert files.project.lookup("g", files.main) is first
    assert files.project.lookup("f", files.main) is second


def test_relative_imports_through_folders_without_an_init(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        {
            "pack/models/net/model.py": "from ...tools import helper\nfrom .config import Config\n",
            "pack/models/net/config.py": "class Config: ...\n",
            "pack/tools.py": "def helper(): ...\n",
            "pack/__init__.py": "",
        },
    )
    assert files.main.name == "pack.models.net.model"
    assert files.name("helper") == "Function pack.tools.helper"
    assert files.name("Config") is not None
