"""The children of a node are all nodes that its fields hold, in their order."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptlint.syntax import nodes as n
from scriptlint.syntax.parse import parse
from scriptlint.syntax.walk import children, walk

EVERYTHING = """
import os.path as path, sys
from . import a as b
@mark(1, *xs, key=2, **more)
class Net(Base, metaclass=Meta):
    x: int = 1
    async def forward(self, a, /, b: int = 2, *c, d=3, **e) -> int:
        global g
        async with open(a) as f, g: pass
        async for i, *j in a[1:2, ..., ::3]: break
        else: continue
        while not a and b or c: del a.b, c[0]
        try: raise E from None
        except* (A, B) as error: assert a, "b"
        else: return
        finally: yield a
        match a:
            case {"k": [x, *_], **rest} | P(1, k=None) as y if y: await z
        return (lambda q=1: q if q else -q)(f"{a!r:>{w}}", [i async for i in a if i], {k: v, **m}, {*s}, (yield from t))
    type X = int
x = y = {i for i in a}, {i: j for i in a}, (i for i in a), (z := 1) + 2 < 3 in b
x += 1
if a: b = [1, *c]
elif b: pass
"""


def expected(node: n.Node) -> list[n.Node]:
    found: list[n.Node] = []
    for name in node.__struct_fields__:
        value = getattr(node, name)
        found += [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, n.Node)]
    return found


@pytest.mark.parametrize("text", [EVERYTHING, Path(__file__).read_text()], ids=["everything", "this file"])
def test_children(text: str) -> None:
    every = list(walk(parse(text)[0]))
    for node in every:
        assert children(node) == expected(node), node
    if text is EVERYTHING:
        kinds = {kind for kind in vars(n).values() if isinstance(kind, type) and issubclass(kind, n.Node)}
        assert {kind.__name__ for kind in kinds - {type(one) for one in every}} <= {
            "Node",
            "Gap",
            "TemplateStr",
            "Nonlocal",
        }
