"""What every format says of a finding in one sentence."""

from __future__ import annotations

from scriptlint.diag import Diagnostic
from scriptlint.engine.paths import printable


def sentence(finding: Diagnostic) -> str:
    """Return the message and the condition under which it holds, on one line."""
    when = f" (when {finding.when})" if finding.when is not None else ""
    return printable(finding.message + when)
