"""From findings to a verdict per class, object or function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from scriptlint.diag import Diagnostic, Severity, Span
from scriptlint.engine.analysis import Analysis, Fate
from scriptlint.engine.pipeline import ModuleVerdict, Reason
from scriptlint.engine.registry import all_rules
from scriptlint.engine.settle import once
from scriptlint.instances.values import FunctionValue, Instance
from scriptlint.program.module import ModuleInfo
from scriptlint.text import SourceFile

Sources = Callable[[str], SourceFile]


def of_file(analysis: Analysis, module: ModuleInfo, sources: Sources) -> Iterator[ModuleVerdict]:
    """The verdict of every module class of a file."""
    for fate in analysis.fates(module):
        yield _verdict(fate, sources)


def of_target(analysis: Analysis, module: ModuleInfo, expression: str, target: str, sources: Sources) -> ModuleVerdict:
    """The verdict of what an expression makes in the scope of a file: an object, or a function by its name."""
    value = analysis.machine.evaluate_text(expression, module)
    if isinstance(value, (FunctionValue, Instance)) and (fate := analysis.value_fate(value)) is not None:
        return _verdict(fate, sources, target)
    name = expression.partition("(")[0]
    return _verdict(
        Fate(name, name, Span(module.path, 0, 0), [], [], (expression,), untraced=(expression,)), sources, target
    )


def _verdict(fate: Fate, sources: Sources, target: str | None = None) -> ModuleVerdict:
    rules = all_rules()
    blockers = [one for one in once(fate.script) if rules[one.code].severity is Severity.ERROR]
    # What torch warns of is listed though it does no harm: those who see the warning look for it here.
    hazards = [
        one for one in once(fate.trace) if one.severity != Severity.NOTE.value or rules[one.code].compiler is not None
    ]
    source = sources(fate.span.path)
    return ModuleVerdict(
        filename=fate.span.path,
        name=fate.name,
        qualified_name=fate.qualified_name,
        location=source.location(fate.span.start),
        end_location=source.location(fate.span.end),
        script_verdict=_script(blockers, fate),
        blockers=_reasons(blockers, sources),
        unseen=list(fate.unseen),
        trace_verdict=_trace([one for one in hazards if one.severity != Severity.NOTE.value], fate),
        hazards=_reasons(hazards, sources),
        untraced=list(fate.untraced),
        target=target,
    )


def _script(blockers: list[Diagnostic], fate: Fate) -> str:
    if any(one.when is None for one in blockers):
        return "blocked"
    if blockers:
        return "depends"
    return "unknown" if fate.unseen else "ok"


def _trace(hazards: list[Diagnostic], fate: Fate) -> str:
    if any(one.severity == Severity.ERROR.value for one in hazards):
        return "refused"
    if any(one.when is None for one in hazards):
        return "erases"
    if hazards:
        return "depends"
    return "unknown" if fate.untraced else "faithful"


def _reasons(findings: Iterable[Diagnostic], sources: Sources) -> list[Reason]:
    return [
        Reason(one.code, one.message, one.span.path, sources(one.span.path).location(one.span.start), one.when)
        for one in findings
    ]
