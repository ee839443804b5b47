"""The flow: the functions that Python runs while a trace is made, executed over `Traced` values.

What a function gives and what is wrong in it depends on its object and its arguments alone, so each is gone through once
for each kind of call, whoever asks: its *summary* is kept for the whole run, and a root only collects the findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from msgspec.structs import replace

from scriptlint.diag import Label, Report, Rule, Severity, Step
from scriptlint.evaluate.budget import Budget
from scriptlint.evaluate.values import Compiled, FunctionValue, Held, Instance, LambdaValue, both, flatten
from scriptlint.instances.machine import Machine
from scriptlint.program.decorators import Decorator, Effect, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External, Global, Place
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix
from scriptlint.torchlib.library import Library
from scriptlint.trace import calls, checks, expressions, frozen, memory, modules, moves, plain, roles, statements
from scriptlint.trace import entry as entries
from scriptlint.trace.binding import bind
from scriptlint.trace.frames import Frame
from scriptlint.trace.memory import Effects, Memory, Owner
from scriptlint.trace.questions import asked_of, settle
from scriptlint.trace.summaries import Finding, FindingKey, Summaries, Summary, Under
from scriptlint.trace.values import NONE, UNKNOWN, Kind, Traced, join_all, many

_DEPTH = 24


class Flow:
    """Follows one root. `rooted` says that the code really traces it; else its example is not known."""

    def __init__(
        self,
        machine: Machine,
        library: Library,
        summaries: Summaries | None = None,
        rooted: bool = True,
        outputs: bool = True,
    ) -> None:
        self.machine = machine
        self.project = machine.project
        self.classes = machine.classes
        self.library = library
        self.outputs = outputs  # whether what it returns leaves the trace
        self.rooted = rooted
        self.certain = rooted  # whether the numbers on the object are facts, or defaults that others may overrule
        self.refusal = None if rooted else Severity.WARNING  # how bad it is where tracing raises
        self.checked = False  # whether the trace is made a second time and compared
        self.memory = Memory()
        self.evaluated = not rooted  # whether the object is in eval mode, as far as can be told
        self.exporting = False  # whether the ONNX exporter makes the trace
        self.report = Report()
        self.modules: set[Class] = set()
        self.registered: set[Instance] = set()
        self.unseen = self.assumed = frozenset[str]()
        self.result = UNKNOWN
        self.summaries = summaries or Summaries()
        self.observer = self.summaries.observer
        self.made = self.summaries.made  # what their constructors left on objects that were made on the way
        self._found: list[dict[FindingKey, Finding]] = []
        self._missing: list[set[str]] = []
        self._assumed: list[set[str]] = []
        self._when: list[str | None] = [None]
        self._effects: list[Effects] = [Effects()]
        self._active: list[Function] = []
        self._undecorated: set[Function] = set()  # those that their decorators are being applied to
        self._lambdas = 0
        self.loops = 0
        self.asking = 0  # expressions around that only say something, or ask whether there is something
        self.undecided = 0  # branches around that may not run
        self.budget = Budget()
        self.reader = plain.Reader(self)
        self.through_layers: dict[tuple[Instance, Traced], Traced] = {}  # what a Sequential of layers gives

    # Roots

    def root(self, held: Held, trail: tuple[Step, ...], entry: entries.Entry | None = None) -> None:
        """Follow what is traced: an object's forward (or the methods that `trace_module` names), or a function."""
        entry = entry or entries.Entry()
        value = held.value
        of = value.cls if isinstance(value, Instance) and isinstance(value.cls, Class) and not self.rooted else None
        self.budget = self.summaries.spent.get(of, self.budget) if of is not None else self.budget
        self._found.append({})
        self._missing.append(set())
        self._assumed.append(set())
        self.exporting = entry.is_export
        self.checked = self.rooted and entry.is_checked
        entries.judge(self, value, entry)
        for instance, function, example in entries.entries(self, value, entry):
            if instance is not None:
                self._collect(instance)
                self.certain = self.rooted or not self.machine.is_configuration(instance)
                if self.rooted and (instance in entry.evaluated or self.exporting):
                    self.evaluated = True
            call = partial(entries.call, self, function, instance, example)
            if entry.ran:
                memory.recall(self, call)
            self.result = entries.follow(self, function, instance, example)
            memory.judge_second_call(self, call)
        if isinstance(value, LambdaValue):
            self.result = entries.follow_lambda(self, value, entry)
        if self.rooted:
            checks.judge(self, value if isinstance(value, Instance) else None, entry)
        if isinstance(value, Instance) and not entries.has_forward(self, value):
            self._collect(value)
            entries.follow_container(self, value, entry)
        if of is not None and self.budget.is_spent:
            self.summaries.spent[of] = self.budget
        settle(self)
        found = list(self.findings())
        self._found.pop()
        is_baked = any(one.rule is frozen.DEVICE for one in found)
        move = moves.label(entry) if is_baked and not entry.is_export else None
        self.unseen = frozenset(self._missing.pop())
        self.assumed = frozenset(self._assumed.pop())
        for one in found:
            moved = (move,) if move is not None and one.rule is frozen.DEVICE else ()
            self.report.report(
                one.rule,
                one.module.span(one.node),
                trail=(*trail, *one.trail),
                when=one.when,
                severity=Severity.WARNING if moved else one.severity,
                labels=(*one.labels, *one.hidden(), *moved),
                fix=one.fix,
                **one.facts,
            )

    def _collect(self, instance: Instance) -> None:
        pending = [instance]
        while pending:
            one = pending.pop()
            if one in self.registered:
                continue
            self.registered.add(one)
            if isinstance(one.cls, Class):
                self.modules.update(self.classes.lineage(one.cls).classes)
            wrapped = one.foreign.arguments if one.foreign is not None and one.foreign.name in modules.WRAPPERS else ()
            pending += [inner for inner in wrapped if isinstance(inner, Instance)]
            for _, held in one.submodules():
                if isinstance(held.value, Instance):
                    pending.append(held.value)
                elif isinstance(held.value, Compiled):
                    inner = flatten(Held(held.value.inner))
                    pending += [option.value for option in inner if isinstance(option.value, Instance)]

    # What is said

    def say(
        self,
        rule: Rule,
        frame: Frame,
        node: n.Node,
        severity: Severity | None = None,
        fix: Fix | None = None,
        **facts: object,
    ) -> None:
        """Note a hazard, once per place."""
        self.note(Finding(rule, node, frame.module, facts, severity, (), self._when[-1], fix))

    def say_if_read(self, rule: Rule, frame: Frame, node: n.Node, attribute: str, **facts: object) -> None:
        """Note a hazard that is one only if what is traced reads the attribute elsewhere."""
        self.note(Finding(rule, node, frame.module, facts, None, (), self._when[-1], None, attribute))

    def say_because(self, rule: Rule, frame: Frame, node: n.Node, labels: tuple[Label, ...], **facts: object) -> None:
        """Note what the trace refuses, and the places that explain it."""
        self.note(Finding(rule, node, frame.module, facts, self.refusal, (), self._when[-1], labels=labels))

    def note(self, one: Finding) -> None:
        """Add a finding to the summary that is being made; the one without a condition wins."""
        key = (one.rule.code, one.module.path, one.node.start)
        known = self._found[-1].get(key)
        if known is None or (known.when is not None and one.when is None):
            self._found[-1][key] = one

    def findings(self) -> Iterator[Finding]:
        """Yield what was found so far in what is being summed up."""
        reads = self._effects[-1].reads
        yield from (one for one in self._found[-1].values() if one.attribute is None or memory.is_read(one, reads))

    def miss(self, what: str) -> None:
        """Note something that could not be followed, so that silence proves nothing."""
        if len(self._missing[-1]) < 8:
            self._missing[-1].add(what)

    def read(self, name: str, frame: Frame, node: n.Node) -> None:
        """Note that an attribute is read."""
        if not self.asking:
            self._effects[-1].reads.add((name, frame.module.path, node.start))

    def store(self, owner: Owner, name: str, value: Traced) -> None:
        """Note what an attribute, or a variable of a file, is given."""
        self.memory.store(owner, name, value)
        self._effects[-1].store(owner, name, value)

    def aside(self, run: Callable[[], object]) -> dict[FindingKey, Finding]:
        """Run something whose hazards are not those of the trace, and return them."""
        self._found.append({})
        self._missing.append(set())
        self._assumed.append(set())
        self._effects.append(Effects())
        run()
        reads = self._effects.pop().reads
        self._effects[-1].reads |= reads
        self._missing.pop()
        self._assumed.pop()
        return self._found.pop()

    def guess(self, run: Callable[[], Traced]) -> tuple[Traced, dict[FindingKey, Finding]]:
        """Return what something gives whose arguments are guesses, and its hazards; what it could not follow does not count."""
        self._missing.append(set())
        self._found.append({})
        result = run()
        self._missing.pop()
        return result, self._found.pop()

    def add(self, found: dict[FindingKey, Finding], severity: Severity | None = None) -> None:
        """Add hazards that are not found yet, all of one severity if one is given."""
        here = self._found[-1]
        for key, one in found.items():
            here.setdefault(key, one if severity is None else replace(one, severity=severity))

    def assume(self, what: str) -> None:
        """Note what nobody could know and is taken to be traced faithfully."""
        if len(self._assumed[-1]) < 8:
            self._assumed[-1].add(what)

    def under(self, condition: str | None) -> Under:
        """Everything that is said inside holds under a condition of the object."""
        return Under(self._when, condition)

    def is_of_layers(self, instance: Instance) -> bool:
        """Return True if an object is a layer of torch, or a Sequential of such: what it gives depends on its input alone."""
        known = self.summaries.layers
        if instance not in known:
            known[instance] = modules.is_of_layers(self, instance)
        return known[instance]

    # Functions

    def call(
        self,
        function: Function,
        instance: Instance | None,
        arguments: Sequence[Traced],
        keywords: dict[str, Traced],
        step: Step | None = None,
        scope: Frame | None = None,
        exact: bool = True,
        top: bool = False,
        root: bool = False,
    ) -> Traced:
        """Return what a Python function gives while a trace is made."""
        marks = decoration(function, self.project)
        replacing = [one for one in marks.others if _runs_instead(one)]
        if replacing and function not in self._undecorated:
            return self._decorated(function, replacing, instance, arguments, keywords, exact)
        if function in self._active:
            return UNKNOWN
        if len(self._active) >= _DEPTH:
            self.miss(f"calls more than {_DEPTH} deep")
            return UNKNOWN
        plain = scope is None and not any(one.scoped for one in (*arguments, *keywords.values()))
        grad = any(one.name in statements.NO_GRAD for one in marks.others)
        key = (
            function,
            instance,
            exact,
            top,
            root,
            self.outputs,
            self.rooted,
            self.certain,
            self.evaluated,
            self.exporting,
            self.checked,
            self.memory.key,
            tuple(arguments),
            *keywords.items(),
            *(self.kept(instance).items() if instance is not None else ()),
        )
        summary = self.summaries.known.get(key) if plain else None
        if summary is None:
            given = instance, arguments, keywords, exact, top, root
            with asked_of(self, function, given, plain) as answers:
                summary = self._summarise(function, instance, arguments, keywords, scope, exact, top, root, grad)
                answers.append(summary)
            if plain:
                self.summaries.known[key] = summary
        when = self._when[-1]
        here = self._found[-1]
        for place, one in summary.found.items():
            known, condition = here.get(place), both(when, one.when)
            if known is None or (known.when is not None and condition is None):
                trail = one.trail if step is None else (step, *one.trail)
                here[place] = replace(one, trail=trail, when=condition)
        self._missing[-1].update(summary.unseen)
        self._assumed[-1].update(summary.assumed)
        for owner, name, stored in summary.effects.each():
            self.store(owner, name, stored)
        if not self.asking:
            self._effects[-1].reads |= summary.effects.reads
        return summary.result

    def _decorated(
        self,
        function: Function,
        decorators: Sequence[Decorator],
        instance: Instance | None,
        arguments: Sequence[Traced],
        keywords: dict[str, Traced],
        exact: bool,
    ) -> Traced:
        """Return what a function gives that decorators of the project's own replaced: what they made of it is called."""
        outside = Frame(function.owner or function.outer or function.module)
        value = Traced(Kind.OBJECT, FunctionValue(function), True)
        self._undecorated.add(function)
        for one in reversed(decorators):
            callee = expressions.evaluate(self, one.node, outside)
            if callee.kind is Kind.OBJECT and isinstance(callee.value, FunctionValue):
                value = calls.call_by(self, callee, [value], {}, True, one.node, outside)
            else:
                value = UNKNOWN
        if value.kind is Kind.OBJECT and isinstance(value.value, FunctionValue):
            given = [*([Traced(Kind.OBJECT, instance)] if instance is not None else []), *arguments]
            result = calls.call_by(self, value, given, keywords, exact, decorators[0].node, outside)
        else:
            self.miss(f"the decorators of `{function.node.name}`")
            result = UNKNOWN
        self._undecorated.discard(function)
        return result

    def result_of(self, function: Function, instance: Instance | None, arguments: Sequence[Traced]) -> Traced:
        """Return what a function gives whose inside is none of the trace's business, because it is compiled."""
        results: list[Traced] = []
        self.aside(lambda: results.append(self.call(function, instance, arguments, {})))
        return results[0]

    def _summarise(
        self,
        function: Function,
        instance: Instance | None,
        arguments: Sequence[Traced],
        keywords: dict[str, Traced],
        scope: Frame | None,
        exact: bool,
        top: bool,
        root: bool,
        no_grad: bool,
    ) -> Summary:
        frame = Frame(function, instance, scope, top=top, root=root, depth=int(no_grad))
        self._found.append({})
        self._missing.append(set())
        self._assumed.append(set())
        self._when.append(None)
        self._effects.append(Effects())
        asking, self.asking = self.asking, 0
        bind(self, frame, function, arguments, keywords, exact)
        self._active.append(function)
        ended = statements.block(self, function.node.body, frame)
        self._active.pop()
        self._when.pop()
        self.asking = asking
        if frame.yields:
            result = many(join_all(frame.yields))
        else:
            result = join_all([*frame.returns, *([] if ended else [NONE])])
        if result.kind is Kind.UNKNOWN:
            result = roles.returned(function, (*arguments, *keywords.values()))
        return Summary(
            result,
            self._found.pop(),
            frozenset(self._missing.pop()),
            frozenset(self._assumed.pop()),
            self._effects.pop(),
        )

    def call_lambda(
        self, node: n.Lambda, place: Place, scope: Frame | None, instance: Instance | None, arguments: Sequence[Traced]
    ) -> Traced:
        """Return what a lambda gives."""
        if self._lambdas >= _DEPTH:
            self.miss(f"calls more than {_DEPTH} deep")
            return UNKNOWN
        frame = Frame(place, instance, scope)
        owner = self._owner(place) if scope is None else None
        if owner is not None and isinstance(place, Function) and place.node.args.args:
            frame.variables[place.node.args.args[0].name] = Traced(Kind.OBJECT, owner)
        parameters = [*node.args.posonly, *node.args.args]
        for index, parameter in enumerate(parameters):
            if index < len(arguments):
                frame.variables[parameter.name] = arguments[index]
            elif parameter.default is not None:
                frame.variables[parameter.name] = expressions.evaluate(self, parameter.default, frame)
            else:
                frame.variables[parameter.name] = UNKNOWN
        for variadic in (node.args.vararg, node.args.kwarg, *node.args.kwonly):
            if variadic is not None:
                frame.variables[variadic.name] = UNKNOWN
        self._lambdas += 1
        result = expressions.evaluate(self, node.body, frame)
        self._lambdas -= 1
        return result

    def _owner(self, place: Place) -> Instance | None:
        """Return the object whose constructor a lambda stands in, if what is traced has only one of that class."""
        cls = place.owner if isinstance(place, Function) else None
        found = [
            one
            for one in self.registered
            if cls is not None and isinstance(one.cls, Class) and cls in self.classes.lineage(one.cls).classes
        ]
        return found[0] if len(found) == 1 else None

    def runs(self, symbol: Class, name: str) -> Function | None:
        """Return the method that calling an object runs: `name`, or its forward where its class has no such method."""
        key = (symbol, name)
        if key not in self.summaries.runs:
            found = self.classes.method(symbol, name) or self.classes.method(symbol, "forward")
            self.summaries.runs[key] = found
        return self.summaries.runs[key]

    def kept(self, instance: Instance) -> dict[str, Traced]:
        """Return what the trace has put on an object."""
        made, stored = self.made.get(instance), self.memory.stored.get(instance)
        return {**made, **stored} if made and stored else made or stored or {}

    def is_trainable(self, instance: Instance) -> bool:
        """Return True if an object surely has parameters that want gradients."""
        known = self.summaries.trainable.get(instance)
        if known is None:
            known = self.summaries.trainable[instance] = modules.trainable(self, instance)
        return known

    def is_rebound(self, symbol: Global) -> bool:
        """Return True if a function of the file gives a variable of the file another value."""
        return symbol.name in symbol.module.declared_global

    def plain(self, symbol: Class, frame: Frame, node: n.Call) -> Instance:
        """Return the object of a class of Python that a call makes while the trace is made."""
        key = (symbol, frame.module.path, node.start)
        known = self.summaries.plain.get(key)
        if known is None:
            known = self.summaries.plain[key] = Instance(symbol)
            known.hide()
        return known

    # Attributes that methods write

    def written(self, function: Function) -> dict[str, list[n.Stmt]]:
        """Return the attributes that a function assigns on its own object, with the statements that do."""
        function.node.is_read = True
        known = self.summaries.written.get(function)
        if known is None:
            known = self.summaries.written[function] = statements.written(function)
        return known

    def writers(self, instance: Instance, name: str) -> list[Function]:
        """Return the methods other than the constructor that give the attribute another value."""
        if not isinstance(instance.cls, Class):
            return []
        key = (instance.cls, name)
        known = self.summaries.writers.get(key)
        if known is None:
            known = self.summaries.writers[key] = [
                one
                for one in self.classes.methods(instance.cls).values()
                if one.node.name != "__init__" and name in statements.names_written(one, self.summaries.names_written)
            ]
        return known

    def changed_in_place(self, cls: Class) -> set[str]:
        """Return the attributes of which methods other than the constructor call a method that may change them."""
        known = self.summaries.changed_in_place.get(cls)
        if known is None:
            methods = [one for one in self.classes.methods(cls).values() if one.node.name != "__init__"]
            known = self.summaries.changed_in_place[cls] = set().union(*map(statements.changed_in_place, methods))
        return known


def _runs_instead(decorator: Decorator) -> bool:
    """Return True if Python runs what a decorator made in the place of the function under it."""
    if decorator.effect is Effect.WRAPS:
        return not isinstance(decorator.symbol, External)
    return decorator.effect in (Effect.REPLACES, Effect.UNKNOWN) and decorator.name not in memory.CACHES
