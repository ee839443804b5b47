"""The report as JSON, whose keys only ever grow."""

from __future__ import annotations

from scriptlint.confirm.report import Report
from scriptlint.confirm.verdict import Outcome
from scriptlint.engine.paths import shown
from scriptlint.output.json_format import encode, one
from scriptlint.output.places import Places


def as_json(report: Report) -> str:
    """Return the findings as `check` gives them, and every object with what became of it."""
    places = Places(report.source)
    return encode(
        {
            "version": 1,
            "torch": report.torch,
            "findings": [one(finding, places) for finding in report.findings],
            "modules": [_outcome(outcome, places) for outcome in report.outcomes],
            "problems": report.problems,
            "reports": report.reports,
        }
    )


def _outcome(outcome: Outcome, places: Places) -> dict[str, object]:
    answer = outcome.answer
    rounds = answer.get("rounds") or []
    first = rounds[0] if rounds else {}
    refusal = first.get("refusal")
    trace = answer.get("trace") or {}
    built = answer.get("built") or {}
    return {
        "target": outcome.job.target,
        "filename": shown(outcome.job.filename),
        "arguments": outcome.job.origin,
        "inputs": built.get("inputs"),
        "guessed": built.get("guessed", []),
        "skipped": outcome.skipped,
        "static": outcome.static,
        "script": {
            "verdict": outcome.script,
            "message": refusal["message"] if refusal else None,
            "error": refusal["error"] if refusal else None,
            "save": answer.get("save"),
            "run": answer.get("run"),
            "units": rounds[-1]["units"] if rounds else [],
        },
        "trace": {
            "verdict": outcome.trace,
            "warnings": trace.get("warnings", []),
            "divergences": trace.get("divergences", []),
            "refusal": trace.get("refusal"),
        },
        "findings": [one(finding, places) for finding in outcome.findings],
        "disagreements": outcome.disagreements,
        "notes": outcome.notes,
        "output": answer.get("output", ""),
        "seconds": round(float(answer.get("seconds", 0.0)), 3),
    }
