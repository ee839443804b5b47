"""What following one root may cost, in steps: programs can be written whose calls double with every line."""

from __future__ import annotations

_STEPS = 300_000
_NESTED = 8_000


class Budget:
    """Counts the statements and expressions that are executed, and how deeply they are nested.

    Where it is spent nothing more is known, so nothing more is reported, and `reason` says so.
    """

    __slots__ = ("_nested", "_steps")

    def __init__(self) -> None:
        self._steps = 0
        self._nested = 0

    def enter(self) -> bool:
        """Begin a statement or an expression; False where it must not be executed."""
        if self._steps >= _STEPS or self._nested >= _NESTED:
            return False
        self._steps += 1
        self._nested += 1
        return True

    def leave(self) -> None:
        """End what `enter` began."""
        self._nested -= 1

    @property
    def reason(self) -> str:
        """What a verdict says about what was not executed."""
        if self._steps >= _STEPS:
            return f"more than {_STEPS:,} steps of its code"
        return f"code that is nested more than {_NESTED:,} levels deep"
