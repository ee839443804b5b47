"""Scopes: which names a body of code binds, and by what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import gaps_of, walk_scope


@dataclass(frozen=True, eq=False)
class Binding:
    """One place where a name gets its value.

    `node` is the statement, parameter or comprehension that binds; `value` the expression that is bound where there is
    just one (`x = value`); `conditional` says that the place may not be reached.
    """

    name: str
    node: n.Node
    value: n.Expr | None = None
    conditional: bool = False


@dataclass
class Scope:
    """The bindings of one body of code in source order, and the modules it imports `*` from.

    `unread` are the names that a part may bind that is not Python, `has_gap` says that there is one.
    """

    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[n.ImportFrom] = field(default_factory=list)
    declared_global: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    has_gap: bool = False

    @property
    def is_open(self) -> bool:
        """Whether names may be bound that cannot be seen."""
        return bool(self.stars) or self.has_gap

    def add(self, binding: Binding) -> None:
        """Add a binding; an unconditional one hides all before it from those who look when the body has run."""
        self.bindings.setdefault(binding.name, []).append(binding)

    def visible(self, name: str, before: int | None = None) -> list[Binding]:
        """Return the bindings that a use of `name` may see: those since the last unconditional one.

        `before` is the offset of the use where it runs as part of the body itself; None for uses that run later.
        """
        seen: list[Binding] = []
        for binding in self.bindings.get(name, ()):
            if before is not None and binding.node.start >= before:
                break
            if not binding.conditional:
                seen.clear()
            seen.append(binding)
        return seen


def targets(target: n.Expr) -> Iterator[n.Name]:
    """Yield the names that an assignment target binds."""
    if isinstance(target, n.Name):
        yield target
    elif isinstance(target, n.Starred):
        yield from targets(target.value)
    elif isinstance(target, (n.Tuple, n.List)):
        for one in target.elts:
            yield from targets(one)


def scope_of(body: list[n.Stmt], arguments: n.Arguments | None = None, *, walruses: bool = True) -> Scope:
    """Return the scope of a module, class or function body; `walruses` False says that no `:=` stands in it."""
    scope = Scope()
    if arguments is not None:
        for parameter in arguments.all():
            scope.add(Binding(parameter.name, parameter))
    for statement in body:
        _statement(scope, statement, conditional=False)
    if walruses:
        for node in walk_scope(body):
            if isinstance(node, n.NamedExpr) and isinstance(node.target, n.Name):
                scope.add(Binding(node.target.id, node, node.value, True))
    return scope


def _bind(scope: Scope, target: n.Expr, node: n.Node, value: n.Expr | None, conditional: bool) -> None:
    single = value if isinstance(target, n.Name) else None
    for name in targets(target):
        scope.add(Binding(name.id, node, single, conditional))


def _body(scope: Scope, *bodies: list[n.Stmt]) -> None:
    for body in bodies:
        for statement in body:
            _statement(scope, statement, conditional=True)


def _statement(scope: Scope, node: n.Stmt, conditional: bool) -> None:
    match node:
        case n.FunctionDef() | n.ClassDef():
            scope.add(Binding(node.name, node, None, conditional))
            for gap in gaps_of([node]):  # it may go on behind the class, or declare names global
                _statement(scope, gap, conditional)
        case n.Import():
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                scope.add(Binding(bound, node, None, conditional))
        case n.ImportFrom():
            for alias in node.names:
                if alias.name == "*":
                    scope.stars.append(node)
                else:
                    scope.add(Binding(alias.asname or alias.name, node, None, conditional))
        case n.Assign():
            for target in node.targets:
                _bind(scope, target, node, node.value, conditional)
        case n.AnnAssign():
            if node.value is not None:
                _bind(scope, node.target, node, node.value, conditional)
        case n.TypeAlias():
            _bind(scope, node.name, node, None, conditional)
        case n.AugAssign():
            _bind(scope, node.target, node, None, conditional)
        case n.Global() | n.Nonlocal():
            scope.declared_global.update(node.names)
        case n.Delete():
            for target in node.targets:
                _bind(scope, target, node, None, conditional)
        case n.For():
            _bind(scope, node.target, node, None, True)
            _body(scope, node.body, node.orelse)
        case n.With():
            for item in node.items:
                if item.target is not None:
                    _bind(scope, item.target, node, None, conditional)
            for statement in node.body:
                _statement(scope, statement, conditional)
        case n.If(test=n.Name(id="TYPE_CHECKING") | n.Attribute(attr="TYPE_CHECKING")):
            _body(scope, node.body)
            for statement in node.orelse:  # which is what runs
                _statement(scope, statement, conditional)
        case n.If() | n.While():
            _body(scope, node.body, node.orelse)
        case n.Try():
            _body(scope, node.body)
            for handler in node.handlers:
                if handler.name:
                    scope.add(Binding(handler.name, handler, None, True))
                _body(scope, handler.body)
            _body(scope, node.orelse, node.finalbody)
        case n.Gap():
            scope.has_gap = True
            scope.unread.update(node.names)
            for unread in node.names:
                scope.add(Binding(unread, node, None, True))
        case n.Match():
            for case in node.cases:
                for name in case.binds:
                    scope.add(Binding(name.id, case, None, True))
                _body(scope, case.body)
        case _:
            pass
