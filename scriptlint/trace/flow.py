"""The flow: the functions that Python runs while a trace is made, executed over `Traced` values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from scriptlint.diag import Report, Rule, Step
from scriptlint.instances.machine import Machine
from scriptlint.instances.values import FunctionValue, Held, Instance, Items, TensorValue, Value
from scriptlint.program.decorators import Effect, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk, walk_scope
from scriptlint.trace import expressions, hazards
from scriptlint.trace.roles import role
from scriptlint.trace.values import (
    ASSUMED,
    HELD,
    PYTHON,
    TENSOR,
    TENSORS,
    UNKNOWN,
    Kind,
    Traced,
    join,
    of_content,
    of_size,
)

_DEPTH = 20
_SPEAKERS = ("builtins.print", "warnings.warn", "logging.")


_ASSIGNED: WeakKeyDictionary[Function, frozenset[str]] = WeakKeyDictionary()


@dataclass(eq=False)
class Frame:
    """One activation of a function: its object, its variables, and how it was reached."""

    function: Function
    instance: Instance | None
    trail: tuple[Step, ...]
    variables: dict[str, Traced] = field(default_factory=dict)
    returns: list[Traced] = field(default_factory=list)


class Flow:
    """Follows one root. `rooted` says that the code really traces it; else its example is not known."""

    def __init__(self, machine: Machine, rooted: bool = True) -> None:
        self.machine = machine
        self.project = machine.project
        self.classes = machine.classes
        self.rooted = rooted
        self.certain = rooted  # whether the numbers on the object are facts, or defaults that others may overrule
        self.report = Report()
        self.modules: set[Class] = set()
        self._said: set[tuple[str, str, int]] = set()
        self._memo: dict[tuple[Function, int, tuple[Traced, ...]], Traced] = {}
        self._active: list[Function] = []

    def assigned_attributes(self, function: Function) -> frozenset[str]:
        """The attributes of any object that a function assigns."""
        known = _ASSIGNED.get(function)
        if known is None:
            found = set()
            for node in walk_scope(function.node.body):
                if isinstance(node, (n.Assign, n.AnnAssign, n.AugAssign)):
                    for target in node.targets if isinstance(node, n.Assign) else [node.target]:
                        found |= {one.attr for one in walk(target) if isinstance(one, n.Attribute)}
            known = _ASSIGNED[function] = frozenset(found)
        return known

    def root(self, held: Held, trail: tuple[Step, ...], examples: Sequence[Value] = ()) -> None:
        """Follows what is traced: an object's forward, or a function. `examples` are the arguments after it."""
        value = held.value
        given = _examples(examples)
        if isinstance(value, Instance) and isinstance(value.cls, Class):
            self._collect(value)
            self.certain = self.rooted or value is not self.machine.default_instance(value.cls)
            forward = self.classes.method(value.cls, "forward")
            if forward is not None:
                self.call(forward, value, given, {}, trail)
        elif isinstance(value, FunctionValue):
            bound = value.bound if isinstance(value.bound, Instance) else None
            if bound is not None:
                self._collect(bound)
            self.call(value.function, bound, given, {}, trail)

    def _collect(self, instance: Instance) -> None:
        pending, seen = [instance], {instance}
        while pending:
            one = pending.pop()
            if isinstance(one.cls, Class):
                self.modules.update(self.classes.lineage(one.cls).classes)
            for _, held in one.submodules():
                if isinstance(held.value, Instance) and held.value not in seen:
                    seen.add(held.value)
                    pending.append(held.value)

    def say(self, rule: Rule, frame: Frame, node: n.Node, **facts: object) -> None:
        """Reports a hazard once per place."""
        key = (rule.code, frame.function.module.path, node.start)
        if key not in self._said:
            self._said.add(key)
            span = frame.function.module.span(node)
            self.report.report(rule, span, labels=(), trail=frame.trail, when=None, severity=None, **facts)

    # Functions

    def call(
        self,
        function: Function,
        instance: Instance | None,
        arguments: Sequence[Traced],
        keywords: dict[str, Traced],
        trail: tuple[Step, ...],
    ) -> Traced:
        """What a Python function gives while a trace is made."""
        marks = decoration(function, self.project)
        if marks.jit in ("script", "script_if_tracing"):
            return TENSOR if any(one.kind is Kind.TENSOR for one in arguments) else UNKNOWN
        if any(one.effect in (Effect.REPLACES, Effect.UNKNOWN) for one in marks.others):
            return UNKNOWN
        key = (function, id(instance), (*arguments, *keywords.values()))
        if key in self._memo:
            return self._memo[key]
        if function in self._active or len(self._active) >= _DEPTH:
            return UNKNOWN
        frame = Frame(function, instance, trail)
        self._bind(frame, arguments, keywords)
        self._active.append(function)
        self.block(function.node.body, frame)
        self._active.pop()
        result = frame.returns[0] if frame.returns else UNKNOWN
        for one in frame.returns[1:]:
            result = join(result, one)
        self._memo[key] = result
        return result

    def _bind(self, frame: Frame, arguments: Sequence[Traced], keywords: dict[str, Traced]) -> None:
        node = frame.function.node.args
        parameters = [*node.posonly, *node.args]
        if frame.instance is not None and parameters:
            frame.variables[parameters[0].name] = Traced(Kind.OBJECT, frame.instance)
            parameters = parameters[1:]
        elif frame.function.owner is not None and parameters and parameters[0].name in ("self", "cls"):
            parameters = parameters[1:]
        top = not self._active
        for index, parameter in enumerate([*parameters, *node.kwonly]):
            given = keywords.get(parameter.name)
            if given is None and index < len(arguments) and index < len(parameters):
                given = arguments[index]
            if given is not None:
                known = role(parameter, frame.function, self.project)
                frame.variables[parameter.name] = known if given.kind in (Kind.UNKNOWN, Kind.ASSUMED) else given
            elif top or parameter.default is None:
                frame.variables[parameter.name] = role(parameter, frame.function, self.project)
            else:
                frame.variables[parameter.name] = expressions.evaluate(self, parameter.default, frame)
        for variadic in (node.vararg, node.kwarg):
            if variadic is not None:
                frame.variables[variadic.name] = UNKNOWN

    # Statements: each returns True where the block ends with it

    def block(self, body: Sequence[n.Stmt], frame: Frame) -> bool:
        """Executes statements."""
        return any(self._execute(one, frame) for one in body)

    def repeat(self, body: Sequence[n.Stmt], frame: Frame) -> None:
        """Executes the body of a loop that may run several times: constants that it changes are none."""
        for node in walk_scope(list(body)):
            if isinstance(node, (n.Assign, n.AnnAssign, n.AugAssign)):
                for target in node.targets if isinstance(node, n.Assign) else [node.target]:
                    if isinstance(target, n.Name) and frame.variables.get(target.id, UNKNOWN).kind is Kind.PYTHON:
                        frame.variables[target.id] = PYTHON
        self._maybe(body, frame)

    def _execute(self, node: n.Stmt, frame: Frame) -> bool:
        match node:
            case n.Assign():
                value = expressions.evaluate(self, node.value, frame)
                for target in node.targets:
                    self.assign(target, value, frame)
            case n.AnnAssign():
                if node.value is not None:
                    self.assign(node.target, expressions.evaluate(self, node.value, frame), frame)
            case n.AugAssign():
                combined = n.BinOp(node.start, node.end, node.target, node.op, node.value)
                self.assign(node.target, expressions.evaluate(self, combined, frame), frame)
            case n.ExprStmt():
                expressions.evaluate(self, node.value, frame)
            case n.Return():
                frame.returns.append(UNKNOWN if node.value is None else expressions.evaluate(self, node.value, frame))
                return True
            case n.If():
                return self._if(node, frame)
            case n.For():
                self._for(node, frame)
            case n.While():
                value = expressions.evaluate(self, node.test, frame)
                if of_content(value.kind) or of_size(value.kind):
                    text = frame.function.module.text(node.test)
                    self.say(hazards.TENSOR_WHILE, frame, node.test, test=" ".join(text.split()))
                self.repeat(node.body, frame)
            case n.With():
                for item in node.items:
                    expressions.evaluate(self, item.context, frame)
                    if item.target is not None:
                        self.assign(item.target, UNKNOWN, frame)
                return self.block(node.body, frame)
            case n.Try():
                ended = self.block(node.body, frame)
                for handler in node.handlers:
                    self._maybe(handler.body, frame)
                return self.block(node.finalbody, frame) or (ended and not node.handlers)
            case n.Raise() | n.Break() | n.Continue():
                return True
            case n.FunctionDef() | n.ClassDef():
                frame.variables[node.name] = UNKNOWN
            case _:
                pass
        return False

    def _if(self, node: n.If, frame: Frame) -> bool:
        value = self.test(node.test, frame, node.body, node.orelse)
        if value.truth is not None:
            return self.block(node.body if value.truth else node.orelse, frame)
        before = dict(frame.variables)
        body_ended = self.block(node.body, frame)
        after_body, frame.variables = frame.variables, before
        before = dict(before)
        else_ended = self.block(node.orelse, frame)
        if body_ended and else_ended:
            return True
        if else_ended:
            frame.variables = after_body
        elif not body_ended:
            frame.variables = _joined(after_body, frame.variables)
        return False

    def test(self, node: n.Expr, frame: Frame, body: Sequence[n.Stmt], orelse: Sequence[n.Stmt]) -> Traced:
        """Evaluates the test of a branch and reports it where the branch will be erased."""
        value = expressions.evaluate(self, node, frame)
        rule = hazards.TENSOR_BRANCH if of_content(value.kind) else hazards.SIZE_BRANCH if of_size(value.kind) else None
        harmless = self._only_checks(body, frame) and (not orelse or self._only_checks(orelse, frame))
        if rule is not None and not harmless and not _raises(body) and not _raises(orelse):
            self.say(rule, frame, node, test=" ".join(frame.function.module.text(node).split()))
        return value

    def _only_checks(self, body: Sequence[n.Stmt], frame: Frame) -> bool:
        """Whether a block does nothing but say something: it is lost, but no value is wrong."""
        for one in body:
            if isinstance(one, n.ExprStmt) and isinstance(one.value, n.Call):
                symbol = self.project.resolve(one.value.func, frame.function)
                if isinstance(symbol, External) and symbol.name.startswith(_SPEAKERS):
                    continue
            if not isinstance(one, n.Pass):
                return False
        return bool(body)

    def _for(self, node: n.For, frame: Frame) -> None:
        iterated = expressions.evaluate(self, node.iter, frame)
        text = " ".join(frame.function.module.text(node.iter).split())
        if iterated.kind is Kind.TENSOR:
            self.say(hazards.TENSOR_ITERATION, frame, node.iter, iterated=text)
        elif of_size(iterated.kind) or iterated.kind is Kind.BAKED:
            self.say(hazards.SIZE_LOOP, frame, node.iter, iterated=text)
        item = (
            TENSOR if iterated.kind in (Kind.TENSOR, Kind.TENSORS) else HELD if iterated.kind is Kind.HELD else UNKNOWN
        )
        if iterated.kind is Kind.OBJECT and isinstance(iterated.value, Instance):
            for _, held in list(iterated.value.submodules()):
                self.assign(node.target, Traced(Kind.OBJECT, held.value), frame)
                self.repeat(node.body, frame)
            return
        self.assign(node.target, item, frame)
        self.repeat(node.body, frame)
        self._maybe(node.orelse, frame)

    def _maybe(self, body: Sequence[n.Stmt], frame: Frame) -> None:
        before = dict(frame.variables)
        self.block(body, frame)
        frame.variables = _joined(frame.variables, before)

    def assign(self, target: n.Expr, value: Traced, frame: Frame) -> None:
        """Gives a target its value."""
        match target:
            case n.Name():
                frame.variables[target.id] = value
            case n.Starred():
                self.assign(target.value, value if value.kind is Kind.SHAPE else UNKNOWN, frame)
            case n.Tuple() | n.List():
                parts = {Kind.TENSOR: TENSOR, Kind.TENSORS: TENSOR, Kind.SHAPE: Traced(Kind.SIZE)}
                for one in target.elts:
                    self.assign(one, parts.get(value.kind, UNKNOWN), frame)
            case n.Attribute(value=n.Name(id=owner)):
                frame.variables[f"{owner}.{target.attr}"] = value
            case _:
                pass


def _joined(first: dict[str, Traced], second: dict[str, Traced]) -> dict[str, Traced]:
    return {
        name: join(first[name], second[name]) if name in first and name in second else UNKNOWN
        for name in {**first, **second}
    }


def _raises(body: Sequence[n.Stmt]) -> bool:
    # A branch that raises, whatever it says first, is lost as a check; what gets past it is right.
    return bool(body) and isinstance(body[-1], n.Raise)


def _examples(examples: Sequence[Value]) -> list[Traced]:
    if not examples:
        return []
    first = examples[0]
    return (
        [_example(one) for one in first.items]
        if isinstance(first, Items) and first.kind == "tuple"
        else [_example(first)]
    )


def _example(value: Value) -> Traced:
    if isinstance(value, TensorValue):
        return TENSOR
    return TENSORS if isinstance(value, Items) else ASSUMED
