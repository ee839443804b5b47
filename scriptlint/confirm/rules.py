"""What torch did and scriptlint did not foresee; said where the compiler says it."""

from scriptlint.diag import Rule, Severity, Target

UNFORESEEN_REFUSAL = Rule(
    code="SL906",
    name="unforeseen-refusal",
    severity=Severity.ERROR,
    target=Target.TOOL,
    message="{compiler} refuses this, which scriptlint did not foresee: {words}",
    help="a report of this makes scriptlint better: the file, or the part of it that does this, is all it takes",
)

UNFORESEEN_DIFFERENCE = Rule(
    code="SL907",
    name="unforeseen-difference",
    severity=Severity.WARNING,
    target=Target.TOOL,
    message="what {compiler} makes of this is not the same, which scriptlint did not foresee: {words}",
    help="a report of this makes scriptlint better: the file, or the part of it that does this, is all it takes",
)
