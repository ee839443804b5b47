"""The counted ranges against libcst's own provider, and our tree against Python's `ast`."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest
import torch
from libcst.metadata import MetadataWrapper, PositionProvider

from scriptlint.syntax.parse import parse
from scriptlint.syntax.spans import measure
from tests.syntax.oracle import oracle_places, places

ROOT = Path(__file__).resolve().parent.parent.parent
TORCH = Path(torch.__file__).parent
FILES = [
    *sorted((ROOT / "scriptlint").rglob("*.py"))[::8],
    *sorted((TORCH / "nn" / "modules").glob("*.py"))[::4],
]
TRICKY = {
    "parentheses": "a = ((b)) + ( c )\nd = (e, )\nf = g(  )(h)\n",
    "continued lines": "x = 1 + \\\n    2\nif (a and\n        b):\n    pass\n",
    "no final line end": "def f():\n    return 1",
    "comments": "# one\n\n@d  # two\nclass C(B):  # three\n\n    # four\n    x: int = 1  # five\n    # six\n# seven\n",
    "strings": "a = 'b' \"c\"\nd = f'{e!r:>{f}} {g:.2f}'\nh = b'' b''\ni = '''j\nk'''\n",
    "statements on one line": "a = 1; b = 2\nif a: b; c\nclass D: pass\n",
    "decorated and asynchronous": "@a.b(c)\nasync def f(x, /, y=1, *args, z: int = 2, **kw) -> None:\n    await g\n",
    "slices": "a[1:2, ::3, ...]\nb[:]\nc[d][e, ]\n",
    "comprehensions": "[a for b in c if d for e in f]\n{a: b for c, d in e}\n(a async for b in c)\n",
    "other letters": "größe = 'äöü😀'  # ☃\nß(größe).x\n",
    "Windows": "if a:\r\n    b = 1\r\n\r\n    c = 2\r\n",
    "with, try and match": "with a as b, c: pass\ntry: a\nexcept B as c: d\nelse: e\nfinally: f\n"
    "match a:\n    case B(c, d=1) | [e, *f] if g: h\n",
    "imports": "import a.b as c, d\nfrom ..e import (f as g, h,)\nfrom . import *\n",
    "an empty pattern": "match a:\n    case {}: pass\n    case B(c={}): pass\n",
    "nothing": "",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files(path: Path) -> None:
    text = path.read_text()
    assert counted(text) == provided(text)
    assert places(parse(text)[0]) == oracle_places(text)


@pytest.mark.parametrize("name", TRICKY)
def test_texts(name: str) -> None:
    text = TRICKY[name]
    assert counted(text) == provided(text)
    assert places(parse(text)[0]) == oracle_places(text)


def counted(text: str) -> list[tuple[str, int, int]]:
    """Kind and range of every node, as we count them; a missing line end at the end is counted as if it stood there."""
    module = cst.parse_module(text)
    spans = measure(module).spans
    found = []
    for node in _nodes(module):
        if id(node) not in spans:  # nor has the provider: libcst does not write the whitespace of `case {}`
            continue
        start, end = spans[id(node)]
        found.append((type(node).__name__, start, min(end, len(text))))
    return sorted(found)


def provided(text: str) -> list[tuple[str, int, int]]:
    """The same by the official provider."""
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    ranges = wrapper.resolve(PositionProvider)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node in _nodes(wrapper.module):
        if node not in ranges:
            continue
        span = ranges[node]
        start = starts[span.start.line - 1] + span.start.column
        end = starts[span.end.line - 1] + span.end.column
        found.append((type(node).__name__, start, end))
    return sorted(found)


def _nodes(module: cst.Module) -> list[cst.CSTNode]:
    found: list[cst.CSTNode] = []
    pending: list[cst.CSTNode] = list(module.children)
    while pending:
        node = pending.pop()
        found.append(node)
        pending += node.children
    return found
