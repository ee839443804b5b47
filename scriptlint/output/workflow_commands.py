"""Lines that a CI service finds in its log and shows beside the code: GitHub Actions and Azure Pipelines.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands and
https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands say how they are escaped.
"""

from __future__ import annotations

from collections.abc import Sequence

from scriptlint.diag import Diagnostic
from scriptlint.engine.paths import shown
from scriptlint.output.places import Places
from scriptlint.output.words import sentence

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def github(findings: Sequence[Diagnostic], places: Places) -> str:
    """Return one annotation for each finding."""
    return "\n".join(_github(one, places) for one in findings)


def _github(finding: Diagnostic, places: Places) -> str:
    start, end = places.start(finding.span), places.end(finding.span)
    properties = {
        "title": f"{finding.code} {finding.name}",
        "file": shown(finding.span.path),
        "line": str(start.row),
        "endLine": str(end.row),
        "col": str(start.column),
        "endColumn": str(end.column),
    }
    if start.row != end.row:  # GitHub takes columns only within one line
        del properties["col"], properties["endColumn"]
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_LEVELS[finding.severity]} {named}::{_data(f'{places.text(finding.span)}: {finding.code} {sentence(finding)}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def azure(findings: Sequence[Diagnostic], places: Places) -> str:
    """Return one issue of the build for each finding; Azure knows errors and warnings."""
    return "\n".join(_azure(one, places) for one in findings)


def _azure(finding: Diagnostic, places: Places) -> str:
    start = places.start(finding.span)
    properties = {
        "type": "error" if finding.severity == "error" else "warning",
        "sourcepath": shown(finding.span.path),
        "linenumber": str(start.row),
        "columnnumber": str(start.column),
        "code": finding.code,
    }
    named = "".join(f"{name}={_azure_property(value)};" for name, value in properties.items())
    return f"##vso[task.logissue {named}]{_azure_data(sentence(finding))}"


def _azure_data(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _azure_property(text: str) -> str:
    return _azure_data(text).replace(";", "%3B").replace("]", "%5D")
