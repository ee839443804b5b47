"""SARIF 2.1.0, which code hosts read: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from scriptlint.diag import Diagnostic, Rule, Span, pages
from scriptlint.output.identity import Identity, identities
from scriptlint.output.json_format import encode
from scriptlint.output.places import Places
from scriptlint.output.words import sentence
from scriptlint.text import Fix
from scriptlint.version import __version__

_LEVEL = {"error": "error", "warning": "warning", "note": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(findings: Iterable[Diagnostic], places: Places, known: Sequence[Diagnostic] | None = None) -> str:
    """Return one run as SARIF; paths are relative to the working folder where they lie below it.

    `known` are the findings of a baseline, None where there is none: all are in the report then, with what is new.
    """
    from scriptlint.engine.registry import all_rules

    states = {} if known is None else {**dict.fromkeys(findings, "new"), **dict.fromkeys(known, "unchanged")}
    findings = sorted([*findings, *(known or ())], key=lambda one: one.span)
    declared = all_rules()
    codes = sorted({one.code for one in findings})
    driver = {"name": "scriptlint", "version": __version__, "rules": [_rule(declared[code]) for code in codes]}
    if pages.site() is not None:
        driver["informationUri"] = f"{pages.site()}/"
    results = [
        {**_result(one, codes.index(one.code), identity, places), **_state(states.get(one))}
        for one, identity in zip(findings, identities(findings, places), strict=True)
    ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"uri": Path.cwd().as_uri() + "/"}},
        "results": results,
    }
    return encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, object]:
    """Return a rule with its page, which hosts show beside a finding."""
    page = pages.read(rule.code)
    about = rule.name.replace("-", " ")
    help_text = page or f"scriptlint explain {rule.code}"
    described: dict[str, object] = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": about},
        "fullDescription": {"text": (page and pages.summary(page)) or about},
        "help": {"text": help_text, "markdown": help_text},
        "defaultConfiguration": {"level": _LEVEL[rule.severity.value]},
        "properties": {"tags": ["pytorch", rule.target.value]},
    }
    address = pages.published(rule.code)
    return described if address is None else {**described, "helpUri": address}


def _state(state: str | None) -> dict[str, str]:
    return {} if state is None else {"baselineState": state}


def _result(finding: Diagnostic, index: int, identity: Identity, places: Places) -> dict[str, object]:
    place = _location(finding.span, places)
    if identity.definition:
        place["logicalLocations"] = [{"fullyQualifiedName": identity.definition}]
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVEL[finding.severity],
        "message": {"text": sentence(finding)},
        "locations": [place],
        "partialFingerprints": {"scriptlint/v1": identity.fingerprint},
    }
    if finding.labels:
        result["relatedLocations"] = [
            {**_location(label.span, places), "message": {"text": label.text}} for label in finding.labels
        ]
    if finding.trail:
        steps = [
            {"location": {**_location(step.span, places), "message": {"text": step.message}}} for step in finding.trail
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.fix is not None:
        result["fixes"] = [_fix(finding.fix, places)]
    if finding.confirmation is not None:
        result["properties"] = {"confirmed": finding.confirmation.verdict, "torch": finding.confirmation.words}
    return result


def _fix(fix: Fix, places: Places) -> dict[str, object]:
    replacements = [
        {"deletedRegion": _region(Span(fix.path, one.start, one.end), places), "insertedContent": {"text": one.text}}
        for one in fix.all_edits
    ]
    change = {"artifactLocation": _artifact(fix.path), "replacements": replacements}
    return {"description": {"text": f"{fix.title} ({fix.safety})"}, "artifactChanges": [change]}


def _location(span: Span, places: Places) -> dict[str, object]:
    return {"physicalLocation": {"artifactLocation": _artifact(span.path), "region": _region(span, places)}}


def _region(span: Span, places: Places) -> dict[str, int]:
    start, end = places.start(span), places.end(span)
    return {"startLine": start.row, "startColumn": start.column, "endLine": end.row, "endColumn": end.column}


def _artifact(path: str) -> dict[str, str]:
    here = os.getcwd()
    if os.path.commonpath([here, path]) != here:
        return {"uri": Path(path).as_uri()}
    uri = Path(path).as_uri().removeprefix(Path(here).as_uri()).lstrip("/")
    return {"uri": uri, "uriBaseId": "ROOT"}
