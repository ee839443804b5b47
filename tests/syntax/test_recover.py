"""Half a file: what is left of a text that is not Python, what is not, and why."""

from __future__ import annotations

import libcst
import pytest

from scriptlint.syntax import nodes as n
from scriptlint.syntax.parse import SyntaxFailure, parse
from scriptlint.syntax.recover import recover
from scriptlint.syntax.walk import gaps_of

FIRST = "class First(M):\n    def f(self):\n        return 1\n\n\n"
LAST = "\n\nclass Last(M):\n    def l(self):\n        return 9\n"


def left(text: str) -> list[str]:
    """Return what is left of a text, definitions by their names; a gap as `?` and the names that it may bind."""
    with pytest.raises(SyntaxFailure) as caught:
        parse(text)
    found = recover(text, caught.value)
    if found is None:
        return []
    return [part for one in found[0].body for part in _shown(one, text)]


def _shown(one: n.Stmt, text: str) -> list[str]:
    if isinstance(one, n.Gap):
        return ["?" + ",".join(one.names)]
    if isinstance(one, n.FunctionDef | n.ClassDef):
        assert text.startswith(one.name, one.name_start)
        inner = [part for below in one.body for part in _shown(below, text)] if isinstance(one, n.ClassDef) else []
        return [one.name, *(f"{one.name}.{part}" for part in inner)]
    assert text[one.start : one.end].strip() == text[one.start : one.end]
    return [text[one.start : one.end]] if not isinstance(one, n.Pass) else []


def gaps(text: str) -> list[tuple[int, str]]:
    """Return the rows and reasons of the gaps in a text."""
    with pytest.raises(SyntaxFailure) as caught:
        parse(text)
    found = recover(text, caught.value)
    assert found is not None
    return [(text.count("\n", 0, one.at) + 1, one.reason) for one in gaps_of(found[0].body)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Brackets that are never closed
        ("class B(M):\n    def f(self):\n        return g(1\n\n    def h(self):\n        return 2\n", "B | B.?f | B.h"),
        (
            "class B(M):\n    def f(self):\n        return g(1\n\n    @d(1)\n    def h(self):\n        pass\n",
            "B | B.?f | B.h",
        ),
        ("class B(M:\n    def f(self):\n        return 1\n", "?B"),
        ("@d(\ndef g():\n    pass\n", "?g"),
        ("x = f(1,\n@d\n@d(2)\ndef h():\n    pass\n", "?x | h"),
        ("x = [\n1,\n2,\n", "?x"),
        ("def f(", "?f"),
        ("class", "?"),
        ("x = {'a': 1\nasync def h():\n    pass\n", "?x | h"),
        # One method
        (
            "class B(M):\n    x = 1\n    def f(self):\n        if x\n            y = 1\n    def g(self): pass\n",
            "B | B.x = 1 | B.?f | B.g",
        ),
        ("class B(M):\n    def f(self):\n        return 1 +\n", "B | B.?f"),
        ("class B(M):\n    @property\n    def f(self) -> int\n        return 1\n    x = 1\n", "B | B.?f | B.x = 1"),
        (
            "class B(M):\n    class I:\n        def f(self):\n            return 1 +\n    def g(self): pass\n",
            "B | B.?I | B.g",
        ),
        (
            "class B(M):\n    def f(self):\n        for x in y\n    def g(self): pass\n    def h(self): return (\n",
            "B | B.?f | B.g | B.?h",
        ),
        # What is no method takes the class along: it may say what the class is.
        ("class B(M):\n    x: int =\n    def g(self): pass\n", "?B"),
        ("class B(M):\n    de f(self): pass\n    def g(self): pass\n", "?B"),
        # Indentation
        ("class B(M):\n    def f(self):\n        x = 1\n\ty = 1\n    def g(self): pass\n", "B | B.?f | B.g"),
        ("class B(M):\n    def f(self):\n        x = 1\n      y = 1\n    def g(self): pass\n", "B | B.?f | B.g"),
        (
            "class B(M):\n    def f(self):\n        x = 0\ny = 3\n        return x\n    def g(self): pass\n",
            "B | B.?f | B.g",
        ),
        (
            "class B(M):\n    def e(self): pass\ndef f(self):\n        return x\n\n    def g(self): pass\n",
            "B | B.?e,f | B.g",
        ),
        (
            "class B(M):\n    def f(self):\n        if x:\n            y = 1\nelse:\n            y = 2\n",
            "B | B.?f",
        ),
        (
            "class B(M):\n    def f(self):\n        if x:\n            pass\n    else:\n        y\n    g = 1\n",
            "B | B.?f | B.g = 1",
        ),
        ("m = A()\n  x = 3\ns = m\n", "?m,x | s = m"),
        # Strings
        ("class B(M):\n    def f(self):\n        return 'abc\n    def g(self): pass\n", "B | B.?f | B.g"),
        (
            'class B(M):\n    def f(self):\n        """doc\n        return 1\n\n    def g(self):\n        """g"""\n',
            "B | B.?f | B.g",
        ),
        ('class B(M):\n    def f(self):\n        """doc\n        return 1\n', "B | B.?f"),
        ('x = """\ndef q():\n  no(\n"""\ny = 1 +\n', 'x = """\ndef q():\n  no(\n""" | ?y'),
        ("x = '''\n@d\nclass Q: pass\n'''\ny = f(\n", "x = '''\n@d\nclass Q: pass\n''' | ?y"),
        # Python 2
        ('def f():\n    print "x"\n\ndef g():\n    pass\nprint "hello"\n', "?f | g | ?"),
        ("try:\n    import a\nexcept E e:\n    a = None\nelse:\n    c = 1\nfinally:\n    b = 1\n", "?a,c,b"),
        # Statements
        ("import os as\n", "?os"),
        ("from x import (p, q as r\n", "?p,q,r"),
        ("(a, b) = f(1,\n", "?a,b"),
        ("model.x = (\n", "?"),
        ("u: int = (\n", "?u"),
        ("a[i], b.c, d = f(\n", "?d"),
        ("for i, j in x\n    k = 1\n", "?i,j,x,k"),
        ("with open(f) as g:\n    h = (\n", "?g,h"),
        ("if x:\n    def f(: pass\nelif y:\n    class G: pass\nelse:\n    z = 1\n", "?f,G,z"),
        ("if (n := f(1):\n    pass\n", "?n"),
        ("def f():\n    global late\n    late = (\n", "?late,f"),
        ("x = 1 + \\\n", "?x"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_what_is_left(text: str, expected: str, newline: str) -> None:
    found = left((FIRST + text + LAST).replace("\n", newline))
    assert found[:2] == ["First", "First.f"]
    assert found[-2:] == ["Last", "Last.l"]
    assert [one.replace(newline, "\n") for one in found[2:-2]] == expected.split(" | ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "class B(M):\n    def f(self):\n<<<<<<< HEAD\n        x = 1\n=======\n        x = 2\n>>>>>>> it's (\n"
            "        return x\n\n    def g(self): pass\n",
            "B | B.?f | B.g",
        ),
        (
            "class B(M):\n    def e(self): pass\n<<<<<<< HEAD\n    def f(self):\n        return 1\n=======\n"
            "    def h(self):\n        return 2\n>>>>>>> theirs\n\n    def g(self): pass\n",
            "B | B.e | B.?f,h | B.g",
        ),
        (
            "import a\n<<<<<<< HEAD\nimport b\ndef h():\n    pass\n||||||| base\nimport d\n=======\nimport c\n>>>>>>> x\n",
            "import a | ?b,h,d,c",
        ),
        ("import a\n<<<<<<< HEAD\nx = 1\n", "import a | ? | x = 1"),
    ],
)
def test_conflicts(text: str, expected: str) -> None:
    found = left(FIRST + text + LAST)
    assert found[2:-2] == expected.split(" | ")
    assert [reason for _, reason in gaps(FIRST + text + LAST)] == ["the markers of a merge conflict are left in it"]


