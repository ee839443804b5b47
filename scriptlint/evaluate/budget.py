"""What following code may cost, in steps: programs can be written whose calls double with every line."""

from __future__ import annotations

STEPS = 150_000
"""Statements and expressions; the largest models of public libraries take less than a tenth."""

NESTED = 6_000
"""How deep these may be within each other, those of callees counted; the tree of a file may be half as deep."""

_FEW = 1_000  # steps of a function that is asked about by itself


class Spent(Exception):
    """A budget is spent; its text is what a verdict says of what was not followed."""


class Budget:
    """Counts the statements and expressions that are followed, and how deeply they are nested.

    Where it is spent nothing more is known, so nothing more is reported.
    """

    __slots__ = ("nested", "steps")

    def __init__(self) -> None:
        self.steps = 0
        self.nested = 0

    def enter(self) -> bool:
        """Begin a statement or an expression; False where it must not be followed."""
        if self.steps >= STEPS or self.nested >= NESTED:
            return False
        self.steps += 1
        self.nested += 1
        return True

    def step(self) -> None:
        """The same, where there is nothing to go on with; raises Spent."""
        if not self.enter():
            raise Spent(self.reason)

    def leave(self) -> None:
        """End what `enter` began."""
        self.nested -= 1

    def is_leaf(self, before: int) -> bool:
        """Return True if so few steps were taken since there had been `before` that another few would change nothing else."""
        return self.steps - before <= _FEW and not self.is_tight

    @property
    def is_tight(self) -> bool:
        """True if more steps somewhere may lead to less being followed elsewhere."""
        return self.steps > STEPS // 2 or self.nested > NESTED // 2

    @property
    def is_spent(self) -> bool:
        """True if nothing more is followed."""
        return self.steps >= STEPS

    @property
    def reason(self) -> str:
        """What a verdict says about what was not followed."""
        return f"code of more than {STEPS:,} steps" if self.is_spent else "code that is nested too deeply"
