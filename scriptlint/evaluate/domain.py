"""What an evaluator asks of those who know what is not Python: torch, NumPy, packages that are not followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame, Raised
from scriptlint.evaluate.values import Compiled, Instance, Items, Mapping, Value
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


class Domain(Protocol):
    """Answers for values that Python's own rules do not cover, and is told what happens to them."""

    def external(self, name: str) -> External:
        """Return a class of a package that is not followed."""

    def constant(self, ev: Evaluator, name: str) -> Value:
        """Return the value of a dotted name of a package that is not followed."""

    def has_member(self, ev: Evaluator, name: str, attribute: str) -> bool | None:
        """Return whether something of such a package has an attribute; None where that is not known."""

    def is_missing(self, ev: Evaluator, node: n.Import | n.ImportFrom, alias: n.Alias, frame: Frame) -> bool:
        """Return True if an import finds nothing."""

    def initialise(self, ev: Evaluator, instance: Instance, name: str, given: Arguments) -> None:
        """Run the constructor of such a class on an object of a class that derives from it."""

    def call(self, ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
        """Return what a function or class of such a package returns."""

    def call_method(
        self, ev: Evaluator, receiver: Value, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
    ) -> Value:
        """Return what a method returns that is not Python's own; `name` is its dotted name."""

    def call_object(
        self,
        ev: Evaluator,
        callee: Instance | Compiled,
        given: Arguments,
        node: n.Node | None,
        frame: Frame | None,
    ) -> Value:
        """Return what calling an object returns."""

    def attribute(self, ev: Evaluator, owner: Value, name: str) -> Value:
        """Return an attribute of an object that is not of a class of the project."""

    def inherited(self, ev: Evaluator, owner: Instance, base: str, name: str) -> Value:
        """Return an attribute that an object has from a base outside of the project."""

    def has_attribute(self, ev: Evaluator, owner: Instance, name: str) -> bool | None:
        """Return whether an object of such a class has an attribute; None where that is not known."""

    def iterate(self, ev: Evaluator, value: Value) -> Items | None:
        """Return what iterating over such a value gives; None where that is not known."""

    def as_mapping(self, ev: Evaluator, value: Instance) -> Mapping | None:
        """Return the dictionary that an object is; None where it is none."""

    def contains(self, ev: Evaluator, key: Value, container: Instance) -> bool | None:
        """Return whether an object contains a key; None where that is not known."""

    def item(self, ev: Evaluator, owner: Value, key: Value, node: n.Subscript, frame: Frame) -> Value:
        """Return `owner[key]`."""

    def part(self, ev: Evaluator, owner: Value, bounds: slice) -> Value | None:
        """Return a slice of a value; None where that is not known."""

    def store_item(
        self, ev: Evaluator, owner: Value, key: Value, value: Value, target: n.Subscript, frame: Frame
    ) -> None:
        """Evaluate `owner[key] = value`."""

    def delete_item(self, ev: Evaluator, owner: Value, key: Value) -> None:
        """Evaluate `del owner[key]`."""

    def store_attribute(
        self, ev: Evaluator, owner: Value, name: str, value: Value, node: n.Node | None, frame: Frame | None
    ) -> None:
        """Evaluate `owner.name = value` of something that is no object of the project."""

    def on_change(self, ev: Evaluator, owner: Value | None) -> None:
        """Hear that an object, a class or a container is about to be changed; None stands for a file's variables."""

    def on_read(
        self, ev: Evaluator, owner: Value, name: str, value: Value | None, node: n.Node | None, frame: Frame | None
    ) -> None:
        """Hear of an attribute that has been read.

        `value` is None where the code only asks whether there is one.
        """

    def leads(self, node: n.If, frame: Frame) -> bool:
        """Return True if a statement may hold what the paths through the code are followed for."""

    def on_loop(self, ev: Evaluator, node: n.For, frame: Frame) -> None:
        """Hear of a loop that begins."""

    def on_definition(
        self, ev: Evaluator, plain: Value, decorated: Value, node: n.FunctionDef | n.ClassDef, frame: Frame
    ) -> Value:
        """Return what a definition is worth: `decorated`, or what torch.jit makes of it."""

    def swallows(self, ev: Evaluator, manager: Instance, error: Raised) -> bool:
        """Return True if a context manager of a package keeps an exception to itself."""
