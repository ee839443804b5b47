"""From findings to a verdict per class, object or function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from scriptlint.diag import Diagnostic, Severity, Span
from scriptlint.engine.fates import Fate, has_error, joined_fates
from scriptlint.engine.outcomes import script_verdict, trace_verdict
from scriptlint.engine.pipeline import ModuleVerdict, Reason
from scriptlint.engine.questions import Questions
from scriptlint.engine.registry import all_rules
from scriptlint.engine.settle import once
from scriptlint.evaluate.values import ClassValue, FunctionValue, Instance, Unknown, Value
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import dotted
from scriptlint.text import SourceFile

Sources = Callable[[str], SourceFile]


class TargetError(ValueError):
    """Why an expression names nothing in its file, in one clause."""


def of_file(analysis: Questions, module: ModuleInfo, sources: Sources) -> Iterator[ModuleVerdict]:
    """Yield the verdict of every module class of a file."""
    for fate in analysis.fates(module):
        yield _verdict(fate, sources)


def of_target(analysis: Questions, module: ModuleInfo, expression: str, target: str, sources: Sources) -> ModuleVerdict:
    """Return the verdict of what an expression makes in the scope of a file: an object, or a class or function by its name.

    Raises TargetError where the text is no expression, or begins with a name that the file does not have.
    """
    from scriptlint.syntax.parse import SyntaxFailure, parse_expression  # libcst is needed for this alone

    try:
        node = parse_expression(expression)
    except SyntaxFailure as failure:
        raise TargetError(f"`{expression}` cannot be evaluated: {failure.reason}") from None
    name = _named(node, expression, module)
    fates, conditions, failures = [], [], []
    for one in analysis.possible_values(node, expression, module):
        fate = _fate(analysis, one.value) or _unseen(one.value, name, expression, module)
        if one.failure is None:
            fates.append(replace(fate, assumed=(*one.assumed, *fate.assumed)))
            conditions.append(one.conditions)
        else:
            failures.append((fate, one.failure))
    fates += [_of_failure(fate, failure, fates) for fate, failure in failures]
    conditions += [()] * len(failures)
    return _verdict(joined_fates(fates, conditions), sources, target)


def _of_failure(fate: Fate, failure: str, others: Sequence[Fate]) -> Fate:
    """Return the fate of a path that makes no object, where `others` are those of the objects that are made.

    If all of these are good, so is what the user builds: on the path that failed there is nothing to judge. If not, it is left
    open whether the path failed because something was not seen.
    """
    compiles = not any(has_error(one.script) or one.unseen for one in others)
    traces = not any(one.trace or one.untraced for one in others)
    return replace(
        fate,
        unseen=() if compiles else fate.unseen,
        untraced=() if traces else fate.untraced,
        assumed=(f"no {failure}",),
    )


def _fate(analysis: Questions, value: Value) -> Fate | None:
    if isinstance(value, ClassValue) and analysis.classes.is_module(value.symbol):
        return analysis.guarded_fate(value.symbol)
    return analysis.value_fate(value) if isinstance(value, (ClassValue, FunctionValue, Instance)) else None


def _unseen(value: Value, name: str, expression: str, module: ModuleInfo) -> Fate:
    """Return the fate of a value of which nothing is known, with the reason."""
    reason = value.reason if isinstance(value, Unknown) and value.reason else f"`{expression}`"
    return Fate(name, name, Span(module.path, 0, 0), [], [], (reason,), untraced=(reason,))


def _named(node: n.Expr, expression: str, module: ModuleInfo) -> str:
    """Return what is called or named, as it is written; raises TargetError where the file does not have it."""
    while isinstance(node, n.Call):
        node = node.func
    name = dotted(node) or expression
    first = name.partition(".")[0]
    if first.isidentifier() and first not in module.scope.bindings and not module.scope.is_open:
        raise TargetError(f"there is no `{first}` in this file")
    return name


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
        location=source.place(fate.span.start),
        end_location=source.place(fate.span.end),
        script_verdict=script_verdict(blockers, fate.unseen, is_refused=fate.is_refused),
        blockers=_reasons(blockers, sources),
        unseen=list(dict.fromkeys(fate.unseen)),
        trace_verdict=trace_verdict(hazards, fate.untraced, is_refused=fate.is_refused_by_trace),
        hazards=_reasons(hazards, sources),
        untraced=list(dict.fromkeys(fate.untraced)),
        assuming=list(dict.fromkeys(fate.assumed)),
        target=target,
    )


def _reasons(findings: Iterable[Diagnostic], sources: Sources) -> list[Reason]:
    return [
        Reason(one.code, one.message, one.span.path, sources(one.span.path).place(one.span.start), one.when)
        for one in findings
    ]
