"""One function being compiled: its variables, its result, and the door for its findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from scriptlint.diag import Diagnostic, Fixable, Label, Report, Rule, Span
from scriptlint.evaluate.values import Instance
from scriptlint.fixes.places import above
from scriptlint.fixes.python_functions import instance_test
from scriptlint.fixes.refinement import (
    own_attributes,
    stored_through_local,
    tested_attributes,
    through_local,
    with_test_inlined,
)
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.script.emission import MISSING_RETURN
from scriptlint.script.infer import advice, expressions, flags, script_classes, statements
from scriptlint.script.infer.environment import Frame
from scriptlint.script.infer.flags import Flags
from scriptlint.script.infer.signature import Signature
from scriptlint.script.infer.values import ModuleChoice, ModuleObject, PyClass, Refused, Typed, Value, describe, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Fix
from scriptlint.types.model import NONE, Optional, Type
from scriptlint.types.model import Class as ClassType
from scriptlint.types.model import Unknown as UnknownType
from scriptlint.types.show import plain

if TYPE_CHECKING:
    from scriptlint.script.infer.compiler import Compiler

NOT_A_VALUE = refusal(
    code="SL214",
    name="object-as-value",
    message="`{text}` is a {kind}, which TorchScript cannot use as a value",
    help="call it, or pass what it computes",
    compiler="cannot be used as a value",
    fixable=Fixable.SOMETIMES,
)
PYTHON_VALUE = refusal(
    code="SL211",
    name="global-python-value",
    message="`{text}` is a Python value of type `{kind}` from outside the function",
    help="{advice}",
    compiler="python value of type .* cannot be used as a value",
    fixable=Fixable.SOMETIMES,
)


# What is said of a value that may be None, by those who want it not to be.
_OF_OPTIONALS = frozenset({"SL401", "SL402", "SL403", "SL515"})
_USES = (n.Call, n.BinOp, n.Compare, n.Subscript)


class Unit:
    """What the functions of this package work on. `callees` and `unknowns` are filled on the way."""

    def __init__(
        self,
        compiler: Compiler,
        function: Function,
        instance: Instance | None,
        signature: Signature,
        report: Report,
    ) -> None:
        from scriptlint.script.infer.compiler import Callee

        self.compiler = compiler
        self.function = function
        self.instance = instance
        self.signature = signature
        self.report = report
        self.module = function.module
        self.frame = Frame()
        self.declared_return = signature.returns
        self.merged_return: Type | None = None
        self.undecided = False  # whether some branch may be pruned for a reason that is not known
        self.conditions: list[str] = []
        self.callees: list[Callee] = []
        self.excluded: set[Function] = set()
        self.unknowns: list[str] = []
        self.assumptions: list[str] = []
        self.needs: list[tuple[str, Diagnostic]] = []
        self.unread: dict[str, str] = {}  # parameters whose annotations could not be read, as verdicts name them
        self.discarded: n.Expr | None = None
        self.dead: list[Flags] = []  # what would prune the branches around the statement if it were constant
        self.loops: list[str | None] = []  # those around the statement; what is iterated over where it is unrolled
        self.of_comprehensions: frozenset[str] | None = None  # the names that comprehensions bind, once asked for
        self.sequential: dict[tuple[Instance, int, tuple[str, ...]], Value] = {}  # what calls of these give
        self._said: set[tuple[str, int]] = set()

    def run(self) -> Type:
        """Compiles the body; the type that a call gives."""
        self._bind()
        for parameter in self.function.node.args.all():
            value = self.frame.find(parameter.name)
            kind = value.type if isinstance(value, Typed) else None
            self.observe(parameter, parameter.name)
            if isinstance(kind, UnknownType) and parameter.annotation is not None:
                self.unread[parameter.name] = f"`{parameter.name}: {self.text(parameter.annotation)}`"
            if kind is not None and parameter.annotation is not None:
                self.use_annotation(kind, parameter.annotation)
        if self.declared_return is not None and self.function.node.returns is not None:
            self.use_annotation(self.declared_return, self.function.node.returns)
        exits = statements.block(self, self.function.node.body)
        if self.declared_return is not None:
            node = self.function.node
            certain = not self.undecided and not isinstance(self.declared_return, UnknownType)
            if not exits and certain and self.declared_return is not NONE and node.returns is not None:
                returns = self.text(node.returns)
                span = Span(self.module.path, node.start, node.name_start + len(node.name))
                self.report.report(MISSING_RETURN, span, name=node.name, returns=returns)
            return self.declared_return
        if self.function.is_generator:
            return UnknownType("what a generator gives")
        if not exits:
            statements.merge_return(self, NONE, self.function.node)
        return self.merged_return or NONE

    def _bind(self) -> None:
        arguments = self.function.node.args
        names = [one.name for one in (*arguments.args, *arguments.kwonly)]
        params = {one.name: one for one in self.signature.params}
        for index, name in enumerate(names):
            if name in params:
                self.frame.set(name, Typed(params[name].type))
                self.frame.declared[name] = params[name].type
            elif index == 0:
                self.frame.set(name, self._self())
        for variadic in (arguments.vararg, arguments.kwarg, *arguments.posonly):
            if variadic is not None:
                self.frame.set(variadic.name, unknown("a parameter that is refused by form"))

    def observe(self, node: n.Node, name: str) -> None:
        """Tell who wants to show it what a variable holds, where it gets its value."""
        value = self.frame.find(name)
        if self.compiler.observer is not None and value is not None:
            self.compiler.observer(self, node, value)

    def use_annotation(self, kind: Type, node: n.Node) -> None:
        """Note that the script classes which an annotation names, in whatever holds them, are used here."""
        instance = self.compiler.object_of(kind) if isinstance(kind, ClassType) else None
        if instance is not None and isinstance(instance.cls, Class):
            self.use_class(instance.cls, node, by="annotation")
        for one in kind.contained:
            self.use_annotation(one, node)

    def use_class(self, cls: Class, node: n.Node, by: Literal["annotation", "constructor"]) -> None:
        """Note that a script class is used here: all of its methods are compiled."""
        from scriptlint.script.infer.compiler import Callee

        instance = self.compiler.script_object(cls)
        script_classes.check_unused(self.compiler, cls, self.report)
        for function in script_classes.methods(self.compiler, cls):
            self.callees.append(Callee(function, instance, node, self.when(), True, by=by))

    def _self(self) -> Value:
        if self.instance is None:
            return unknown("self")
        if self.compiler.is_script_object(self.instance) and isinstance(self.instance.cls, Class):
            if decoration(self.function, self.compiler.project).kind is Kind.CLASS:
                return PyClass(self.instance.cls)
            return Typed(self.compiler.class_type(self.instance.cls))
        return ModuleObject(self.instance)

    def say(
        self, rule: Rule, node: n.Node, *, labels: Sequence[Label] = (), fix: Fix | None = None, **facts: str
    ) -> Typed:
        """Reports, once per place, and gives the value that is never reported again."""
        key = (rule.code, node.start)
        if key not in self._said:
            self._said.add(key)
            facts = {name: plain(text) for name, text in facts.items()}
            if "advice" in rule.facts and "advice" not in facts:
                facts["advice"] = advice.of(rule.code, facts)
            if fix is None and rule.fixable is not Fixable.NEVER:
                fix = self.pruning() or self._refined(rule, node)
            span = self.module.span(node)
            self.report.report(rule, span, labels=labels, trail=(), when=self.when(), severity=None, fix=fix, **facts)
        return unknown("it is refused")

    def need(self, name: str, rule: Rule, node: n.Node, annotation: str) -> None:
        """Keep what is to be reported, once per place, where no module of the class `name` is compiled along."""
        if (name, node.start) not in self._said:
            self._said.add((name, node.start))
            apart = Report()
            apart.report(rule, self.module.span(node), when=self.when(), annotation=annotation)
            self.needs += [(name, one) for one in apart.diagnostics]

    @contextmanager
    def pruned_by(self, asked: Flags, dead: bool) -> Iterator[None]:
        """Emits what would be pruned, if `dead`, were the flags that a test asks constants."""
        if dead:
            self.dead.append(asked)
        yield
        if dead:
            self.dead.pop()

    def pruning(self) -> Fix | None:
        """Return what makes the compiler leave out the statement that is emitted now."""
        return flags.made_final(self, self.dead[0]) if self.dead else None

    def _refined(self, rule: Rule, node: n.Node) -> Fix | None:
        """Read an attribute that is Optional, and that was compared with None, through a local variable."""
        if rule.code not in _OF_OPTIONALS:
            return None
        whole = next((one for one in above(self.function.node, node) if isinstance(one, _USES)), node)
        for read in tested_attributes(self.function.node, whole):
            value = self.value_or_choice(read)
            if isinstance(value, Typed) and isinstance(value.type, Optional):
                fix = through_local(self.function, read)
                if fix is not None:
                    return fix
        for name in (one for one in walk(whole) if isinstance(one, n.Name)):
            held = self.frame.find(name.id)
            if isinstance(held, Typed) and isinstance(held.type, Optional):
                fix = with_test_inlined(self.function, name, self._called)
                if fix is not None:
                    return fix
        for read in own_attributes(whole):
            value = self.value_or_choice(read)
            if isinstance(value, Typed) and isinstance(value.type, Optional):
                fix = stored_through_local(self.function, read)
                if fix is not None:
                    return fix
        return None

    def _called(self, call: n.Call) -> Function | None:
        symbol = self.compiler.project.resolve(call.func, self.function)
        return symbol if isinstance(symbol, Function) else None

    def text(self, node: n.Node, limit: int = 40) -> str:
        """Return the source of a node as messages quote it."""
        flat = " ".join(self.module.text(node).split()).replace("`", "'")
        return flat if len(flat) <= limit else flat[: limit - 3] + "..."

    def lose(self, reason: str) -> Typed:
        """Return a value that is not known, and why, for verdicts."""
        if reason not in self.unknowns:
            self.unknowns.append(reason)
        return unknown(reason)

    def assume(self, text: str) -> Typed:
        """Return a value that nobody could know, whose use is taken to compile."""
        if text not in self.assumptions:
            self.assumptions.append(text)
        return unknown(text)

    # Expressions

    def value(self, node: n.Expr, hint: Type | None = None) -> Value:
        """Return the value of an expression, `hint` is the type that its surroundings want."""
        found = self.value_or_choice(node, hint)
        return self.lose(f"`{self.text(node)}` (of several types)") if type(found) is ModuleChoice else found

    def value_or_choice(self, node: n.Expr, hint: Type | None = None) -> Value:
        """Return the value of an expression, which may be one of several modules."""
        return expressions.emit(self, node, hint)

    def typed(self, node: n.Expr, hint: Type | None = None) -> Typed:
        """Return the value of an expression that has to be first-class."""
        return self.as_typed(self.value(node, hint), node)

    def type_of(self, node: n.Expr, hint: Type | None = None) -> Type:
        """Return the type of an expression that has to be first-class."""
        return self.typed(node, hint).type

    def as_typed(self, value: Value, node: n.Expr) -> Typed:
        """Return a value as a first-class one, and report one that is not."""
        if isinstance(value, Typed):
            return value
        first_class = expressions.as_simple(self, value)
        if first_class is not None:
            return first_class
        if isinstance(value, Refused):
            fix = flags.global_constant(self, node, value.kind)
            return self.say(PYTHON_VALUE, node, fix=fix, text=self.text(node), kind=value.kind)
        fix = instance_test(self.function, node)
        return self.say(NOT_A_VALUE, node, fix=fix, text=self.text(node), kind=describe(value))

    def when(self) -> str | None:
        """Return the condition under which this code is emitted at all, where that could not be decided."""
        return " and ".join(dict.fromkeys(self.conditions)) or None
