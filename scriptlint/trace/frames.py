"""Activations of functions while a trace is made."""

from __future__ import annotations

from msgspec import Struct, field

from scriptlint.diag import Step
from scriptlint.evaluate.frames import condition_text
from scriptlint.evaluate.values import Instance
from scriptlint.fixes.decorators import scripted_when_traced
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import Place
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import statements
from scriptlint.text import Fix
from scriptlint.trace.values import Kind, Traced


class Frame(Struct, eq=False):
    """One activation: where the code stands, its object, its variables, and the frame around a nested function.

    `root` marks the traced function itself, `top` one of whose arguments nothing is known. `depth` counts the blocks
    without gradients around a statement. `breaks` are the variables at each `break`, for each loop around a statement.
    """

    place: Place
    instance: Instance | None = None
    outer: Frame | None = None
    variables: dict[str, Traced] = field(default_factory=dict)
    returns: list[Traced] = field(default_factory=list)
    yields: list[Traced] = field(default_factory=list)
    breaks: list[list[dict[str, Traced]]] = field(default_factory=list)
    top: bool = False
    root: bool = False
    depth: int = 0

    @property
    def module(self) -> ModuleInfo:
        return self.place if isinstance(self.place, ModuleInfo) else self.place.module

    @property
    def function(self) -> Function | None:
        return self.place if isinstance(self.place, Function) else None

    def text(self, node: n.Node) -> str:
        """Return the source of a node on one line, as messages quote it."""
        return condition_text(self.module.text(node))

    def variable(self, name: str) -> Traced | None:
        """Return the value of a variable here or in the functions around."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.variables:
                return frame.variables[name]
            frame = frame.outer
        return None

    def rebind(self, name: str, value: Traced) -> None:
        """Give a variable another value where it is: here or in the functions around."""
        current: Frame | None = self
        while current is not None and name not in current.variables:
            current = current.outer
        (current or self).variables[name] = value


def fills(frame: Frame, container: n.Expr) -> bool:
    """Return True if the function that runs here puts items into a container: a cache of its own."""
    text = frame.text(container)
    body = frame.function.node.body if frame.function is not None else []
    stored = [target for one in statements(body) if isinstance(one, n.Assign) for target in one.targets]
    return any(isinstance(one, n.Subscript) and frame.text(one.value) == text for one in stored)


def step(frame: Frame, node: n.Call) -> Step:
    """Return the link of a trail that a call is."""
    name = frame.place.qualname if isinstance(frame.place, (Function, Class)) else frame.module.name
    return Step(f"`{name}` calls `{frame.text(node.func)}`", frame.module.span(node.func))


def scripted(frame: Frame) -> Fix | None:
    """Let the compiler take the helper that runs here, if all that it is given are tensors."""
    if frame.root or frame.function is None:
        return None
    given = [frame.variables.get(one.name) for one in frame.function.node.args.all()]
    if any(one is None or one.kind is not Kind.TENSOR for one in given):
        return None
    return scripted_when_traced(frame.function)
