"""What an archive cannot hold: names that make it unreadable, since the code of a model is saved as text and parsed again by
`torch.jit.load`, and values that `torch.jit.save` does not write.

Twins: torch/csrc/jit/serialization/python_print.cpp, which prints the names, and torch/csrc/jit/frontend/lexer.h, which
reads them.
"""

from __future__ import annotations

from collections.abc import Iterable

from scriptlint.diag import Report, Rule, Severity, Span, Step, Target
from scriptlint.evaluate.values import Instance, Items, Mapping, PythonObject, both, flatten
from scriptlint.program.module import Class
from scriptlint.script.constants import is_constant, is_named
from scriptlint.script.infer import conversion
from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.reach import Reach, Unit
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.types.model import GENERATOR, Type, has_unknown

UNREADABLE_NAME = Rule(
    code="SL731",
    name="name-unfit-for-archive",
    severity=Severity.WARNING,
    target=Target.SCRIPT,
    message="{what} `{name}` {why}, so this compiles and is saved, and `torch.jit.load` cannot read it",
    help="{advice}",
    compiler=r"expected \w+ but found|INTERNAL ASSERT|codec can't decode|expected a valid token|ill formed",
)

UNWRITABLE_VALUE = Rule(
    code="SL734",
    name="generator-in-archive",
    severity=Severity.WARNING,
    target=Target.SCRIPT,
    message="`{name}` holds a `torch.Generator`, so this compiles and `torch.jit.save` cannot write it",
    help="give the generator to `forward` as an argument, or keep its seed and make it there",
    compiler="Unknown IValue type for pickling",
)

# Words of TorchScript's grammar, and the constants whose names no attribute may have.
_WORDS = frozenset(
    "and as assert break class continue def del elif else for global if import in is not or pass raise return while with"
    " None True False NoneType Ellipsis".split()
)


def check(reach: Reach, report: Report) -> None:
    """Report the names of what a scripted module is made of and of the functions that are compiled for it."""
    for instance, (trail, when) in reach.objects.items():
        _check_attributes(instance, report, trail, when)
        _check_values(instance, reach.compiler, report, trail, when)
        if isinstance(instance.cls, Class) and not instance.cls.node.name.isascii():
            start = instance.cls.node.name_start
            span = Span(instance.cls.module.path, start, start + len(instance.cls.node.name))
            _report(report, span, "the class", instance.cls.node.name, trail, when)
    for unit in reach.units if reach.objects else ():
        _check_unit(unit, report)


def _check_attributes(instance: Instance, report: Report, trail: tuple[Step, ...], when: str | None) -> None:
    for name, held in instance.attributes.items():
        options = [option for one in held for option in flatten(one)]
        span = next((one.span for one in held if one.span is not None), instance.site)
        if name in _WORDS and options and span is not None:
            _report(report, span, "the attribute", name, trail, when)


def _check_values(
    instance: Instance, compiler: Compiler, report: Report, trail: tuple[Step, ...], when: str | None
) -> None:
    if not isinstance(instance.cls, Class):
        return
    for name, held in instance.attributes.items():
        option = held[0] if len(held) == 1 else None
        if option is None or option.span is None or not isinstance(option.value, (PythonObject, Items, Mapping)):
            continue
        if is_constant(instance.cls, name, compiler.classes):
            continue  # which it cannot be
        kind = conversion.type_of(compiler, option.value)
        is_written = is_named(instance.cls, "__jit_ignored_attributes__", name, compiler.classes) is False
        if is_written and not has_unknown(kind) and _holds_generator(kind):
            where = both(when, option.when)
            report.report(UNWRITABLE_VALUE, option.span, trail=trail, when=where, name=f"self.{name}")


def _holds_generator(kind: Type) -> bool:
    return kind is GENERATOR or any(map(_holds_generator, kind.contained))


def _check_unit(unit: Unit, report: Report) -> None:
    function = unit.function
    if not function.module.finds(r"[^\x00-\x7f]"):
        return
    if not function.node.name.isascii():
        _report(report, function.name_span, "the function", function.node.name, unit.trail, unit.when)
    for one in function.node.args.all():
        if not one.name.isascii():
            _report(report, function.module.span(one), "the parameter", one.name, unit.trail, unit.when)
    for node in _attributes_of_self(function.node.body):
        _report(report, function.module.span(node), "the attribute", node.attr, unit.trail, unit.when)


def _attributes_of_self(body: list[n.Stmt]) -> Iterable[n.Attribute]:
    found: dict[str, n.Attribute] = {}
    for node in walk_scope(body):
        if isinstance(node, n.Attribute) and isinstance(node.value, n.Name) and node.value.id == "self":
            if not node.attr.isascii():
                found.setdefault(node.attr, node)
    return found.values()


def _report(report: Report, span: Span, what: str, name: str, trail: tuple[Step, ...], when: str | None) -> None:
    if name in _WORDS:
        why, advice = "has the name of a word of TorchScript's grammar", f"choose another name, such as `{name}_`"
    else:
        why, advice = "has letters outside of ASCII", "choose a name of ASCII letters"
    report.report(UNREADABLE_NAME, span, trail=trail, when=when, what=what, name=name, why=why, advice=advice)
