"""Modules inside TorchScript's subset, made of parts that hypothesis draws; and parts that the compiler refuses.

Every part gives a `Net` something to construct and its forward something to do: they keep the shape of `x`, and are
numbered, so that any of them stand together in any order, and as often as they are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent

from hypothesis import strategies as st

HEAD = """\
from collections import OrderedDict
from typing import Dict, List, Optional, Tuple

import torch
from torch import Tensor, nn
from torch.jit import Final


class Inner(nn.Module):
    def __init__(self, width: int, act=nn.ReLU):
        super().__init__()
        self.layer = nn.Linear(width, width)
        self.act = act()

    def forward(self, x: Tensor, scale: float = 1.0) -> Tensor:
        return self.act(self.layer(x)) * scale


"""


@dataclass(frozen=True)
class Part:
    """What one part adds to a class, its constructor and its forward; `$` stands for its number."""

    forward: str
    made: str = "pass"
    members: str = ""


PARTS = [
    Part("x = self.l$(x)", "self.l$ = nn.Linear(4, 4)"),
    Part("x = self.l$(x, scale=0.5)", "self.l$ = Inner(4, act=nn.Tanh)"),
    Part(
        "for m in self.l$:\n    x = m(x)", "self.l$ = nn.ModuleList()\nfor _ in range(2):\n    self.l$.append(Inner(4))"
    ),
    Part("for i, m in enumerate(self.l$):\n    x = m(x) + i", "self.l$ = nn.ModuleList([nn.Linear(4, 4)] * 2)"),
    Part("x = self.l$[1](x)", "self.l$ = nn.ModuleList(Inner(4) for _ in range(2))"),
    Part("x = self.l$(x)", 'self.l$ = nn.Sequential(OrderedDict([("a", nn.ReLU()), ("b", nn.Linear(4, 4))]))'),
    Part('for k, m in self.l$.items():\n    x = m(x)\nx = self.l$["a"](x)', 'self.l$ = nn.ModuleDict({"a": Inner(4)})'),
    Part("if self.l$ is not None:\n    x = self.l$(x)", "self.l$ = nn.ReLU() if flag else None"),
    Part("if not self.f$:\n    x = self.nothing(x)", "self.f$ = not flag", "f$: Final[bool]"),
    Part("for n in self.l$:\n    x = x * n", "self.l$ = [1, 2, 3]"),
    Part('x = x + self.d$["a"] + self.t$[1]', 'self.d$ = {"a": 1}\nself.t$ = (1, 0.5)'),
    Part(
        "x = x * self.w$ + self.b$", 'self.w$ = nn.Parameter(torch.ones(4))\nself.register_buffer("b$", torch.ones(4))'
    ),
    Part("self.b$ = self.b$ + 1\nx = x + self.b$", 'self.register_buffer("b$", torch.zeros(1))'),
    Part("self.n$ += 1\nx = x * self.n$", "self.n$ = 0"),
    Part(
        "x = self.h$(x)",
        members="def h$(self, x: Tensor, times: int = 2) -> Tensor:\n    return x * times if times > 1 else x",
    ),
    Part(
        "x = self.h$(x)", members="@torch.jit.ignore\ndef h$(self, x: Tensor) -> Tensor:\n    return x + len(globals())"
    ),
    Part("x = x * self.s$(2)", members="@staticmethod\ndef s$(n: int) -> int:\n    return n + 1"),
    Part("x = x * self.p$", members="@property\ndef p$(self) -> float:\n    return 0.5"),
    Part(
        "if torch.jit.is_scripting():\n    x = x + 1\nelse:\n    x = self.h$(x)",
        members="@torch.jit.unused\ndef h$(self, x):\n    return x + len(globals())",
    ),
    Part('if hasattr(self, "nothing$"):\n    x = self.nothing$(x)'),
    Part("if self.training:\n    x = x + 1\nx = self.l$(x)", 'self.add_module("l$", nn.Dropout(0.5))'),
    Part("y$ = self.o$\nif y$ is not None:\n    x = x + y$", "self.o$ = None", "o$: Optional[int]"),
    Part(
        "x = self.e$(x)[0]",
        members="@torch.jit.export\ndef e$(self, x: Tensor) -> Tuple[Tensor, int]:\n    return x, 1",
    ),
]

# By the rule that names them; the line that is refused ends with `# error`.
VIOLATIONS = [
    ("missing-module-attribute", Part("x = self.missing$(x)  # error")),
    ("attribute-first-set-in-forward", Part("self.new$ = x  # error")),
    (
        "variable-module-index",
        Part("for i in range(2):\n    x = self.l$[i](x)  # error", "self.l$ = nn.ModuleList([Inner(4), Inner(4)])"),
    ),
    ("unconvertible-attribute", Part("for m in self.l$:  # error\n    x = m(x)", "self.l$ = [nn.ReLU()]")),
    ("unconvertible-attribute", Part("x = x + len(self.d$)  # error", "self.d$ = {}")),
    ("retyped-attribute", Part('self.n$ = "a"  # error', "self.n$ = 1")),
    ("argument-mismatch", Part("x = torch.relu(x, self.n$)  # error", "self.n$ = 1")),
    ("argument-mismatch", Part('x = self.l$(x, scale="a")  # error', "self.l$ = Inner(4)")),
    ("argument-mismatch", Part("x = self.l$()  # error", "self.l$ = Inner(4)")),
    (
        "operator-type-mismatch",
        Part("y$ = self.o$\nx = x + y$  # error", "self.o$ = None", "o$: Optional[int]"),
    ),
]


@st.composite
def modules(draw: st.DrawFn) -> list[Part]:
    """The parts of a module, in order."""
    return draw(st.lists(st.sampled_from(PARTS), min_size=2, max_size=7))


def written(parts: list[Part]) -> str:
    """A program that scripts the module made of the parts."""

    def texts(kind: str) -> list[str]:
        return [text.replace("$", str(at)) for at, one in enumerate(parts) if (text := getattr(one, kind))]

    members = "".join(indent(text, "    ") + "\n\n" for text in texts("members"))
    made, forward = (indent("\n".join(texts(kind)), " " * 8) for kind in ("made", "forward"))
    return (
        f"{HEAD}class Net(nn.Module):\n{members}"
        f"    def __init__(self, flag: bool = False):\n        super().__init__()\n{made}\n\n"
        f"    def forward(self, x: Tensor) -> Tensor:\n{forward}\n        return x\n\n\n"
        "torch.jit.script(Net())\n"
    )
