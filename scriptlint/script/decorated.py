"""The decorators that speak to the compiler: missing, without effect, or silently dropped (compile-errors.md section 2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from scriptlint.diag import Fixable, Label, Report, Rule, Severity, Span, Step, Target
from scriptlint.evaluate.values import Compiled, Instance
from scriptlint.fixes.decorators import decorated, kept_out, moved_to_forward, without_decorator
from scriptlint.instances.roots import Observed
from scriptlint.program.classes import Classes
from scriptlint.program.decorators import Decorator, Effect, Kind, decoration, overloads
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Project
from scriptlint.script import declarations
from scriptlint.script.infer.wrapped import AUTOCASTS, COMPILERS, GRAD_MODES, PROFILERS
from scriptlint.script.judge import Judge
from scriptlint.script.reach import Unit
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Safety

MISSING_EXPORT = Rule(
    code="SL201",
    name="missing-export",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="the scripted `{cls}` has no `{name}`: nothing that is compiled calls it, and nothing exports it",
    help="decorate the method with `@torch.jit.export`",
    compiler="object has no attribute",
    fixable=Fixable.SOMETIMES,
)

IDLE_EXPORT = Rule(
    code="SL202",
    name="idle-export",
    severity=Severity.NOTE,
    target=Target.SCRIPT,
    message="`@torch.jit.export` does nothing on {what}",
    help="remove the decorator",
    fixable=Fixable.SOMETIMES,
)

SCRIPTED_OVERLOAD = Rule(
    code="SL207",
    name="scripted-overload",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="`{name}` is overloaded, so it cannot be scripted by itself",
    help="script a function that calls it",
    compiler="cannot be directly compiled because it is overloaded",
)

INHERITING_CLASS = Rule(
    code="SL208",
    name="inheriting-script-class",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="`{name}` is scripted by itself and inherits from `{base}`: script classes have no bases",
    help="put everything into one class, or reach it through a function that constructs it",
    compiler="TorchScript classes does not support inheritance yet",
)

SCRIPTED_MODULE_CLASS = Rule(
    code="SL209",
    name="scripted-module-class",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="`{name}` is an nn.Module class, and modules are scripted as objects",
    help="write `torch.jit.script({name}(...))`",
    compiler=r"cannot be compiled since it inherits from nn\.Module, pass an instance instead",
)

MISSING_IGNORE = Rule(
    code="SL203",
    name="missing-ignore",
    severity=Severity.WARNING,
    target=Target.SCRIPT,
    message="`{name}` is compiled although it cannot be, and nothing uses what it gives back",
    help=(
        "`@torch.jit.unused` compiles it to a raise, so call it under `if not torch.jit.is_scripting():`; "
        "`@torch.jit.ignore` keeps the call, but then saving fails"
    ),
    fixable=Fixable.SOMETIMES,
)

IDLE_IGNORE = Rule(
    code="SL204",
    name="idle-ignore",
    severity=Severity.NOTE,
    target=Target.SCRIPT,
    message="`@torch.jit.{word}` does nothing here: no compiled code reaches `{name}`",
    help="remove the decorator",
    fixable=Fixable.SOMETIMES,
)

UNUSED_MODULE_CLASS = Rule(
    code="SL205",
    name="unused-on-module-class",
    severity=Severity.WARNING,
    target=Target.SCRIPT,
    message="`@torch.jit.{word}` does nothing on the module class `{name}`: a submodule of it is compiled all the same",
    help="decorate its `forward` instead",
    fixable=Fixable.SOMETIMES,
)

DROPPED_DECORATOR = Rule(
    code="SL701",
    name="dropped-decorator",
    severity=Severity.WARNING,
    target=Target.SCRIPT,
    message="`@{decorator}` is dropped: the compiler follows `functools.wraps` to the undecorated `{name}`",
    help="do inside the function what the decorator does",
)

DROPPED_GRAD_MODE = Rule(
    code="SL702",
    name="dropped-grad-mode",
    severity=Severity.WARNING,
    target=Target.SCRIPT,
    message="`@{decorator}` is dropped when `{name}` is scripted: the grad mode of its caller holds inside",
    help="write `with torch.no_grad():` inside the function",
)

AUTOCAST_FUNCTION = Rule(
    code="SL206",
    name="autocast-decorator",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="`@{decorator}` on the function `{name}`, which scripted code calls",
    help="write `with torch.autocast(...):` inside the function, or around what calls the compiled code",
    compiler=r"@autocast\(\) decorator is not supported in script mode",
)

# Their wrapper changes how a function is run, not what it computes.
_HARMLESS = (*COMPILERS, *PROFILERS)


def check(
    module: ModuleInfo,
    classes: Classes,
    reached: Collection[Function],
    excluded: Collection[Function],
    judged: Collection[Class],
    report: Report,
) -> None:
    """Report the decorators of a file.

    `reached` are the functions that are compiled, `excluded` those that compiled code calls but that ignore or unused
    keep out, `judged` the classes that were looked at for script.
    """
    project = classes.project
    declarations.check(module, project, report)
    mentions = _Mentions(module)
    for function in module.functions.values():
        marks = decoration(function, project)
        what = _idle_export(function, classes) if marks.jit == "export" else None
        if what is not None and marks.jit_node is not None:
            fix = without_decorator(module, marks.jit_node, Safety.SAFE)
            report.report(IDLE_EXPORT, module.span(marks.jit_node), fix=fix, what=what)
        if marks.jit in ("ignore", "unused") and marks.jit_node is not None and marks.kind is not Kind.PROPERTY:
            # On a public method the decorator also keeps it callable on the scripted object, and a public function
            # may be called from files that nobody showed us.
            private = function.node.name.startswith("_") and not function.node.name.startswith("__")
            own = function.owner in judged
            free = function.owner is None and function.outer is None and mentions.only_in(function, judged)
            if private and (own or free) and function not in excluded and function not in reached:
                span = module.span(marks.jit_node)
                # A subclass elsewhere may call it in what is compiled.
                is_called = function.owner is not None and _is_called_by_methods(function, function.owner)
                fix = None if is_called else without_decorator(module, marks.jit_node, Safety.UNSAFE)
                report.report(IDLE_IGNORE, span, fix=fix, word=marks.jit, name=function.qualname)
    for cls in module.classes.values():
        marks = decoration(cls, project)
        if marks.jit in ("unused", "ignore") and marks.jit_node is not None and classes.is_module(cls):
            span = module.span(marks.jit_node)
            fix = moved_to_forward(cls, marks.jit_node, marks.jit)
            report.report(UNUSED_MODULE_CLASS, span, fix=fix, word=marks.jit, name=cls.node.name)


def _is_called_by_methods(function: Function, owner: Class) -> bool:
    """Return True if methods that may be compiled one day call another: all but the constructor."""
    others = [one for name, one in owner.functions.items() if name != "__init__" and one is not function]
    called = (one.func for other in others for one in walk(*other.node.body) if isinstance(one, n.Call))
    return any(isinstance(one, n.Attribute) and one.attr == function.node.name for one in called)


def _idle_export(function: Function, classes: Classes) -> str | None:
    if function.owner is None:
        return "a function that is no method" if function.outer is None else None
    is_module = classes.is_module(function.owner)
    if is_module and function.node.name == "forward":
        return "`forward`, which is always compiled"
    return "a method of a class that is no module" if is_module is False else None


class _Mentions:
    """Where the functions of a file are called by their names, gone through when somebody asks."""

    def __init__(self, module: ModuleInfo) -> None:
        self._module = module

    def only_in(self, function: Function, judged: Collection[Class]) -> bool:
        """Return True if the name of a function is used only by methods of judged classes, in which every call was followed."""
        name = function.node.name
        for one in self._module.functions.values():
            if one is not function and one.owner not in judged and one.outer is None and _mentions(one, name):
                return False
        return True


def _mentions(function: Function, name: str) -> bool:
    return any(isinstance(node, n.Name) and node.id == name for node in walk(function.node))


def _dropped(unit: Unit, decorators: Sequence[Decorator], report: Report) -> None:
    function = unit.function
    for one in decorators:
        if one.effect is not Effect.WRAPS or one.name in _HARMLESS:
            continue
        # torch.jit.script looks for autocast's mark on functions that it is given, not on methods of a module.
        free = function.owner is None or unit.instance is None
        rule = DROPPED_GRAD_MODE if one.name in GRAD_MODES else DROPPED_DECORATOR
        if one.name in AUTOCASTS and free:
            rule = AUTOCAST_FUNCTION
        text = " ".join(function.module.text(one.node).split())
        span = function.module.span(one.node)
        report.report(rule, span, trail=unit.trail, when=unit.when, decorator=text, name=function.node.name)


def check_units(units: Sequence[Unit], judge: Judge, project: Project, report: Report) -> None:
    """Report decorators that are dropped, and functions that are compiled only because nobody said that they are
    needed eagerly alone.
    """
    for unit in units:
        marks = decoration(unit.function, project)
        _dropped(unit, marks.others, report)
        if unit.used or marks.jit is not None:
            continue
        refused = [one for one in judge.form(unit.function) if one.severity == Severity.ERROR.value]
        if refused:
            labels = [Label(refused[0].span, refused[0].message)]
            span = unit.function.name_span
            name = unit.function.node.name
            fix = kept_out(unit.function)
            report.report(MISSING_IGNORE, span, labels=labels, trail=unit.trail, when=unit.when, fix=fix, name=name)


def check_use(one: Observed, classes: Classes, reached: Collection[Function], report: Report) -> None:
    """Report the call of a method that a scripted object does not have."""
    compiled = one.arguments[0] if one.name.startswith(".") and one.arguments else None
    if not isinstance(compiled, Compiled) or compiled.how != "script":
        return
    inner = compiled.inner
    if not isinstance(inner, Instance) or not isinstance(inner.cls, Class):
        return
    name = one.name.removeprefix(".")
    method = classes.method(inner.cls, name)
    if method is None or method in reached or name == "forward" or decoration(method, classes.project).jit:
        return
    span = Span(one.module.path, one.call.func.end - len(name), one.call.func.end)
    labels = [Label(method.name_span, "this method is not compiled"), Label(compiled.site, "scripted here")]
    fix = None if method.node.decorators else decorated(method, "export")
    report.report(MISSING_EXPORT, span, labels=labels, fix=fix, cls=inner.class_name, name=name)


def check_direct(function: Function, project: Project, report: Report, trail: tuple[Step, ...] = ()) -> None:
    """Report a function that is scripted by itself although `torch.jit._overload` declares other forms of it."""
    if overloads(function, project):
        report.report(SCRIPTED_OVERLOAD, function.name_span, trail=trail, name=function.node.name)


def check_direct_class(cls: Class, classes: Classes, report: Report, trail: tuple[Step, ...]) -> None:
    """Report a class that is scripted by itself although it is a module or has a base; enums are another thing.

    The first step of `trail` is where it is scripted.
    """
    if classes.is_module(cls):
        report.report(SCRIPTED_MODULE_CLASS, trail[0].span, name=cls.node.name)
        return
    entries = classes.lineage(cls).entries[1:]
    outside = {one.name for one in entries if isinstance(one, External)} - {"builtins.object"}
    bases = [one for one in entries if isinstance(one, Class)]
    if bases and not outside:
        start = cls.node.name_start
        span = Span(cls.module.path, start, start + len(cls.node.name))
        report.report(INHERITING_CLASS, span, trail=trail, name=cls.node.name, base=bases[0].node.name)
