"""What the compiler and a trace make of the expressions of a file: what an editor shows of a place in such a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from scriptlint.engine import pipeline
from scriptlint.syntax.room import with_room
from scriptlint.types.model import INFERRED_TENSOR, has_unknown
from scriptlint.types.show import plain, show

if TYPE_CHECKING:
    from scriptlint.engine.memory import Memory
    from scriptlint.engine.settings import Settings
    from scriptlint.program.module import ModuleInfo
    from scriptlint.script.infer.unit import Unit
    from scriptlint.script.infer.values import Value
    from scriptlint.syntax import nodes as n
    from scriptlint.trace.values import Traced

_ASSUMED = "Tensor: no annotation, so assumed"


class Revealed(NamedTuple):
    """A range of a file and the types of what stands there: several where a function is compiled several times.

    `traced` says what a trace keeps of it, where that is less than what it follows.
    """

    start: int
    end: int
    types: list[str]
    traced: list[str]


def revealed(
    path: str, settings: Settings, overlay: Mapping[str, bytes], memory: Memory | None = None
) -> list[Revealed]:
    """Return what has a type in a file or is frozen by a trace; nothing of code that neither reaches."""
    from scriptlint.engine.parts import Callers
    from scriptlint.engine.rooted import Rooted
    from scriptlint.engine.unrooted import Unrooted
    from scriptlint.script.infer.values import Typed
    from scriptlint.syntax import nodes as n
    from scriptlint.trace.values import Kind

    session = pipeline.session([path], settings, cache=False, jobs=1, overlay=dict(overlay), memory=memory)
    found: dict[tuple[int, int], dict[str, None]] = {}
    traced: dict[tuple[int, int], dict[str, None]] = {}

    def note_traced(module: ModuleInfo, node: n.Expr, value: Traced) -> None:
        text = None
        if value.kind is Kind.BAKED and value.why is not None:
            text = f"frozen at the example's value: made from {value.why.value}"
        elif value.kind is Kind.TENSOR and value.sure and value.constant:
            text = "the same tensor for every input"
        if text is not None and module.path == path:
            traced.setdefault((node.start, node.end), {})[text] = None

    def note(unit: Unit, node: n.Node, value: Value) -> None:
        if unit.module.path != path or not isinstance(value, Typed) or has_unknown(value.type):
            return
        end = node.start + len(node.name) if isinstance(node, n.Parameter) else node.end
        text = _ASSUMED if value.type is INFERRED_TENSOR else plain(show(value.type))
        found.setdefault((node.start, end), {})[text] = None

    module, of = session.modules.get(path), session.analysis
    if module is not None:
        rooted = Rooted(of.project, of.library, of.target, Callers(of.project, [path]))
        rooted.judge.compiler.observer = note
        rooted.summaries.observer = note_traced
        with_room(lambda: rooted.run(module))
        others = Unrooted(of.project, of.library, of.target)
        others.judge.compiler.observer = note
        others.summaries.observer = note_traced
        with_room(lambda: others.run(module, rooted.rooted if of.target == "auto" else (), counts=False))
    return [Revealed(*place, [*found.get(place, ())], [*traced.get(place, ())]) for place in sorted(found | traced)]
