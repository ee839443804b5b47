"""JUnit's XML, which most CI services show as failed tests: a suite for each file, a failed case for each finding."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scriptlint.diag import Diagnostic
from scriptlint.engine.paths import printable, shown
from scriptlint.output.places import Places
from scriptlint.output.words import sentence


def junit(findings: Sequence[Diagnostic], places: Places) -> str:
    """Return the findings as one document; where nothing was found, a case that passed says so."""
    count = str(len(findings))
    root = Element("testsuites", name="scriptlint", tests=count if findings else "1", failures=count, errors="0")
    if not findings:
        suite = SubElement(root, "testsuite", name="scriptlint", tests="1", failures="0", errors="0", skipped="0")
        SubElement(suite, "testcase", name="No findings", classname="scriptlint")
    for path, group in groupby(findings, key=lambda one: printable(shown(one.span.path))):
        of_file = list(group)
        size = str(len(of_file))
        suite = SubElement(root, "testsuite", name=path, tests=size, failures=size, errors="0", skipped="0")
        for one in of_file:
            start = places.start(one.span)
            case = SubElement(
                suite,
                "testcase",
                name=f"{one.code} {one.name}",
                classname=path.removesuffix(".py"),
                line=str(start.row),
                column=str(start.column),
            )
            failure = SubElement(case, "failure", message=sentence(one), type=one.severity)
            failure.text = f"line {start.row}, column {start.column}: {sentence(one)}"
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")
