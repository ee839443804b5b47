"""The functions of `itertools`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scriptlint.evaluate import calls, comparisons, containers, operators, plain, symbols
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.values import Const, Items, Unknown, Value
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

FINITE = frozenset("chain product permutations combinations islice accumulate zip_longest starmap pairwise".split())
_MOST_ITEMS = 4096


def call(ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return what a function of `itertools` that ends returns; `FINITE` are their names."""
    if name == "chain":
        parts = [containers.iterate(ev, one, node, frame) for one in given.positional]
        return Items("iterator", [item for one in parts for item in one.items], all(one.exact for one in parts))
    if name == "islice" and given.positional:
        items = containers.iterate(ev, given.positional[0], node, frame)
        bounds = [plain.to_python(ev.resolved(one)) for one in given.positional[1:]]
        if all(one is not None for one in bounds) and items.exact:
            return Items(
                "iterator", list(itertools.islice(items.items, *(one[0] for one in bounds if one is not None)))
            )
        return Items("iterator", list(items.items), exact=False)
    if name == "accumulate" and given.positional and frame is not None and node is not None:
        total: Value | None = None
        made: list[Value] = []
        items = containers.iterate(ev, given.positional[0], node, frame)
        for one in items.items:
            if total is None:
                total = one
            elif (function := given.get(1, "func")) is not None:
                total = calls.call(ev, function, Arguments([total, one], {}), node, frame)
            else:
                total = operators.binary(ev, "+", total, one, node, frame)
            made.append(total)
        return Items("iterator", made, items.exact)
    if name == "starmap" and len(given.positional) == 2:
        rows = containers.iterate(ev, given.positional[1], node, frame)
        results = [
            calls.call(ev, given.positional[0], Arguments(list(containers.iterate(ev, row).items), {}), node, frame)
            for row in rows.items
        ]
        return Items("iterator", results, rows.exact)
    columns = [containers.iterate(ev, one, node, frame) for one in given.positional if not _is_number(ev.resolved(one))]
    numbers = [one.value for one in map(ev.resolved, given.positional) if isinstance(one, Const) and _is_number(one)]
    exact = all(one.exact for one in columns)
    make: Callable[..., Any] = getattr(itertools, name)
    repeat = ev.resolved(given.keywords.get("repeat", Const(1)))
    keywords: dict[str, Any] = {}
    if name == "product" and isinstance(repeat, Const):
        keywords["repeat"] = repeat.value
    elif name == "zip_longest":
        keywords["fillvalue"] = given.keywords.get("fillvalue", Const(None))
    try:
        rows_made = list(itertools.islice(make(*(one.items for one in columns), *numbers, **keywords), _MOST_ITEMS))
    except plain.ERRORS:
        return Unknown(f"`itertools.{name}`")
    ev.spend(len(rows_made))
    return Items("iterator", [Items("tuple", list(one)) for one in rows_made], exact and len(rows_made) < _MOST_ITEMS)


def _is_number(value: Value) -> bool:
    return isinstance(value, Const) and not isinstance(value.value, str)


def _from_iterable(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    outer = containers.iterate(ev, given.first(), node, frame)
    parts = [containers.iterate(ev, one, node, frame) for one in outer.items]
    exact = outer.exact and all(one.exact for one in parts)
    return Items("iterator", [item for one in parts for item in one.items], exact)


def _repeat(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    times = symbols.count(ev, given.positional[1]) if len(given.positional) > 1 else None
    if isinstance(times, Const) and isinstance(times.value, int) and times.value <= _MOST_ITEMS:
        return Items("iterator", [given.first()] * times.value)
    # What is endless is as long as what it is zipped with.
    return Items("iterator", [given.first()] * _MOST_ITEMS) if times is None else Items("iterator", [], exact=False)


def _cycle(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    items = containers.iterate(ev, given.first(), node, frame)
    if not items.items:
        return Items("iterator", [], items.exact)
    rounds = _MOST_ITEMS // len(items.items)
    return Items("iterator", items.items * rounds, items.exact)


def _count(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    start = ev.resolved(given.get(0, "start") or Const(0))
    first = start.value if isinstance(start, Const) and isinstance(start.value, int) else 0
    return Items("iterator", [Const(first + index) for index in range(_MOST_ITEMS)])


def _while(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None, *, takes: bool) -> Value:
    if len(given.positional) != 2 or not isinstance(node, n.Call) or frame is None:
        return Unknown("`itertools.takewhile`")
    items = containers.iterate(ev, given.positional[1], node, frame)
    at = len(items.items)
    for index, one in enumerate(items.items):
        answer = calls.call(ev, given.positional[0], Arguments([one], {}), node, frame)
        if not symbols.decide(ev, answer, node, frame):
            at = index
            break
    return Items("iterator", items.items[:at] if takes else items.items[at:], items.exact)


def _takewhile(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return _while(ev, given, node, frame, takes=True)


def _dropwhile(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return _while(ev, given, node, frame, takes=False)


def _chosen(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None, *, wanted: bool) -> Value:
    """Return what a function is true, or false, of."""
    if len(given.positional) != 2 or not isinstance(node, n.Call) or frame is None:
        return Unknown("`itertools`")
    test, items = ev.resolved(given.positional[0]), containers.iterate(ev, given.positional[1], node, frame)
    kept = []
    for one in items.items:
        answer = one if test == Const(None) else calls.call(ev, test, Arguments([one], {}), node, frame)
        if symbols.decide(ev, answer, node, frame) is wanted:
            kept.append(one)
    return Items("iterator", kept, items.exact)


def _filterfalse(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return _chosen(ev, given, node, frame, wanted=False)


def _compress(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    if len(given.positional) != 2 or not isinstance(node, n.Call) or frame is None:
        return Unknown("`itertools.compress`")
    items, tests = (containers.iterate(ev, one, node, frame) for one in given.positional)
    pairs = zip(items.items, tests.items, strict=False)
    kept = [one for one, test in pairs if symbols.decide(ev, test, node, frame)]
    return Items("iterator", kept, items.exact and tests.exact)


def _groupby(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    items = containers.iterate(ev, given.first(), node, frame)
    key = ev.resolved(given.get(1, "key") or Const(None))
    groups: list[tuple[Value, list[Value]]] = []
    for one in items.items:
        by = one if key == Const(None) else calls.call(ev, key, Arguments([one], {}), node, frame)
        is_same = comparisons.equals(ev, ev.resolved(by), ev.resolved(groups[-1][0])) if groups else False
        if is_same is None:
            return Items("iterator", [], exact=False)
        if is_same:
            groups[-1][1].append(one)
        else:
            groups.append((by, [one]))
    rows: list[Value] = [Items("tuple", [by, Items("iterator", group)]) for by, group in groups]
    return Items("iterator", rows, items.exact)


TABLE: dict[str, Callable[[Evaluator, Arguments, n.Node | None, Frame | None], Value]] = {
    "itertools.chain.from_iterable": _from_iterable,
    "itertools.compress": _compress,
    "itertools.count": _count,
    "itertools.cycle": _cycle,
    "itertools.dropwhile": _dropwhile,
    "itertools.filterfalse": _filterfalse,
    "itertools.groupby": _groupby,
    "itertools.repeat": _repeat,
    "itertools.takewhile": _takewhile,
}
