"""How the rules of this package are declared: what the compiler refuses is an error, and it is script's trouble."""

from __future__ import annotations

from functools import partial

from scriptlint.diag import Rule, Severity, Target

refusal = partial(Rule, severity=Severity.ERROR, target=Target.SCRIPT)
