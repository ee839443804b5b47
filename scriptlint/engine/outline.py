"""The outline of a file: its code without the bodies of functions, each of which has a digest of its own.

A judgement that did not look at a body holds while that changes, as long as the outline is the same. So what others take
from a file without looking into a function must not depend on its body: one that defines functions or classes, declares
names that are not its own or changes containers of its file is part of the outline as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from scriptlint.evaluate.growing import changed, filled, variables
from scriptlint.program.module import Function, ModuleInfo
from scriptlint.text.code import Code
from scriptlint.text.source import digest_of
from scriptlint.trace.statements import changed_in_place, written

_MARK = "\0"
# What a line begins with that defines something in a body, or a statement that says which names are not its own.
_OPEN = re.compile(r"[\r\n][ \t\f]*(?:async\s+def|def|class)\b|[\r\n:;]\s*(?:global|nonlocal)\b")


@dataclass(frozen=True)
class Outline:
    """What of a file stands outside of bodies, by its digest, how many classes it has, and the digest of each body.

    `functions` are the numbers of the functions whose bodies they are, and `places` where these begin and end in the code.
    `attributes` are digests of which attributes some of these functions change or fill.
    """

    digest: str
    classes: int
    functions: Sequence[int]
    bodies: Sequence[str]
    places: Sequence[tuple[int, int]]
    attributes: dict[int, str] = field(default_factory=dict)

    def of_attributes(self, number: int, module: ModuleInfo) -> str:
        """Return the digest of which attributes the function of a body changes or fills; the module is that of the file."""
        if number not in self.attributes:
            function = list(module.functions.values())[self.functions[number]]
            sets = (function.assigned_attributes, written(function), changed_in_place(function), filled(function))
            self.attributes[number] = _digest(str([sorted(one) for one in sets]))
        return self.attributes[number]


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
    return Outline(_digest("".join(parts)), len(module.classes), functions, bodies, places)


def _apart(module: ModuleInfo) -> Iterator[Function]:
    """Yield the functions whose bodies are no part of the outline, in the order of the text."""
    text = module.raw.text
    names = variables(module)
    mentions = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b") if names else None
    for function in module.functions.values():
        node = function.node
        if function.outer is not None or _OPEN.search(text, node.header_end - 1, node.end):  # with the colon
            continue
        if mentions is not None and mentions.search(text, node.header_end, node.end):
            if any(True for _ in changed(module, node.suite)):
                continue
        yield function


def _digest(text: str) -> str:
    return digest_of(text.encode("utf-8", "surrogatepass"))
