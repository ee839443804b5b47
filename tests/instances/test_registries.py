"""A registry that decorators fill in other files of a package, when a name is looked up in it from outside."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from scriptlint.cli import run
from scriptlint.evaluate.values import Const, Instance, Unknown
from scriptlint.syntax.parse import parse_expression
from tests.projects import Files

PACKAGE = {
    "use.py": """
        from torch import nn

        import zoo

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.small = zoo.create("small_net", n=4)
                self.has = zoo.registry.exists("large_net")
                self.got = zoo.registry.NETS.get("wrapped_net").__name__
                self.missing = zoo.registry.NETS.get("other_net")
        """,
    "zoo/__init__.py": "from .registry import create\nfrom .nets import *\n",
    "zoo/registry.py": """
        NETS = {}

        def register(function):
            if function.__name__ in NETS:
                raise ValueError(function.__name__)
            NETS[function.__name__] = function
            return function

        def exists(name):
            return name in NETS

        def create(name, **kwargs):
            if not exists(name):
                raise RuntimeError(name)
            return NETS[name](**kwargs)
        """,
    "zoo/nets/__init__.py": "from .small import *\nfrom .large import *\n",
    "zoo/nets/small.py": """
        import functools
        from torch import nn
        from ..registry import register

        def wrapping(function):
            @functools.wraps(function)
            def inner(**kwargs):
                return function(**kwargs)
            return inner

        class Small(nn.Module):
            def __init__(self, n):
                super().__init__()
                self.n = n

        @register
        def small_net(n=3):
            return Small(n)

        @register
        @wrapping
        def wrapped_net(n=3):
            return Small(n)
        """,
    "zoo/nets/large.py": """
        from ..registry import register

        @register
        def large_net(n=3):
            return None
        """,
    "zoo/nets/unread.py": "def unread(:\n",
}


def test_the_files_that_mention_a_name_are_executed(tmp_path: Path) -> None:
    files = Files(tmp_path, PACKAGE)
    built = files.built("Net")
    small = built.held("small")[0].value
    assert isinstance(small, Instance)
    assert small.class_name == "Small"
    assert small.held("n")[0].value == Const(4)
    assert built.held("has")[0].value == Const(True)
    assert built.held("got")[0].value == Const("wrapped_net")
    assert built.held("missing")[0].value == Const(None)


def test_what_was_searched_counts_as_read(tmp_path: Path) -> None:
    files = Files(tmp_path, PACKAGE)
    files.built("Net")
    assert {str(tmp_path / "zoo" / "nets" / name) for name in ("small.py", "large.py")} <= set(files.project.paths)


def test_an_object_that_only_some_ways_make_is_not_all_there_is(tmp_path: Path) -> None:
    source = """
        import foreign
        from torch import nn

        def make():
            if foreign.settings():
                return nn.ReLU()
            raise ValueError("nothing is known of it")
        """
    files = Files(tmp_path, source)
    text = "make()"
    outcomes = files.machine.outcomes(parse_expression(text), text, files.main)
    assert [type(one.value) for one in outcomes] == [Instance, Unknown]


def test_what_no_file_puts_into_a_registry_is_taken_to_be_missing(tmp_path: Path) -> None:
    source = """
        from torch import nn

        OVERRIDES = {}

        def override(name, cls):
            OVERRIDES[name] = cls

        def make(name):
            if name in OVERRIDES:
                return OVERRIDES[name]()
            return OVERRIDES.get(name, nn.ReLU)()

        override("tanh", nn.Tanh)
        """
    files = Files(tmp_path, source)
    made = [files.machine.evaluate_text(f"make('{name}')", files.main) for name in ("gelu", "tanh")]
    assert [one.class_name for one in made if isinstance(one, Instance)] == ["ReLU", "Tanh"]


OBJECTS = {
    "use.py": """
        from zoo.registry import MODELS
        from zoo.shapes import Shape
        """,
    "core/__init__.py": "from .registry import Registry\n",
    "core/registry.py": """
        import importlib

        class Registry:
            def __init__(self, places):
                self.places = places
                self.known = {}

            def register(self, cls):
                self.known[cls.__name__] = cls
                return cls

            def get(self, name):
                for one in self.places:
                    importlib.import_module(one)
                return self.known[name] if name in self.known else None
        """,
    "zoo/__init__.py": "from . import squares\n",
    "zoo/registry.py": """
        from core import Registry

        MODELS = Registry(["zoo.nets"])
        """,
    "zoo/nets/__init__.py": "from .small import *\n",
    "zoo/nets/small.py": """
        from torch import nn
        from zoo.registry import MODELS

        @MODELS.register
        class Small(nn.Module):
            pass
        """,
    "zoo/shapes.py": """
        class Shape:
            kinds = {}

            def __init_subclass__(cls, name):
                super().__init_subclass__()
                Shape.kinds[name] = cls

            @classmethod
            def new(cls, name):
                return cls.kinds[name.lower()]()
        """,
    "zoo/squares.py": """
        from .shapes import Shape

        class Square(Shape, name="sq"):
            pass
        """,
}


def test_an_object_that_is_told_where_its_classes_lie_finds_them(tmp_path: Path) -> None:
    files = Files(tmp_path, OBJECTS)
    made = files.machine.evaluate_text("MODELS.get('Small')()", files.main)
    assert isinstance(made, Instance)
    assert made.class_name == "Small"
    assert files.machine.evaluate_text("MODELS.get('Large')", files.main) == Const(None)


def test_a_dictionary_of_a_class_is_filled_by_its_subclasses_elsewhere(tmp_path: Path) -> None:
    files = Files(tmp_path, OBJECTS)
    made = files.machine.evaluate_text("Shape.new('SQ')", files.main)
    assert isinstance(made, Instance)
    assert made.class_name == "Square"


GUESSING = """
    import foreign
    from torch import nn

    def sizes(n):
        known = [one for one in range(n) if foreign.has(one)]
        rest = [one for one in range(n) if not foreign.has(one)]
        assert len(known) + len(rest) == n
        return len(known)

    def caught(n):
        try:
            return sizes(n)
        except AssertionError:
            return 5

    def broken(n):
        raise ValueError(n)

    class Net(nn.Module):
        def __init__(self, n):
            super().__init__()
            self.n = n
    """


def test_a_function_that_raises_after_a_guess_was_guessed_wrongly(tmp_path: Path) -> None:
    files = Files(tmp_path, GUESSING)

    def held(text: str) -> list[object]:
        values = [one.value for one in files.machine.outcomes(parse_expression(text), text, files.main)]
        return [value.held("n")[0].value if isinstance(value, Instance) else value for value in values]

    lost = Unknown("`sizes`, where `AssertionError` is raised as far as it is followed")
    assert {Const(3), lost} == set(held("Net(sizes(3))"))
    assert Const(5) in held("Net(caught(3))")
    assert held("Net(broken(3))") == [Unknown("no object is made: `ValueError` is raised in line 18 of model.py")]


def test_a_function_with_the_name_of_its_file_is_what_a_star_binds(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        {
            "use.py": "import zoo as models\nimport zoo\n",
            "zoo/__init__.py": "from .small import *\nfrom .large import other\n",
            "zoo/small.py": "from torch import nn\n\ndef small():\n    return nn.ReLU()\n",
            "zoo/large.py": "def other():\n    return 3\n",
        },
    )
    made = files.machine.evaluate_text("models.small()", files.main)
    assert isinstance(made, Instance)
    assert files.machine.evaluate_text("zoo.large.other()", files.main) == Const(3)


def test_a_path_that_fails_leaves_what_the_others_make(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "model.py"
    model.write_text(
        dedent("""
            import foreign
            from torch import nn

            ACTIVATIONS = {"relu": nn.ReLU()}

            class Net(nn.Module):
                def __init__(self, activation):
                    super().__init__()
                    self.activation = ACTIVATIONS[activation] if foreign.by_name() else activation

                def forward(self, x):
                    return self.activation(x)
            """)
    )
    run(["modules", "--isolated", "--no-cache", f"{model}::Net(nn.Tanh())", f"{model}::Net(len)"])
    shown = capsys.readouterr().out
    assert "Net(nn.Tanh())  script: ok" in shown
    assert "assuming no `KeyError` is raised in line 10 of model.py" in shown
    assert "Net(len)" in shown
    assert "script: blocked" not in shown


def test_locals_of_a_method_have_its_class_where_it_names_super(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        """
        from torch import nn

        class Base(nn.Module):
            def __init__(self, size):
                super(Base, self).__init__()
                self.given = locals()
                del self.given["__class__"]
                del self.given["self"]
                self.size = self.given["size"]

        class Other(nn.Module):
            def __init__(self, size):
                nn.Module.__init__(self)
                self.size = size if "__class__" not in locals() else None
        """,
    )
    values = [files.machine.evaluate_text(text, files.main) for text in ("Base(3).size", "Other(4).size")]
    assert values == [Const(3), Const(4)]
