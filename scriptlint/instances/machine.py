"""The machine: statements, functions and objects. Expressions are in `expressions`, well-known callees in `callees`."""

from __future__ import annotations

from collections.abc import Sequence

from scriptlint.diag import Span
from scriptlint.evaluate.values import (
    Const,
    Foreign,
    Held,
    Instance,
    Items,
    Key,
    Mapping,
    Unknown,
    Value,
    both,
    choice,
    flatten,
    identity,
)
from scriptlint.instances import containers, dataclasses, expressions, freezing, growing, kinds, operators
from scriptlint.instances.arguments import bind
from scriptlint.instances.frames import (
    AttributeRead,
    Compilation,
    End,
    Frame,
    Observed,
    condition_text,
    is_generator,
    negate,
    raises,
)
from scriptlint.program.classes import Classes, Member
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Global, Place, Project
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.library import Library

_STEPS = 20_000
_DEPTH = 24
_UNROLL = 64


class Machine:
    """Executes abstractly. One machine serves one run of the linter; its budget is per entry from outside."""

    def __init__(self, project: Project, classes: Classes, library: Library) -> None:
        self.project = project
        self.classes = classes
        self.library = library
        self.compilations: list[Compilation] = []
        self.observed: list[Observed] = []
        self.reads: list[AttributeRead] = []
        self.called: set[tuple[Function, Place]] = set()  # functions, and where they were called
        self.conditions: list[str] = []
        self.sampling = 0  # how many loops are gone through once for all their rounds
        self._steps = 0
        self._active: list[Function] = []
        self._defaults: dict[Class, Instance] = {}
        self._made: dict[tuple[object, ...], Instance] = {}
        self._globals: dict[tuple[str, str, int], Value] = {}

    # Entries from outside

    def run_module(self, module: ModuleInfo) -> None:
        """Executes the body of a module, `if __name__ == "__main__"` included."""
        self._start()
        self._block(module.tree.body, Frame(module))

    def run_function(self, function: Function) -> None:
        """Executes a function whose arguments are unknown."""
        self._start()
        self.call_function(function, [], {}, None, exact=False)

    def run_method(self, function: Function, instance: Instance) -> None:
        """Executes a method of an object with unknown arguments."""
        self._start()
        self.call_function(function, [], {}, instance, exact=False)

    def evaluate_text(self, expression: str, module: ModuleInfo) -> Value:
        """The value of an expression that somebody wrote outside the file, in the scope of the file.

        Unknown where it is no expression.
        """
        from scriptlint.syntax.parse import SyntaxFailure, parse_expression  # libcst is needed for this alone

        try:
            return self.evaluate_outside(parse_expression(expression), expression, module)
        except SyntaxFailure as failure:
            return Unknown(failure.reason)

    def evaluate_outside(self, node: n.Expr, text: str, module: ModuleInfo) -> Value:
        """The same of the expression's tree, whose source is `text`."""
        self._start(10 * _STEPS)  # somebody asks for this object by name, and it may be a large model
        return self.evaluate(node, Frame(module, outside=text))

    def default_instance(self, cls: Class) -> Instance:
        """The object that the class makes when nothing is known of its arguments but what their defaults tell of them."""
        if cls not in self._defaults:
            self._start()
            made = self.construct(cls, [], {}, None, exact=False)
            self._defaults[cls] = made
        return self._defaults[cls]

    def _start(self, steps: int = _STEPS) -> None:
        self._steps = steps
        self.conditions = []
        self.sampling = 0
        self._active = []

    # Objects and functions

    def construct(
        self,
        cls: Class,
        arguments: Sequence[Value],
        keywords: dict[str, Value],
        site: Span | None,
        exact: bool = True,
    ) -> Instance:
        """Makes an instance and executes its constructor; the same arguments give the same instance again.

        `exact` says that these are all the arguments.
        """
        keys = [identity(one) for one in (*arguments, *keywords.values())]
        key = (cls, exact, len(arguments), *keywords, *keys)
        if None not in keys:
            if key in self._made:
                return self._made[key]
            steps = self._steps
            made = self._construct(cls, arguments, keywords, site, exact)
            if self._steps > 0 or steps == _STEPS:
                self._made[key] = made
            return made
        return self._construct(cls, arguments, keywords, site, exact)

    def _construct(
        self,
        cls: Class,
        arguments: Sequence[Value],
        keywords: dict[str, Value],
        site: Span | None,
        exact: bool,
    ) -> Instance:
        instance = Instance(cls, site, depth=len(self.conditions))
        initialiser = self.classes.member(cls, "__init__")
        if isinstance(initialiser, Member) and isinstance(initialiser.value, Function):
            self.call_function(initialiser.value, arguments, keywords, instance, exact)
        elif isinstance(initialiser, External):
            self.construct_external(instance, initialiser.name, arguments, keywords)
        elif not isinstance(initialiser, Member) and self.classes.lineage(cls).unseen:
            instance.hide()
        elif dataclasses.is_dataclass(self, cls):
            dataclasses.initialise(self, instance, cls, arguments, keywords, exact)
        return instance

    def construct_external(
        self, instance: Instance, name: str, arguments: Sequence[Value], keywords: dict[str, Value]
    ) -> None:
        """What the constructor of a torch class leaves on an instance: how it was called, the children of containers."""
        instance.foreign = Foreign(name, tuple(arguments), keywords)
        if name in kinds.DICTIONARIES:
            known = arguments[0] if arguments else Mapping({})
            instance.open = len(arguments) > 1 or not isinstance(known, Mapping) or not known.exact
            items: dict[Key, Value] = dict(known.items) if isinstance(known, Mapping) else {}
            items.update(keywords.items())
            for key, value in items.items():
                self.set_attribute(instance, str(key), value, None)
        elif not containers.fill_container(self, instance, name, arguments) and name not in (
            "torch.nn.Module",
            "builtins.object",
        ):
            instance.open = True

    def call_function(
        self,
        function: Function,
        arguments: Sequence[Value],
        keywords: dict[str, Value],
        bound: Value | None,
        exact: bool = True,
    ) -> Value:
        """Executes a function; unknown where it recurses, is a generator or the budget is spent.

        `exact` says that these are all the arguments.
        """
        if function in self._active or len(self._active) >= _DEPTH or self._steps <= 0:
            if isinstance(bound, Instance):
                bound.hide()
            return Unknown("it is nested too deeply")
        if is_generator(function):
            return Unknown("a generator")
        owner = function.owner or getattr(function.outer, "owner", None)
        frame = Frame(function, owner=owner, depth=len(self.conditions))
        if isinstance(bound, Instance):
            frame.instance = bound
        frame.variables.update(bind(self, function, arguments, keywords, bound, exact))
        self._active.append(function)
        before = len(self.conditions)
        try:
            self._block(function.node.body, frame)
        finally:
            self._active.pop()
            del self.conditions[before:]
        if not frame.returns:
            return Const(None)
        if len(frame.returns) == 1 and frame.returns[0].when is None:
            return frame.returns[0].value
        return choice(frame.returns)

    # Statements: each says how the block ends with it, None where it goes on

    def _block(self, body: Sequence[n.Stmt], frame: Frame) -> End | None:
        for statement in body:
            end = self._execute(statement, frame)
            if end is not None:
                return end
        return None

    def _execute(self, node: n.Stmt, frame: Frame) -> End | None:
        self._steps -= 1
        if self._steps <= 0:
            if frame.instance is not None:
                frame.instance.hide()
            return End.FUNCTION
        match node:
            case n.Assign():
                value = self.evaluate(node.value, frame)
                for target in node.targets:
                    self.assign(target, value, frame)
            case n.AnnAssign():
                if node.value is not None:
                    self.assign(node.target, self.evaluate(node.value, frame), frame)
            case n.AugAssign():
                self._augmented(node, frame)
            case n.ExprStmt():
                self.evaluate(node.value, frame)
            case n.Return():
                value = Const(None) if node.value is None else self.evaluate(node.value, frame)
                frame.returns.append(Held(value, self.since(frame.depth)))
                return End.FUNCTION
            case n.If():
                return self._if(node, frame)
            case n.For():
                return self._for(node, frame)
            case n.While():
                if kinds.truth(self, self.evaluate(node.test, frame)) is not False:
                    self._once(node.body, frame)
            case n.With():
                for item in node.items:
                    self.evaluate(item.context, frame)
                    if item.target is not None:
                        self.assign(item.target, Unknown(), frame)
                return self._block(node.body, frame)
            case n.Try():
                return self._try(node, frame)
            case n.Raise():
                return End.FUNCTION
            case n.Break():
                return End.BREAK
            case n.Continue():
                return End.CONTINUE
            case n.FunctionDef() | n.ClassDef():
                frame.variables[node.name] = expressions.definition(self, node, frame)
            case n.Match():
                self.evaluate(node.subject, frame)
                for case_ in node.cases:
                    self._under("a case matches", case_.body, frame)
            case n.Assert():
                self.evaluate(node.test, frame)
            case n.Delete():
                for one in node.targets:
                    self._delete(one, frame)
            case _:
                pass
        return None

    def since(self, depth: int) -> str | None:
        """The conditions that have come into force since there were `depth` of them."""
        when: str | None = None
        for condition in self.conditions[depth:]:
            when = both(when, condition)
        return when

    def _branch(self, condition: str, body: Sequence[n.Stmt], frame: Frame) -> End | None:
        """Executes a body under a condition; early returns inside of it are forgotten where it ends."""
        depth = len(self.conditions)
        self.conditions.append(condition)
        end = self._block(body, frame)
        del self.conditions[depth:]
        return end

    def _under(self, condition: str, body: Sequence[n.Stmt], frame: Frame) -> End | None:
        """Executes a branch on a copy of the variables and joins what it leaves."""
        before = dict(frame.variables)
        end = self._branch(condition, body, frame)
        after = frame.variables
        frame.variables = before
        if end is None:
            for name, value in after.items():
                held = before.get(name)
                if held is None:
                    before[name] = choice((Held(value, condition),))
                elif held != value:
                    before[name] = choice((Held(held), Held(value, condition)))
        return end

    def _if(self, node: n.If, frame: Frame) -> End | None:
        known = kinds.truth(self, self.evaluate(node.test, frame))
        if known is not None:
            return self._block(node.body if known else node.orelse, frame)
        text = condition_text(frame.text(node.test))
        negated = negate(text)
        before = dict(frame.variables)
        body_end = self._branch(text, node.body, frame)
        body_variables, frame.variables = frame.variables, before
        else_end = self._branch(negated, node.orelse, frame)
        if body_end is not None and else_end is not None:
            return body_end if body_end is else_end else End.CONTINUE
        if body_end is not None:
            if not raises(node.body):
                self.conditions.append(negated)
            return None
        if else_end is not None:
            frame.variables = body_variables
            if not raises(node.orelse):
                self.conditions.append(text)
            return None
        joined = dict(frame.variables)
        for name, value in body_variables.items():
            other = joined.get(name)
            if other is None:
                joined[name] = choice((Held(value, text),))
            elif other != value:
                joined[name] = choice((Held(value, text), Held(other, negated)))
        frame.variables = joined
        return None

    def _try(self, node: n.Try, frame: Frame) -> End | None:
        end = self._block(node.body, frame)
        handled = [self._under("an exception is raised", one.body, frame) for one in node.handlers]
        if end is None:
            end = self._block(node.orelse, frame)
        if None in handled:
            end = None
        return self._block(node.finalbody, frame) or end

    def _for(self, node: n.For, frame: Frame) -> End | None:
        freezing.note(self, node, frame)
        iterated = containers.iterated(self, self.evaluate(node.iter, frame))
        if not isinstance(iterated, Items) or not iterated.exact or len(iterated.items) > _UNROLL:
            self.assign(node.target, containers.sample(iterated), frame)
            self._once(node.body, frame)
            return None
        depth = len(self.conditions)
        for item in list(iterated.items):
            self.assign(node.target, item, frame)
            end = self._block(node.body, frame)
            del self.conditions[depth:]
            if end is End.FUNCTION:
                return end
            if end is End.BREAK:
                return None
        return self._block(node.orelse, frame)

    def _once(self, body: Sequence[n.Stmt], frame: Frame) -> None:
        """Goes once through the body of a loop of unknown length: what grows in it is no longer exact."""
        values = list(frame.variables.values())
        if frame.instance is not None:
            values += [held.value for options in frame.instance.attributes.values() for held in options]
        lists = [(value, len(value.items)) for value in values if isinstance(value, Items)]
        mappings = [(value, dict(value.items)) for value in values if isinstance(value, Mapping)]
        depth = len(self.conditions)
        self.sampling += 1
        self._block(body, frame)
        self.sampling -= 1
        del self.conditions[depth:]
        for one, count in lists:
            if len(one.items) != count:
                one.exact = False
        for mapping, before in mappings:
            if mapping.items != before:
                mapping.forget()

    def _augmented(self, node: n.AugAssign, frame: Frame) -> None:
        target = self.evaluate(node.target, frame)
        value = self.evaluate(node.value, frame)
        if isinstance(target, Items) and node.op == "+" and isinstance(value, Items):
            self.extend(target, value)
        elif isinstance(target, Instance) and node.op == "+" and kinds.is_container(self, target):
            containers.extend(self, target, value, frame.module.span(node))
        elif isinstance(target, (Items, Mapping)):
            target.exact = False
        else:
            self.assign(node.target, operators.arithmetic(node.op, target, value), frame)

    def assign(self, target: n.Expr, value: Value, frame: Frame) -> None:
        """Gives a target its value: a variable, an attribute of a known object, the parts of a tuple."""
        if isinstance(target, n.Name):
            frame.variables[target.id] = value
        elif isinstance(target, n.Attribute):
            for held in flatten(Held(self.evaluate(target.value, frame))):
                if isinstance(held.value, Instance):
                    span = frame.module.span(target)
                    self.set_attribute(held.value, target.attr, value, span, held.when)
        elif isinstance(target, (n.Tuple, n.List)):
            parts = value.items if isinstance(value, Items) and value.exact else []
            for index, one in enumerate(target.elts):
                known = len(parts) == len(target.elts) and not isinstance(one, n.Starred)
                inner = one.value if isinstance(one, n.Starred) else one
                self.assign(inner, parts[index] if known else Unknown(), frame)
        elif isinstance(target, n.Subscript):
            container = self.evaluate(target.value, frame)
            key = self.evaluate(target.slice, frame)
            if isinstance(container, Mapping) and isinstance(key, Const):
                when = self.since(container.depth)
                container.items[key.value] = value if when is None else choice((Held(value, when),))
            elif isinstance(container, Items) and isinstance(key, Const) and key.value in range(len(container.items)):
                when = self.since(container.depth)
                held = Held(value, when)
                container.items[int(key.value or 0)] = value if when is None else choice((held,))
            elif isinstance(container, Items):
                container.exact = False
            elif isinstance(container, Mapping):
                container.forget()
            elif isinstance(container, Instance) and isinstance(key, Const):
                self.set_attribute(container, str(key.value), value, frame.module.span(target))

    def _delete(self, target: n.Expr, frame: Frame) -> None:
        owner = self.evaluate(target.value, frame) if isinstance(target, (n.Attribute, n.Subscript)) else None
        if isinstance(owner, Instance) and isinstance(target, n.Attribute) and self.since(owner.depth) is None:
            owner.attributes.pop(target.attr, None)
        elif isinstance(owner, Instance):
            owner.hide()

    def extend(self, container: Items, more: Items) -> None:
        """Adds items to a list, under the conditions that have come since it was made."""
        when = self.since(container.depth)
        container.items += more.items if when is None else [choice((Held(one, when),)) for one in more.items]
        container.exact = container.exact and more.exact and when is None

    def set_attribute(
        self, instance: Instance, name: str, value: Value, span: Span | None, when: str | None = None
    ) -> None:
        """Leaves a value on an object, under the conditions that have come since it was made."""
        when = both(self.since(instance.depth), when)
        held = Held(value, when, span)
        if when is None:
            instance.attributes[name] = [held]
        else:
            options = [one for one in instance.attributes.get(name, []) if one.when != when]
            instance.attributes[name] = [*options, held]

    def evaluate(self, node: n.Expr, frame: Frame) -> Value:
        """The value of an expression."""
        self._steps -= 1
        return Unknown("the budget is spent") if self._steps <= 0 else expressions.evaluate(self, node, frame)

    def global_value(self, symbol: Global) -> Value:
        """The value of a module-level variable, executed once."""
        if symbol.value is None:
            return Unknown()
        key = (symbol.module.path, symbol.name, symbol.value.start)
        if key not in self._globals:
            self._globals[key] = Unknown("it is defined by itself")
            value = self.evaluate(symbol.value, Frame(symbol.module))
            if isinstance(value, (Items, Mapping)) and symbol.name in growing.changed(symbol.module):
                value.forget()
            self._globals[key] = value
        return self._globals[key]

    def attribute(self, owner: Value, name: str) -> Value:
        """`owner.name`."""
        return expressions.attribute(self, owner, name)
