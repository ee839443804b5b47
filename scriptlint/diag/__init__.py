"""Diagnostics: what is said, and the one door through which it is said.

A `Rule` is a constant in the module that makes the judgement; it holds the sentence. The judgement passes *facts*
(`name="x"`, `found="int"`) through `Report.report`, and nothing else. The page of a rule, for people, is a Markdown
file in `rules/` that carries the rule's code in its name; `pages` finds it.
"""

from scriptlint.diag.diagnostic import Confirmation, Diagnostic, Label, Span, Step
from scriptlint.diag.report import Report
from scriptlint.diag.rule import Fixable, Rule, Severity, Target

__all__ = ["Confirmation", "Diagnostic", "Fixable", "Label", "Report", "Rule", "Severity", "Span", "Step", "Target"]
