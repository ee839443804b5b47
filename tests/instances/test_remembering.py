"""Calls that were followed before give what following them again would give; what Python makes is the judge."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from scriptlint.evaluate.values import Const, Instance
from tests.projects import Files

HEADER = """

    COUNT = 0

    def work(n):
        total = 0
        for i in range(80):
            total = total + i * n
        return total

    class Part:
        made = 0
        registry = []

        def __init__(self, n=1, items=None, other=None):
            self.n = n
            self.work = work(n)
            for i in range(80):
                n = n + 1
            self.end = n
            self.items = items
            self.other = other
            self.own = [n]
    """

PROGRAMS = {
    "equal arguments": """
        a, b, c = Part(2), Part(2), Part(3)
        self.found = (a.end, b.end, c.end, a.work, b.work, c.work, a is b)
        """,
    "each has a list of its own": """
        a, b = Part(2), Part(2)
        b.own.append(1)
        c = Part(2)
        self.found = (len(a.own), len(b.own), len(c.own))
        """,
    "a list that is given is kept": """
        given = [1]
        a, b = Part(2, given), Part(2, given)
        given.append(2)
        self.found = (len(a.items), len(b.items), a.items is b.items)
        """,
    "equal lists are two": """
        a, b = Part(2, [1]), Part(2, [1])
        a.items.append(2)
        self.found = (len(a.items), len(b.items))
        """,
    "a list that is given is changed": """
        given = []
        a, b, c = Adding(given), Adding(given), Adding([])
        self.found = (a.n, b.n, c.n, len(given))
        """,
    "an object that is given is changed": """
        given = Part(1)
        a, b = Marking(given), Marking(given)
        self.found = (a.n, b.n, given.n)
        """,
    "objects that are parts of arguments": """
        inner = Part(3)
        a, b = Part(1, [inner], {"x": inner}), Part(1, [inner], {"x": inner})
        inner.n = 7
        self.found = (a.items[0].n, b.items[0].n, b.other["x"].n, b.items[0] is b.other["x"])
        """,
    "an object that was changed since": """
        given = Part(1)
        a = Reading(given)
        given.n = 9
        b = Reading(given)
        self.found = (a.n, b.n)
        """,
    "a list of the class": """
        a, b, c = Registered(), Registered(), Registered()
        self.found = (a.n, b.n, c.n, len(Part.registry))
        """,
    "a variable of the file": """
        a, b, c = counted(), counted(), counted()
        self.found = (a, b, c)
        """,
    "a class attribute": """
        a, b, c = Counted(), Counted(), Counted()
        self.found = (a.n, b.n, c.n, Counted.made)
        """,
    "a method bound to the object": """
        a, b = Bound(1), Bound(1)
        b.n = 5
        self.found = (a.get(), b.get(), a.again() is a, b.again() is b)
        """,
    "a partial of the object": """
        a, b = Partially(1), Partially(1)
        b.n = 5
        self.found = (a.get(), b.get())
        """,
    "a closure over the object": """
        a, b = Closure(1), Closure(1)
        b.n = 5
        self.found = (a.get(), b.get())
        """,
    "a list that holds itself": """
        given = [1]
        given.append(given)
        a, b = Part(1, given), Part(1, given)
        self.found = (a.items[1] is a.items, b.items is a.items)
        """,
    "a function that gives a new list": """
        a, b = listed(2), listed(2)
        a.append(1)
        c = listed(2)
        self.found = (len(a), len(b), len(c))
        """,
    "a function that gives back what it was given": """
        given = Part(1)
        a, b = passed(given), passed(given)
        self.found = (a is given, b is given)
        """,
    "a function that changes what it is given": """
        given = Part(1)
        grow(given), grow(given), grow(given)
        self.found = given.n
        """,
    "True is not 1, and 1.0 neither": """
        self.found = (kind(1), kind(1), kind(True), kind(1.0), kind("1"), kind(1))
        """,
    "a call that is followed where it is not nested": """
        deep(40), deep(41)
        self.found = (deep(3), deep(20), deep(21))
        """,
    "names and places of arguments": """
        a, b, c = Part(1, 2), Part(1, other=2), Part(1, items=2)
        d, e, f = Part(1, 2), Part(1, other=2), Part(1, items=2)
        self.found = (d.items, d.other, e.items, e.other, f.items, f.other)
        """,
}

CLASSES = """
    from functools import partial

    class Adding(Part):
        def __init__(self, given):
            super().__init__()
            given.append(self.work)
            self.n = len(given)

    class Marking(Part):
        def __init__(self, given):
            super().__init__()
            given.n = given.n + 1
            self.n = given.n

    class Reading(Part):
        def __init__(self, given):
            super().__init__()
            self.n = given.n

    class Registered(Part):
        def __init__(self):
            super().__init__()
            Part.registry.append(1)
            self.n = len(Part.registry)

    class Counted(Part):
        def __init__(self):
            super().__init__()
            Counted.made = Counted.made + 1
            self.n = Counted.made

    class Bound(Part):
        def __init__(self, n):
            super().__init__(n)
            self.get = self.read
            self.again = self.me

        def read(self):
            return self.n

        def me(self):
            return self

    class Partially(Part):
        def __init__(self, n):
            super().__init__(n)
            self.get = partial(read, self)

    class Closure(Part):
        def __init__(self, n):
            super().__init__(n)
            self.get = lambda: self.n

    def read(part):
        return part.n

    def counted():
        global COUNT
        work(1)
        for i in range(150):
            pass
        COUNT = COUNT + 1
        return COUNT

    def listed(n):
        for i in range(300):
            pass
        return [n]

    def passed(given):
        for i in range(300):
            pass
        return given

    def grow(given):
        for i in range(300):
            pass
        given.n = given.n + 1

    def deep(n):
        for i in range(60):
            pass
        return 0 if n == 0 else deep(n - 1) + 1

    def kind(given):
        for i in range(300):
            pass
        return str(given)
    """


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_python_makes(tmp_path: Path, name: str) -> None:
    body = dedent(PROGRAMS[name]).strip("\n").replace("\n", "\n        ")
    program = f"{dedent(HEADER)}{dedent(CLASSES)}\nclass Net:\n    def __init__(self):\n        {body}\n"
    real: dict[str, object] = {"__name__": "model"}
    exec(program + "\nfound = Net().found", real)
    wanted = real["found"]
    names = [f"self.found[{index}]" for index in range(len(wanted))] if isinstance(wanted, tuple) else ["self.found"]
    reads = "".join(f"\n        self.f{index} = {one}" for index, one in enumerate(names))
    files = Files(tmp_path, program + reads.removeprefix("\n") + "\n")
    made = files.machine.evaluate_text("Net()", files.main)
    assert isinstance(made, Instance)
    found = [made.held(f"f{index}")[0].value for index in range(len(names))]
    assert found == [Const(one) for one in (wanted if isinstance(wanted, tuple) else [wanted])]  # type: ignore[arg-type]


ASKING = """
    class Part:
        def __init__(self, n, flag):
            for i in range(80):
                n = n + 1
            self.n = n if flag else -n

    class Net:
        def __init__(self, flag: bool, other=False):
            self.a = Part(1, flag)
            self.b = Part(1, flag)
            self.c = Part(1, other)
            self.d = Part(1, other)
    """


def test_what_was_asked_is_asked_again(tmp_path: Path) -> None:
    files = Files(tmp_path, ASKING)
    known = files.machine.configurations(files.cls("Net"))
    found = {}
    for one in known.each:
        assert one.instance is not None
        parts = [one.instance.held(name)[0].value for name in "abcd"]
        found[one.conditions] = [part.held("n")[0].value.value for part in parts]  # type: ignore[union-attr]
    assert found == {
        ("not flag", "not other"): [-81, -81, -81, -81],
        ("flag", "not other"): [81, 81, -81, -81],
        ("not flag", "other"): [-81, -81, 81, 81],
        ("flag", "other"): [81, 81, 81, 81],
    }


def test_equal_blocks_are_followed_once(tmp_path: Path) -> None:
    def steps(blocks: int) -> int:
        text = (
            dedent(HEADER)
            + f"\nclass Net:\n    def __init__(self):\n        self.parts = [Part(2) for _ in range({blocks})]\n"
        )
        folder = tmp_path / str(blocks)
        folder.mkdir()
        files = Files(folder, text)
        evaluator = files.machine.evaluator
        spent = 0
        spend = evaluator.spend

        def counted(taken: int = 1) -> None:
            nonlocal spent
            spent += taken
            spend(taken)

        evaluator.spend = counted  # type: ignore[method-assign]
        assert isinstance(files.machine.evaluate_text("Net()", files.main), Instance)
        return spent

    alone = steps(1)
    assert alone > 400
    assert steps(50) < 3 * alone