@pytest.mark.parametrize(
    "text",
    [
        "This is a text.\nIt has lines, and\nnothing else\n",
        "x = (\n",
        "a, b\n1, 2 3\n",
        "def f(\n",
        "\\\n",
        "\u2028x\n",
        "# only a comment\n\\",
        "x = " + "(" * 300 + "\ndef f(): pass\n",
    ],
)
def test_where_nothing_is_left_to_judge(text: str) -> None:
    with pytest.raises(SyntaxFailure) as caught:
        parse(text)
    assert recover(text, caught.value) is None


def test_the_error_is_said_at_its_place() -> None:
    text = (
        "def f():\n    return (1\n\ndef g(): pass\nx = 'a\n"
        + FIRST
        + '    def g(self):\n        """doc\n    def h(self): pass\n'
    )
    assert gaps(text) == [
        (2, "'(' was never closed"),
        (5, "unterminated string literal (detected at line 5)"),
        (12, "unterminated triple-quoted string literal (detected at line 12)"),
    ]


def test_two_hundred_errors() -> None:
    text = "".join(
        f"class N{number}(M):\n    def f(self):\n        return (1\n    def g(self): pass\n" for number in range(200)
    )
    assert gaps(text) == [(4 * number + 3, "'(' was never closed") for number in range(200)]
    assert left(text) == [part for one in range(200) for part in (f"N{one}", f"N{one}.?f", f"N{one}.g")]


def test_comments_are_kept() -> None:
    text = "# one\nx = (  # two\ndef f():\n    '#'  # three\n# four\n"
    with pytest.raises(SyntaxFailure) as caught:
        parse(text)
    found = recover(text, caught.value)
    assert found is not None
    assert [one.text for one in found[1]] == ["# one", "# two", "# three", "# four"]
    assert all(text.startswith(one.text, one.start) for one in found[1])


def test_form_feeds() -> None:
    text = "\f\nclass A(M):\n    def f(self):\n        return (1\n\f\n    def g(self): pass\n\f\ndef h(): pass\n"
    assert left(text) == ["A", "A.?f", "A.g", "h"]


def test_what_is_parsed_grows_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """However the errors lie, no more than a few times the text is given to the parser."""
    real = libcst.parse_module
    total = 0

    def counted(text: str) -> libcst.Module:
        nonlocal total
        total += len(text)
        return real(text)

    method = "    def f(self):\n        return (1\n"
    for text in (
        "class A(M):\n" + method * 500,
        "def f(\n" * 1000 + FIRST,
        FIRST + "x = [\n" * 1000,
        FIRST + "class A(M):\n    def f(self):\n        x = 0\n" + "y = 3\n        return x\n" * 500,
        FIRST + '    def g(self):\n        """\n    def h(self):\n' * 500,
        FIRST + "<<<<<<< a\n" * 1000,
        FIRST + "@a\n" * 1000 + "x = 1\n",
        FIRST + "try:\n    a\n" + "except b\n    c\n" * 500,
    ):
        total = 0
        with pytest.raises(SyntaxFailure) as caught:
            parse(text)
        monkeypatch.setattr(libcst, "parse_module", counted)
        recover(text, caught.value)
        monkeypatch.undo()
        assert total < 5 * len(text)
