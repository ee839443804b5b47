"""The judgement of units: every compiled function is judged once per object, however many roots lead to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from scriptlint.diag import Diagnostic, Fixable, Report, Span, Step
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.values import (
    Instance,
    Items,
    LambdaValue,
    Optimized,
    Scalar,
    TensorValue,
    flatten,
)
from scriptlint.fixes import hooks as hooks_off
from scriptlint.fixes.arguments import constructed_with_float, constructed_with_number
from scriptlint.fixes.functional import sized_pool
from scriptlint.instances import torch_objects
from scriptlint.program.classes import Member
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External
from scriptlint.program.scopes import Binding
from scriptlint.script import constants, declared_attributes, given, properties, state_methods, undented
from scriptlint.script.frontend_expr import LAMBDA_EXPRESSION
from scriptlint.script.infer import (
    class_variables,
    dataclass_types,
    hooks,
    interfaces,
    library_modules,
    overloads,
    script_classes,
)
from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.infer.history import History
from scriptlint.script.reach import Reach, Unit
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Fix

REFUSED_MODULE = refusal(
    code="SL611",
    name="unscriptable-torch-module",
    message="`{name}` of torch does not script {why}",
    help="construct it with arguments that its own code scripts with (a float has to be written as one), or call its functional form",
    compiler=r"Expected a value of type '((Optional\[)?float|List\[int)|Arguments for call are not valid|is not supported|Could not cast|isIntList|"
    "Comprehension ifs are not supported|cannot statically infer|variable number of arguments",
    fixable=Fixable.SOMETIMES,
)
HOOKED_MODULE = refusal(
    code="SL610",
    name="unnamed-hook",
    message="`{name}` puts a hook on the module that the compiler cannot take",
    help="{advice}",
    compiler="object has no attribute '__name__'|Expected a single top-level function|was expected to only have exactly",
    fixable=Fixable.SOMETIMES,
)


INVALID_CONSTANT = refusal(
    code="SL615",
    name="invalid-constant",
    message="`{name}` is a constant to the compiler, and holds a `{found}`, which cannot be one",
    help="give it a number, a string, None, a device, a dtype, or a list or tuple of these; or do not declare it constant",
    compiler="is not a valid constant",
    fixable=Fixable.SOMETIMES,
)


UNINITIALIZED = refusal(
    code="SL616",
    name="uninitialized-module",
    message="`{cls}.__init__` does not call that of nn.Module",
    help="call `super().__init__()` first",
    compiler="has not been initialized, did you forget to call",
)


LAZY_MODULE = refusal(
    code="SL623",
    name="uninitialized-parameters",
    message="`{name}` has no shape before {until}, and is compiled before that",
    help="{advice}",
    compiler="has uninitialized (parameters|buffers)",
)


_CALL_FIRST = "call the model once with an example input, then script it"


def _instead_of_hook(name: str) -> str:
    """Return what to do instead of what puts a hook on a module."""
    last = name.rpartition(".")[2]
    if last == "weight_norm":
        return f"use `torch.nn.utils.parametrizations.{last}`, or call `torch.nn.utils.remove_{last}` before it is scripted"
    if last == "spectral_norm":
        return f"call `torch.nn.utils.remove_{last}` before it is scripted"
    return (
        "define it with `def`, as a function of the module, its input and, after forward, its output; or take it off "
        "with the handle's `remove()` before the module is scripted"
    )


class Judge:
    """Judges functions by form and by type, and remembers what it found."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.project = compiler.project
        self._objects: dict[Instance, list[Diagnostic]] = {}
        self._holders: dict[Instance, Instance] = {}

    def units(self, reach: Reach, report: Report) -> None:
        """Report everything that is wrong with the units of a root, with the trail that leads to each."""
        for unit in reach.units:
            for one in [*self.form(unit.function), *self.inferred(reach, unit.function, unit.instance, unit.form)]:
                report.add(one, trail=unit.trail, when=unit.when)

    def objects(self, reach: Reach, report: Report) -> None:
        """Report the modules that the compiler refuses as they were constructed."""
        root = next(iter(reach.objects), None)
        self._find_holders(reach)
        for instance, (trail, when) in reach.objects.items():
            if instance is root and isinstance(instance.cls, Class):
                undented.check_generated(self.compiler, instance.cls, report, trail, when)
                made_by = self.compiler.classes.method(instance.cls, "__init__")
                if made_by is not None:
                    undented.check(made_by, report, trail, when)
            for one in self.object(instance):
                report.add(one, trail=trail, when=when)
            if self.compiler.history is History.NEW and not instance.ran:
                self._uninitialized(instance, report, trail, when)
        for cls, (trail, when) in reach.script_classes.items():
            left_out = Report()
            script_classes.check_unused(self.compiler, cls, left_out)
            for one in left_out.diagnostics:
                report.add(one, trail=trail, when=when)
            if dataclass_types.is_dataclass(self.compiler, cls):
                for one in dataclass_types.problems(self.compiler, cls):
                    report.add(one, trail=trail, when=when)

    def _find_holders(self, reach: Reach) -> None:
        """Remember for modules with hooks the innermost module of a class of the source that holds them."""
        if any(one.hooked is not None for one in reach.objects):
            for holder in reach.objects:  # from the outside to the inside
                hooked = (
                    [one for one in holder.below() if one.hooked is not None] if isinstance(holder.cls, Class) else []
                )
                self._holders.update(dict.fromkeys(hooked, holder))

    def _without_hook(self, instance: Instance, name: str, span: Span) -> Fix | None:
        """Return a method for the class that puts a hook on a layer, or holds the layer, that takes it off."""
        holder = self._holders.get(instance)
        module = self.project.module(span.path)
        if holder is None or module is None or not isinstance(holder.cls, Class):
            return None
        calls = (one for one in walk(module.tree) if isinstance(one, n.Call))
        call = next((one for one in calls if (one.func.start, one.func.end) == (span.start, span.end)), None)
        bases = self.compiler.classes.lineage(holder.cls).classes
        makers = [one for one in bases if one.module is module and one.node.start <= span.start < one.node.end]
        cls = makers[0] if makers else holder.cls
        if not hooks_off.is_removable(name, call) or self.compiler.classes.method(cls, hooks_off.PREPARE) is not None:
            return None
        return hooks_off.taken_off(cls, {one.hooked[0] for one in holder.below() if one.hooked is not None})

    def _uninitialized(self, instance: Instance, report: Report, trail: tuple[Step, ...], when: str | None) -> None:
        """Report a module that has parameters without a shape."""
        if instance.site is not None and library_modules.is_lazy(self.compiler.library, instance):
            name, wants = instance.class_name, "it is first called"
            report.report(
                LAZY_MODULE, instance.site, trail=trail, when=when, name=name, until=wants, advice=_CALL_FIRST
            )
        for name, held in instance.attributes.items() if not instance.hidden else ():
            value = held[0].value if len(held) == 1 else None
            tensor = value.uninitialized if isinstance(value, TensorValue) else None
            if tensor is not None and not tensor.ended and held[0].span is not None:
                advice = f"give it a shape in `__init__`: `self.{name}.materialize(...)`, or call the model once if that does it"
                wants = "`materialize` gives it one"
                report.report(LAZY_MODULE, held[0].span, trail=trail, when=when, name=name, until=wants, advice=advice)

    def object(self, instance: Instance) -> list[Diagnostic]:
        """Return what the compiler refuses about one module as it was constructed, whatever its code."""
        known = self._objects.get(instance)
        if known is None:
            known = self._objects[instance] = self._object(instance).diagnostics
        return known

    def _object(self, instance: Instance) -> Report:
        report = Report()
        if instance.hooked is not None:
            name, span = instance.hooked
            if ".parametrizations." in name:
                report.report(REFUSED_MODULE, span, name=name, why="whatever layer it is given")
            else:
                fix = self._without_hook(instance, name, span)
                report.report(HOOKED_MODULE, span, fix=fix, name=name, advice=_instead_of_hook(name))
        for option in (one for held in instance.held("forward") for one in flatten(held)):
            if isinstance(option.value, LambdaValue):
                span = Frame(option.value.place).module.span(option.value.node)
                report.report(LAMBDA_EXPRESSION, span, when=option.when)
        for _, held in instance.submodules():
            if isinstance(held.value, Optimized):
                report.report(given.OPTIMIZED_MODULE, held.value.site, when=held.when)
        hooks.check(self.compiler, instance, report)
        interfaces.check(self.compiler, instance, report)
        for name, found, span in self._invalid_constants(instance):
            fix = self._plain_number(instance, name, found) if isinstance(instance.cls, External) else None
            report.report(INVALID_CONSTANT, span, fix=fix, name=name, found=found)
        if isinstance(instance.cls, Class):
            overloads.check(self.compiler, instance.cls, report)
            state_methods.check(self.compiler, instance, instance.cls, report)
            constructor = self._constructor_without_super(instance, instance.cls)
            if constructor is not None:
                report.report(UNINITIALIZED, constructor.name_span, cls=instance.cls.node.name)
            forward = self.compiler.classes.member(instance.cls, "forward")
            if isinstance(forward, Member) and isinstance(forward.value, Binding):
                if isinstance(forward.value.value, n.Lambda):
                    report.report(LAMBDA_EXPRESSION, forward.owner.module.span(forward.value.value))
            if isinstance(forward, External) and library_modules.takes_anything(self.compiler.library, forward.name):
                span = instance.cls.module.span(instance.cls.node)
                report.report(REFUSED_MODULE, span, name=forward.name, why="however it is constructed")
            for owner, accessor in properties.made(instance.cls, self.compiler.classes):
                if isinstance(accessor, n.Lambda):
                    report.report(LAMBDA_EXPRESSION, owner.module.span(accessor))
                elif properties.has_no_source(accessor, owner, self.project):
                    text = " ".join(owner.module.text(accessor).split())
                    what, advice = "the getter or setter of a property", "write the property with `@property` and `def`"
                    span = owner.module.span(accessor)
                    report.report(class_variables.CALLABLE_IN_CLASS, span, text=text, what=what, advice=advice)
            declared_attributes.check(self.compiler, instance, report)
            for function, node in properties.raising(
                instance.cls, self.compiler.classes, partial(self._raised, instance)
            ):
                report.report(properties.RAISING_PROPERTY, function.module.span(node), name=function.node.name)
        elif instance.site is not None:
            why = library_modules.refused(self.compiler.library, instance)
            if why is not None:
                fix = self._float_argument(instance) or self._sized_pool(instance)
                report.report(REFUSED_MODULE, instance.site, fix=fix, name=instance.class_name, why=why)
        return report

    def _raised(self, instance: Instance, function: Function) -> n.Node | None:
        """Return what surely raises when a property of an object is read, as the object is after its construction."""
        return None if self.compiler.set_later(instance) else self.compiler.machine.raised(function, instance)

    def _float_argument(self, instance: Instance) -> Fix | None:
        """Make a float of the int that a module of torch was given for one, where it was constructed."""
        parameter = library_modules.int_for_float(self.compiler.library, instance)
        module = self.project.module(instance.site.path) if instance.site is not None else None
        if parameter is None or module is None or instance.site is None:
            return None
        return constructed_with_float(module, instance.site.start, *parameter)

    def _plain_number(self, instance: Instance, name: str, found: str) -> Fix | None:
        """Make a number of Python of one of NumPy that a module of torch was given."""
        known = torch_objects.record(self.compiler.library, instance)
        module = self.project.module(instance.site.path) if instance.site is not None else None
        parameters = {one.name: (place, one) for place, one in enumerate(known.init or ())} if known is not None else {}
        kind = found.removeprefix("numpy.").rstrip("_0123456789").removeprefix("u")
        if module is None or instance.site is None or name not in parameters or kind not in ("int", "float", "bool"):
            return None
        place, parameter = parameters[name]
        kind = "float" if parameter.annotation == "float" else kind
        return constructed_with_number(
            module, instance.site.start, name, place, kind, lambda node: self._is_numpy(node, module)
        )

    def _is_numpy(self, node: n.Expr, module: ModuleInfo) -> bool:
        symbol = self.project.resolve(node, module)
        return isinstance(symbol, External) and symbol.name.startswith("numpy.")

    def _sized_pool(self, instance: Instance) -> Fix | None:
        """Give a pool whose `output_size` has None a class that asks the input."""
        module = self.project.module(instance.site.path) if instance.site is not None else None
        if module is None or instance.site is None or not isinstance(instance.cls, External):
            return None
        if not library_modules.has_open_size(self.compiler.library, instance):
            return None
        return sized_pool(module, instance.site.start, instance.cls.name)

    def _constructor_without_super(self, instance: Instance, cls: Class) -> Function | None:
        """Return the constructor of an object that surely was followed to its end without reaching that of nn.Module."""
        constructor = cls.functions.get("__init__")
        is_module = self.compiler.classes.is_module(cls) is True
        seen = not instance.hidden and not self.compiler.classes.lineage(cls).unseen
        return constructor if is_module and seen and instance.foreign is None else None

    def _invalid_constants(self, instance: Instance) -> Iterator[tuple[str, str, Span]]:
        """Yield the constants of an object that hold what is none: name, class, and where it is set or given."""
        for name, held in instance.attributes.items():
            if isinstance(instance.cls, Class) and len(held) == 1 and held[0].when is None and held[0].span is not None:
                found = constants.invalid(held[0].value, self.compiler.classes)
                if found is not None and constants.is_constant(instance.cls, name, self.compiler.classes):
                    yield name, found, held[0].span
        known = torch_objects.record(self.compiler.library, instance)
        if known is not None and instance.foreign is not None and instance.site is not None:
            given = (*instance.foreign.arguments, *instance.foreign.keywords.values())
            for name in known.constants if any(isinstance(one, (Scalar, Items)) for one in given) else ():
                argument = torch_objects.given(known, instance.foreign, name)
                found = None if argument is None else constants.invalid(argument, self.compiler.classes)
                if found is not None and found.startswith("numpy."):
                    yield name, found, instance.site

    def inferred(
        self, reach: Reach, function: Function, instance: Instance | None, form: Function | None = None
    ) -> list[Diagnostic]:
        """Return what the compiler refuses in one function for its types and for what is compiled along.

        `form` is the overload whose signature the function gets.
        """
        compiled = self.compiler.compile(function, instance, form)
        return [*compiled.diagnostics, *(one for name, one in compiled.needs if reach.lacks(name))]

    def unknowns(self, units: Iterable[Unit]) -> list[str]:
        """Return what could not be seen in some units, so that their silence proves nothing."""
        compiled = [self.compiler.compile(one.function, one.instance, one.form) for one in units]
        found = [one for of_unit in compiled for one in of_unit.unknowns]
        return list(dict.fromkeys(found))

    def assumptions(self, units: Iterable[Unit]) -> list[str]:
        """Return what nobody could know of some units, and was taken for granted."""
        compiled = [self.compiler.compile(one.function, one.instance, one.form) for one in units]
        return list(dict.fromkeys(text for of_unit in compiled for text in of_unit.assumptions))

    def form(self, function: Function) -> list[Diagnostic]:
        """Return what the compiler refuses in one function by form alone."""
        return self.compiler.form_checks.all(function)

    def tree(self, function: Function) -> list[Diagnostic]:
        """Return what it refuses while it builds the tree, before anything of the function is emitted."""
        return self.compiler.form_checks.tree(function)

    def emitted(self, function: Function) -> list[Diagnostic]:
        """Return what it refuses by form when it emits code."""
        return self.compiler.form_checks.emitted(function)
