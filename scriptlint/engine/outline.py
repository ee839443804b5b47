"""The outline of a file: its code without the bodies of functions, each of which has a digest of its own.

A judgement that did not look at a body holds while that changes, as long as the outline is the same. So what others take
from a file without looking into a function must not depend on its body: one that defines functions or classes, declares
names that are not its own or changes containers of its file is part of the outline as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scriptlint.evaluate.growing import changed
from scriptlint.program.module import Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text.code import Code
from scriptlint.text.source import digest_of

_MARK = "\0"


@dataclass(frozen=True)
class Outline:
    """What of a file stands outside of bodies, by its digest, and the digest of each body.

    `functions` are the numbers of the functions whose bodies they are, and `places` where these begin and end in the code.
    """

    digest: str
    functions: Sequence[int]
    bodies: Sequence[str]
    places: Sequence[tuple[int, int]]


def outline_of(module: ModuleInfo, code: Code) -> Outline:
    """Return the outline of a file, of whose text this is the code."""
    text = code.text(module.raw.text)
    parts: list[str] = []
    bodies: list[str] = []
    functions: list[int] = []
    places: list[tuple[int, int]] = []
    at = 0
    for function in _apart(module):
        start, end = code.inward(function.node.header_end), code.inward(function.node.end)
        if start is None or end is None:
            continue
        functions.append(function.number)
        parts += [text[at:start], _MARK]
        bodies.append(_digest(text[start:end]))
        places.append((start, end))
        at = end
    parts.append(text[at:].rstrip("\r\n"))
    return Outline(_digest("".join(parts)), functions, bodies, places)


def _apart(module: ModuleInfo) -> Iterator[Function]:
    """Yield the functions whose bodies are no part of the outline, in the order of the text."""
    for function in module.functions.values():
        if function.outer is None and not _is_open(function, module):
            yield function


def _is_open(function: Function, module: ModuleInfo) -> bool:
    if function.names.declared_global:
        return True
    if any(isinstance(one, (n.FunctionDef, n.ClassDef, n.Gap)) for one in walk(*function.node.suite)):
        return True
    return any(True for _ in changed(module, function.node.suite))


def _digest(text: str) -> str:
    return digest_of(text.encode("utf-8", "surrogatepass"))
