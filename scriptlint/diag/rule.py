"""What a rule is: an identity, a sentence, and what the real compiler says in the same case."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from string import Formatter


class Severity(str, enum.Enum):
    """How bad it is: refused (error), different or conditional (warning), worth knowing (note)."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Target(str, enum.Enum):
    """Whose trouble it is: torch.jit.script's, torch.jit.trace's, or that of the linter's user alone."""

    SCRIPT = "script"
    TRACE = "trace"
    TOOL = "tool"


class Fixable(str, enum.Enum):
    """Whether findings of a rule come with an edit."""

    NEVER = "never"
    SOMETIMES = "sometimes"
    ALWAYS = "always"


@dataclass(frozen=True)
class Rule:
    """One thing that scriptlint knows.

    `code` never changes once published; `name` reads well after the word "allow"; `message` is a template over the
    facts that `report` is given; `help` (a template too) says what to write instead; `compiler` is a regular expression
    that matches the real compiler's (or tracer's) words in the same case, None where it says nothing; `since` is the
    first version of scriptlint with the rule.
    """

    code: str
    name: str
    severity: Severity
    target: Target
    message: str
    help: str = ""
    compiler: str | None = None
    fixable: Fixable = Fixable.NEVER
    since: str = "0.1.0"
    facts: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fields = {name for text in (self.message, self.help) for _, name, _, _ in Formatter().parse(text) if name}
        object.__setattr__(self, "facts", frozenset(fields))
