"""Calls of what was traced: a trace takes the arguments that its example had, no more and no less (trace-hazards.md 2.4)."""

from __future__ import annotations

from scriptlint.diag import Label, Report, Severity
from scriptlint.evaluate.values import Compiled, FunctionValue, Instance, Items, Mapping, TensorValue, Value
from scriptlint.instances.machine import Machine
from scriptlint.instances.roots import Compilation, Observed
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.syntax import nodes as n
from scriptlint.trace import entry
from scriptlint.trace.hazards import hazard

OTHER_ARGUMENTS = hazard(
    "SL889",
    "traced-call-arguments",
    "`{text}` does not give the trace the arguments of its example, which are `{taken}`",
    "trace with an example for every argument that is given, and give all of them",
    "expected at most|is missing value for argument|Unknown keyword argument",
    Severity.ERROR,
)


def check_call(machine: Machine, one: Observed, report: Report) -> None:
    """Report the call of a traced object with other arguments than its example had."""
    called = one.arguments[0] if one.name == "()" and one.arguments else None
    if not isinstance(called, Compiled) or called.how != "trace":
        return
    roots = [root for root in machine.compilations if root.module.span(root.call) == called.site]
    names = _parameters(machine, called.inner)
    if names is None or not roots or any(root.by != "torch.jit.trace" for root in roots):
        return
    root, taken = roots[0], _taken(roots[0], names)
    if taken is None or any(_taken(other, names) != taken for other in roots[1:]):
        return  # the trace is another for each caller, and so is what it is given
    count = len(one.arguments) - 1
    given = {*taken[:count], *one.keywords}
    if count <= len(taken) and given == set(taken) and not set(taken[:count]) & set(one.keywords):
        return
    span, text = one.module.span(one.call), one.module.text(one.call)
    labels = [Label(called.site, "traced here")]
    report.report(OTHER_ARGUMENTS, span, labels=labels, text=" ".join(text.split()), taken="`, `".join(taken))
    omitted = [
        name for index, name in enumerate(names) if (index < count or name in one.keywords) and name not in taken
    ]
    if omitted and isinstance(root.call, n.Call):
        report.report(entry.DEFAULTED_ARGUMENT, root.module.span(root.call.func), name=omitted[0])


def _parameters(machine: Machine, value: Value) -> list[str] | None:
    """Return the names of the parameters of what was traced, None if there may be more."""
    function: Function | None = None
    bound = False
    if isinstance(value, Instance) and isinstance(value.cls, Class):
        function, bound = machine.classes.method(value.cls, "forward"), True
    elif isinstance(value, FunctionValue):
        function, bound = value.function, value.bound is not None
    if function is None or function.node.args.vararg is not None or function.node.args.kwarg is not None:
        return None
    marks = decoration(function, machine.project)
    if not marks.transparent or marks.kind is Kind.STATIC:
        return None
    arguments = function.node.args
    return [one.name for one in (*arguments.posonly, *arguments.args, *arguments.kwonly)][int(bound) :]


def _taken(root: Compilation, names: list[str]) -> list[str] | None:
    """Return the names of the arguments that the example has, None if they are not known."""
    named = root.keywords.get("example_kwarg_inputs")
    if named is not None:
        if not isinstance(named, Mapping) or not named.exact or root.examples:
            return None
        return [name for name in names if name in named.items]
    given = root.examples[0] if root.examples else root.keywords.get("example_inputs")
    if isinstance(given, TensorValue):
        return names[:1]
    if isinstance(given, Items) and given.kind == "tuple" and given.exact and len(given.items) <= len(names):
        return names[: len(given.items)]
    return None
