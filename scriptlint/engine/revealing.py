"""The types that the compiler gives to the expressions of a file: what an editor shows of a place in a compiled function."""

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
    from scriptlint.script.infer.unit import Unit
    from scriptlint.script.infer.values import Value
    from scriptlint.syntax import nodes as n

_ASSUMED = "Tensor: no annotation, so assumed"


class Revealed(NamedTuple):
    """A range of a file and the types of what stands there: several where a function is compiled several times."""

    start: int
    end: int
    types: list[str]


def revealed(
    path: str, settings: Settings, overlay: Mapping[str, bytes], memory: Memory | None = None
) -> list[Revealed]:
    """Return what has a type in a file; nothing of code that is not compiled, or whose type is not known."""
    from scriptlint.engine.parts import Callers
    from scriptlint.engine.rooted import Rooted
    from scriptlint.engine.unrooted import Unrooted
    from scriptlint.script.infer.values import Typed
    from scriptlint.syntax import nodes as n

    session = pipeline.session([path], settings, cache=False, jobs=1, overlay=dict(overlay), memory=memory)
    found: dict[tuple[int, int], dict[str, None]] = {}

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
        with_room(lambda: rooted.run(module))
        others = Unrooted(of.project, of.library, of.target)
        others.judge.compiler.observer = note
        with_room(lambda: others.run(module, rooted.rooted if of.target == "auto" else (), counts=False))
    return [Revealed(*place, list(types)) for place, types in sorted(found.items())]
