"""Where every libcst node stands in the text.

libcst nodes carry no positions; they exist only while code is generated. Its own `PositionProvider` costs 2 parses,
this pass 0.4: a `CodegenState` that generates nothing and counts characters in one integer. It leans on private names
of libcst (`_codegen`, `record_syntactic_position`), so `tests/syntax/test_spans.py` holds it against the official
provider and libcst is pinned to a tested range.
"""

from __future__ import annotations

from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState


class SpanState(CodegenState):
    """Counts while libcst generates; `spans` maps the id of each node to its half-open range of offsets.

    It is its own context manager for `record_syntactic_position`: the frames live on one stack, so that nothing is
    allocated per node but the range itself.
    """

    __slots__ = ("_frames", "_last", "_starts", "at", "spans")

    def __init__(self, module: cst.Module) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.at = 0
        self.spans: dict[int, tuple[int, int]] = {}
        self._last = 0
        self._starts: list[int] = []
        self._frames: list[tuple[Any, int, Any, Any]] = []

    def add_token(self, value: str) -> None:
        self._last = len(value)
        self.at += self._last

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.at += len(token)

    def pop_trailing_newline(self) -> None:
        self.at -= self._last

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._starts.append(self.at)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._starts.pop()
        key = id(node)
        if key not in self.spans:  # the syntactic range, without the whitespace a node owns, was there first
            self.spans[key] = (start, self.at)

    def record_syntactic_position(  # type: ignore[override]  # any context manager does
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> SpanState:
        self._frames.append((node, self.at, start_node, end_node))
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        node, start, start_node, end_node = self._frames.pop()
        end = self.at
        if start_node is not None:
            start = self.spans[id(start_node)][0]
        if end_node is not None:
            end = self.spans[id(end_node)][1]
        self.spans[id(node)] = (start, end)


def measure(module: cst.Module) -> SpanState:
    """Count the ranges of all nodes of `module`; `at` of the result is the length of its code."""
    state = SpanState(module)
    module._codegen(state)
    return state
