"""For those who write a pack: rules of their own and facts about their own packages. `docs/packs.md` does it step by step.

The names in `__all__` and their fields stay as they are within a major version; fields may be added.
"""

from __future__ import annotations

from scriptlint.diag import Rule, Severity, Target
from scriptlint.engine.pack import Check, CompiledFunction, Pack, Problem

__all__ = ["Check", "CompiledFunction", "Pack", "Problem", "Rule", "Severity", "Target"]
