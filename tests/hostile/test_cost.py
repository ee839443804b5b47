"""What a program costs grows as the program does, or ends in a budget that is spent; it is counted in calls of functions.

Four times as much of everything may cost four times as much. What costs its square is seen in how the costs of three
sizes differ, so that what every run costs does not matter.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from tests.hostile.judging import HEAD, asked, module

SIZE = 40
FORWARD = "    def forward(self, x):\n        return x\n"
CONSTRUCTOR = "    def __init__(self):\n        super().__init__()\n"
LAYER = f"class Layer(nn.Module):\n{FORWARD}"


def _each(template: str) -> Callable[[int], str]:
    """Return what writes a template many times, with numbers for `@` and the one before for `@@`."""
    return lambda size: "".join(template.replace("@@", str(i - 1)).replace("@", str(i)) for i in range(1, size + 1))


def _file(template: str, first: str = "", last: str = "") -> Callable[[int], str]:
    return lambda size: HEAD + first + _each(template)(size) + last


def _forward(
    template: str, first: str = "", before: str = "", constructor: str = "", more: str = "", parameters: str = ""
) -> Callable[[int], str]:
    def made(size: int) -> str:
        lines = _each(template)(size) + _each(more)(size)
        held = _each(constructor)(size) or "pass"
        return module(f"{first}\n{lines}\nreturn x", held, _each(before)(size), f"self, x{parameters}")

    return made


def _constructor(template: str, first: str = "", given: str = "") -> Callable[[int], str]:
    return lambda size: module("return x", f"{first}\n{_each(template)(size)}", given=given)


def _holding(size: int) -> str:
    each = (
        f"class C@(nn.Module):\n{CONSTRUCTOR}        self.inner = C#()\n    def forward(self, x):\n        return x\n"
    )
    return HEAD + "".join(each.replace("@", str(i)).replace("#", str((i + 1) % size)) for i in range(size))


PROGRAMS = {
    # classes
    "modules that hold one another": _holding,
    "subclasses": _file("class C@(C@@):\n    pass\n", f"class C0(nn.Module):\n{FORWARD}"),
    "subclasses that call their parents": _file(
        "class C@(C@@):\n    def forward(self, x):\n        return super().forward(x)\n",
        f"class C0(nn.Module):\n{FORWARD}",
    ),
    "subclasses with constructors": _file(f"class C@(C@@):\n{CONSTRUCTOR}", f"class C0(nn.Module):\n{FORWARD}"),
    "many classes": _file(f"class C@(nn.Module):\n{FORWARD}"),
    "classes of one name": _file(f"class C(nn.Module):\n{FORWARD}"),
    "many bases": lambda size: (
        HEAD
        + _each("class C@(nn.Module):\n    pass\n")(size)
        + f"class D({', '.join(f'C{i}' for i in range(1, size + 1))}):\n{FORWARD}"
    ),
    # constructors
    "attributes": _constructor("self.a@ = @\n"),
    "attributes of arguments": _constructor("self.a@ = k\n", given=", k"),
    "attributes in branches": _constructor("if k > @:\n    self.a@ = 1\nelse:\n    self.a@ = 2\n", given=", k"),
    "a container written out": lambda size: module(
        "for one in self.c:\n    x = one(x)\nreturn x", f"self.c = nn.ModuleList([{'nn.Linear(3, 3), ' * size}])"
    ),
    "a container that grows": lambda size: module(
        "for one in self.c:\n    x = one(x)\nreturn x",
        "self.c = nn.ModuleList()\n" + "self.c.append(nn.Linear(3, 3))\n" * size,
    ),
    "a Sequential": lambda size: module("return self.c(x)", f"self.c = nn.Sequential({'nn.Linear(3, 3), ' * size})"),
    "a Sequential of layers": lambda size: module(
        "return self.c(x)", f"self.c = nn.Sequential({'Layer(), ' * size})", LAYER
    ),
    "a Sequential in a Sequential": lambda size: module(
        "return self.c(x)", "c = nn.ReLU()\n" + "c = nn.Sequential(c)\n" * size + "self.c = c"
    ),
    "a Sequential twice": lambda size: module(
        "return self.c(x)", "c = nn.ReLU()\n" + "c = nn.Sequential(c, c)\n" * (size // 20) + "self.c = c"
    ),
    "a Sequential perhaps twice": lambda size: module(
        "return self.c(x)",
        "c = nn.ReLU()\n" + _each("if a[@]:\n    c = nn.Sequential(c, c)\n")(size // 20) + "self.c = c",
        given=", a",
    ),
    "layers": _forward("x = self.a@(x)\n", constructor="self.a@ = nn.Linear(3, @)\n"),
    "layers of classes": _forward(
        "x = self.a@(x)\n", constructor="self.a@ = B@()\n", before=f"class B@(nn.Module):\n{FORWARD}"
    ),
    "additions of a constructor": _constructor("a = a + 1\n", "a = 1"),
    "one sum of a constructor": lambda size: module("return x", f"self.a = 1{' + 1' * size}"),
    "a dictionary that grows": _constructor("a['@'] = @\n", "a = self.a = {}"),
    "a text that grows": _constructor("a = a + 'a'\n", "a = ''"),
    # functions
    "statements": _forward("x = x + 1\n"),
    "statements with other names": _forward("x@ = x + @\n"),
    "branches": _forward("if x.sum() > 0:\n    x = x + 1\n"),
    "branches by a number": _forward("if k > 0:\n    x = x + 1\n", parameters=", k: int"),
    "branches that return": _forward("if x.sum() > 0:\n    return x\n"),
    "branches of a flag": _forward("if self.flag@:\n    return x\n", constructor="self.flag@ = False\n"),
    "loops": _forward("for i in range(3):\n    x = x + 1\n"),
    "loops that are left": _forward("for i in range(3):\n    x@ = x + 1\n    if x.sum() > 0:\n        break\n"),
    "a loop that is left anywhere": _forward(
        "    x = x + @\n    if x.sum() > 0:\n        break\n", first="for i in range(3):"
    ),
    "blocks": _forward("with torch.no_grad():\n    x = x + 1\n"),
    "checks": _forward("assert x.shape[0] > 0\n"),
    "one sum": lambda size: module("return x" + " + 1" * size),
    "one sum of numbers": lambda size: module(f"return x + (1{' + 1' * size})"),
    "one sum of a file": lambda size: module("return x + a", before=f"a = 1{' + 1' * size}"),
    "a chain of calls": lambda size: module(f"return x{'.add(1)' * size}"),
    "a chain of conditions": lambda size: module(f"return {'1 if k > 0 else ' * size}x", parameters="self, x, k: int"),
    "a chain of comparisons": lambda size: module(f"k = 0{' < k' * size}\nreturn x", parameters="self, x, k: int"),
    "functions": _file(
        "def f@(x):\n    return f@@(x)\n",
        "def f0(x):\n    return x\n",
        f"class Net(nn.Module):\n    def forward(self, x):\n        return f{SIZE}(x)\n",
    ),
    "methods that are exported": lambda size: (
        module("return x") + _each("\n    @torch.jit.export\n    def f@(self, x):\n        return x\n")(size)
    ),
    "calls of one function": _forward("x = f(x)\n", before="def f(x):\n    return +x\n"),
    "many parameters": lambda size: module("return x", parameters=f"self, x, {_each('k@: int, ')(size)}"),
    "a long list": lambda size: module(f"return torch.cat([{'x, ' * size}])"),
    # findings, and what would repair them
    "findings": _forward("x = +x\n"),
    "findings that are suppressed": _forward("x = +x  # scriptlint: ignore[SL126]\n"),
    "functions in a function": _forward("def f@(y):\n    return y\n"),
    "lambdas in a function": _forward("f@ = lambda y: y\n"),
    "empty lists": _forward("a@ = []\na@.append(1)\n"),
    "variables that are None": _forward("a@ = None\nif x.sum() > 0:\n    a@ = x\n"),
    "type comments": _forward("x = x + 1  # type: Tensor\n"),
    "global variables": _forward("x = x + A@\n", before="A@ = @\n"),
    "names that are not defined": _forward("x = x + undefined@\n"),
    "attributes that a forward assigns": _forward("self.a@ = x\n", constructor="self.a@ = @\n"),
    "texts": _forward("print(f'{x!s:10}')\n"),
    "numbers of tensors": _forward("y = int(x.shape[0]) + x.item()\n"),
    # roots
    "roots of one object": _file("torch.jit.script(Net())\n", f"class Net(nn.Module):\n{FORWARD}"),
    "roots of many classes": _file(
        "class C@(nn.Module):\n    def forward(self, x):\n        return +x\ntorch.jit.script(C@())\n"
    ),
    "roots that are traced": _file(
        "def f@(x):\n    return x if x.sum() > 0 else x\ntorch.jit.trace(f@, torch.zeros(3))\n"
    ),
    "roots that are saved": _file(
        "model.save('f@')\ntorch.jit.load('f@')\n",
        f"class Net(nn.Module):\n{FORWARD}model = torch.jit.script(Net())\n",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_a_program_costs_grows_as_the_program(name: str, tmp_path: Path) -> None:
    program = PROGRAMS[name]
    _calls(program(SIZE), tmp_path)  # what is made once and for all is made here
    small, middle, large = (_calls(program(size), tmp_path) for size in (SIZE, 2 * SIZE, 4 * SIZE))
    assert large - middle < 2.7 * max(middle - small, small // 10), (small, middle, large)


def _calls(program: str, folder: Path) -> int:
    """Return how many functions scriptlint calls to judge a program."""
    count = 0

    def on_event(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    for name in (folder / "cache").rglob("*") if (folder / "cache").exists() else ():
        if name.is_file():
            name.unlink()
    threading.setprofile(on_event)
    sys.setprofile(on_event)
    try:
        asked("check", program, folder)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return count
