"""What changed is judged again, and nothing else; and what is found is what a run that remembers nothing finds."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scriptlint.diag import Diagnostic
from scriptlint.engine import judging, pipeline
from scriptlint.engine.judgement import Judgement, Part
from scriptlint.engine.memory import Memory
from scriptlint.engine.parts import Parts
from scriptlint.engine.rules import INTERNAL_ERROR
from scriptlint.engine.settings import Settings

HEAD = "import torch\nfrom torch import nn\n\n\n"
NET = HEAD + "class {}({}):\n    def forward(self, x):\n        return {}\n"
FILES = {
    "leaf.py": HEAD
    + "def act(x, flag: bool = True):\n    return x + 1 if flag else x\n\n\ndef other(x):\n    return x\n",
    "base.py": NET.format("Base", "nn.Module", "self.tail([*x])") + "\n    def tail(self, x):\n        return x\n",
    "uses.py": NET.format("Uses", "nn.Module", "act(x) if x.sum() > 0 else x").replace(
        "import nn", "import nn\nfrom leaf import act"
    ),
    "heir.py": NET.format("Heir", "Base", "self.tail({*x})").replace("import nn", "import nn\nfrom base import Base"),
    "free.py": NET.format("Free", "nn.Module", "[*x]"),
    "stars.py": NET.format("Stars", "nn.Module", "act(x) + thing(x)").replace(
        "import nn", "import nn\nfrom names import *"
    ),
    "names.py": HEAD + "from leaf import act\n",
    "lacks.py": NET.format("Lacks", "nn.Module", "absent(x)").replace(
        "import nn", "import nn\nfrom gone import absent"
    ),
    "fixable.py": NET.format("Fixable", "nn.Module", "x.repeat(n)").replace("x):", "x, n=2):  # pass"),
    "tools.py": HEAD
    + "SIZES = [1]\n\n\ndef unused():\n    return 1\n\n\ndef mark(function):\n    return function\n\n\n"
    + "class Tool(nn.Module):\n    def idle(self):\n        return 2\n\n    @mark\n    def forward(self, x):\n"
    + "        return [*x]\n",
    "keeps.py": NET.format("Keeps", "nn.Module", "x * self.n + self.seen")
    + "\n    def __init__(self, wide):\n        super().__init__()\n        if wide:\n            self.m = 2\n        self.n = 1\n        self.seen = [1]\n"
    + "\n    def idle(self):\n        return 3\n",
    "handy.py": NET.format("Handy", "nn.Module", "[*x] + SIZES").replace(
        "import nn", "import nn\nfrom tools import SIZES"
    ),
    "pkg/__init__.py": "",
    "pkg/inner.py": HEAD + "def twice(x):\n    return [*x]\n",
    "deep.py": NET.format("Deep", "nn.Module", "twice(x)").replace(
        "import nn", "import nn\nfrom pkg.inner import twice"
    ),
}


class Project:
    """Files on disk that are checked again and again, with what was judged for it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.settings = {"unreached": "report"}
        self.judged: list[str] = []
        self.pieces: list[tuple[str, int | None]] = []
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "home"))
        real = Parts.judge

        def noted(parts: Parts, part: Part) -> Judgement:
            name = Path(part.path).relative_to(self.root).as_posix()
            self.judged.append(f"{part.kind} {name}")
            if part.kind == "classes":
                self.pieces.append((name, part.only))
            return real(parts, part)

        monkeypatch.setattr(Parts, "judge", noted)
        (folder / "project").mkdir()
        for name, text in FILES.items():
            self.write(name, text)

    @property
    def root(self) -> Path:
        return self.folder / "project"

    def write(self, name: str, text: str | None) -> None:
        path = self.root / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    def read(self, name: str) -> str:
        return (self.root / name).read_text()

    def check(
        self, memory: Memory | None = None, *, cache: bool = True, jobs: int = 1
    ) -> tuple[list[Diagnostic], object, object, object]:
        """All that a run gives."""
        files = sorted(str(path) for path in self.root.rglob("*.py"))
        settings = Settings(root=str(self.root), **self.settings)  # type: ignore[arg-type]
        found = pipeline.check(files, settings, cache=cache, jobs=jobs, memory=memory)
        return found.diagnostics, found.outcomes, found.unjudged, {path: found.comments(path) for path in files}

    def again(self) -> set[str]:
        """The files of which something is judged in a run that is as good as one that remembers nothing."""
        self.judged.clear()
        found = self.check()
        judged = {one.partition(" ")[2] for one in self.judged}
        assert found == self.check(cache=False)
        return judged


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path, monkeypatch)
    assert made.again() == set(FILES)
    return made


MANY = HEAD.replace("import nn", "import nn\nfrom leaf import act") + "".join(
    f"class {name}({base}):\n    def __init__(self):\n        super().__init__()\n        self.inner = {inner}\n\n"
    f"    def forward(self, x):\n        # {name}\n        return {result}\n\n\n"
    for name, base, inner, result in (
        ("First", "nn.Module", "nn.ReLU()", "[*self.inner(x)]"),
        ("Second", "nn.Module", "First()", "[*self.inner(x)]"),
        ("Third", "First", "nn.ReLU()", "[*self.inner(x)]"),
        ("Fourth", "nn.Module", "act", "act(x)"),
    )
)
PIECES: Mapping[str, tuple[tuple[str, str, str], list[int | None]]] = {
    "a method": (("many.py", "# Second\n        return [", "y = x\n        return [*y, "), [1]),
    "a constructor": (("many.py", "= First()", "= nn.GELU()"), [1]),
    "a method that others use": (("many.py", "# First\n        return [", "return [x, "), [0, 1]),
    "a comment": (("many.py", "# First\n", "# First\n        # more\n\n"), []),
    "a method that grows": (("many.py", "# First\n", "x = (\n            x\n        )\n"), [0, 1]),
    "a function of another file": (("leaf.py", "x + 1", "[x]"), [3]),
    "a function of another file that gives the same": (("leaf.py", "x + 1", "x + 2"), []),
    "the outline": (("many.py", "class Fourth", "x = 1\n\n\nclass Fourth"), [0, 1, 2, 3]),
}


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.parametrize("remembers", [False, True])
def test_classes_that_are_judged_again(name: str, remembers: bool, project: Project) -> None:
    memory = Memory() if remembers else None
    for content in (MANY.replace("[*self.inner(x)]", "x").replace("act(x)", "x"), MANY):  # the second time one by one
        project.write("many.py", content)
        project.check(memory, cache=not remembers)
    (file, old, new), again = PIECES[name]
    text = project.read(file)
    assert old in text
    changed = text.replace(old, new)
    for content, judged in ((changed, again), (changed + "# end\n", [])):
        project.write(file, content)
        project.pieces.clear()
        found = project.check(memory, cache=not remembers)
        assert [number for name, number in project.pieces if name == "many.py"] == judged
        assert found == project.check(cache=False)
    project.write(file, text)
    assert project.check(memory, cache=not remembers) == project.check(cache=False)


def replaced(name: str, old: str, new: str) -> dict[str, str | None]:
    text = FILES[name]
    assert old in text
    return {name: text.replace(old, new)}


def commented(text: str) -> str:
    return "# a header\n\n" + text.replace(":\n", ":  # why\n\n        # what\n")


CHANGES: Mapping[str, tuple[dict[str, str | None], set[str]]] = {
    "nothing": ({}, set()),
    "a comment at the end": ({"leaf.py": FILES["leaf.py"] + "# more\n"}, set()),
    "comments and lines": (
        {name: commented(text) for name, text in FILES.items()},
        {"fixable.py"},
    ),
    "a comment that suppresses": (replaced("free.py", "[*x]", "[*x]  # scriptlint: ignore[SL120]"), set()),
    "a comment beside a fix": (
        {"fixable.py": FILES["fixable.py"].replace("pass", "pass  # why")},
        {"fixable.py"},
    ),
    "a comment about types": (
        replaced("leaf.py", "flag: bool = True):", "flag: bool = True):\n    # type: (Tensor, bool) -> Tensor"),
        {"uses.py", "stars.py"},
    ),
    "a line that moves": (replaced("leaf.py", "\n\n\ndef other", "\n\n\n\n\n\n# other\ndef other"), set()),
    "a function that gives something else": (replaced("leaf.py", "x + 1", "[x]"), {"uses.py", "stars.py"}),
    "a function that gives the same": (replaced("leaf.py", "x + 1", "x + 2"), set()),
    "a function that grows": (replaced("leaf.py", "x + 1", "(\n        x\n        + 1\n    )"), set()),
    "a function that nobody looks into": (replaced("leaf.py", "    return x\n", "    y = 1\n\n    return y\n"), set()),
    "a function above what is found": (replaced("tools.py", "return 1", "x = 2  # why\n    return x"), set()),
    "a method above what is found": (
        replaced("tools.py", "return 2", "x = 3\n        # why\n        return [*x]"),
        set(),
    ),
    "a function that defines another": (
        replaced("tools.py", "return 1", "def inner():\n        return 2\n\n    return inner"),
        {"tools.py", "handy.py"},
    ),
    "a function that sets a variable of its file": (
        replaced("tools.py", "return 1", "global SIZES\n    SIZES = []"),
        {"tools.py", "handy.py"},
    ),
    "a function that sets a variable of its file in one line": (
        replaced("tools.py", "unused():\n    return 1", "unused(): global SIZES; SIZES = []"),
        {"tools.py", "handy.py"},
    ),
    "a function that sets a variable of its file, in lines of another kind": (
        replaced("tools.py", "return 1", "x = 1\r    global SIZES\r    SIZES = []"),
        {"tools.py", "handy.py"},
    ),
    "a function that defines another, in lines of another kind": (
        replaced("tools.py", "return 1", "x = 1\r    def inner():\r        return 2\r    return inner"),
        {"tools.py", "handy.py"},
    ),
    "a function that fills a list of its file": (
        replaced("tools.py", "return 1", "SIZES.append(1)"),
        {"tools.py", "handy.py"},
    ),
    "a parameter": (replaced("tools.py", "def unused()", "def unused(x=1)"), {"tools.py", "handy.py"}),
    "a method that is compiled": (replaced("tools.py", "return [*x]", "return x"), {"tools.py"}),
    "a method that sets nothing": (replaced("keeps.py", "return 3", "y = self.n\n        return y"), set()),
    "a method that sets an attribute": (replaced("keeps.py", "return 3", "self.n = 2"), {"keeps.py"}),
    "a method that fills an attribute": (replaced("keeps.py", "return 3", "self.seen.append(2)"), {"keeps.py"}),
    "a constructor": (replaced("keeps.py", "self.n = 1", "self.n = 2"), {"keeps.py"}),
    "a word that was looked for": (
        replaced("tools.py", "return 1", "return '__script_if_tracing_wrapper'"),
        {"tools.py"},
    ),
    "a method of a base": (replaced("base.py", "return x\n", "return [*x]\n"), {"base.py", "heir.py"}),
    "a base": (replaced("heir.py", "(Base)", "(nn.Module)"), {"heir.py"}),
    "a class of its own": (replaced("free.py", "[*x]", "x"), {"free.py"}),
    "a name behind a star": (
        {"names.py": FILES["names.py"] + "\n\ndef thing(x):\n    return [*x]\n"},
        {"names.py", "stars.py"},
    ),
    "a file that shadows another": (
        {"leaf/__init__.py": FILES["leaf.py"].replace("x + 1", "[*x]")},
        {"leaf/__init__.py", "leaf.py", "uses.py", "stars.py"},
    ),
    "a file that was not found": ({"gone.py": "def absent(x):\n    return [*x]\n"}, {"gone.py", "lacks.py"}),
    "a package before a namespace": (
        {"pkg/inner/__init__.py": FILES["pkg/inner.py"]},
        {"pkg/inner/__init__.py", "pkg/inner.py", "deep.py"},
    ),
    "a file that goes": ({"pkg/inner.py": None}, {"deep.py"}),
    "a file that nobody uses": ({"new.py": FILES["free.py"]}, {"new.py"}),
    "a file that cannot be read": (
        replaced("leaf.py", "def act(x", "def act(x]"),
        {"leaf.py", "uses.py", "stars.py"},
    ),
    "a folder that is no package any more": ({"pkg/__init__.py": None}, {"pkg/inner.py", "deep.py"}),
    "a root": (
        {"root.py": "import torch\nfrom free import Free\n\ntorch.jit.script(Free())\n"},
        {"root.py", "free.py"},
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_judged_again(name: str, project: Project) -> None:
    changed, again = CHANGES[name]
    for file, text in changed.items():
        project.write(file, text)
    assert project.again() == again
    for file in changed:
        project.write(file, FILES.get(file))
    assert project.again() <= {*again, *changed} & FILES.keys()


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_judged_again_from_memory(name: str, project: Project) -> None:
    memory = Memory()
    before = project.check(memory, cache=False)
    changed, _ = CHANGES[name]
    for file, text in changed.items():
        project.write(file, text)
    assert project.check(memory, cache=False) == project.check(cache=False)
    for file in changed:
        project.write(file, FILES.get(file))
    project.judged.clear()
    assert project.check(memory, cache=False) == before
    assert not project.judged


def test_what_is_imported_where_nothing_changed(project: Project) -> None:
    asked = "{'torch', 'libcst', 'scriptlint.evaluate', 'scriptlint.engine.outline', 'scriptlint.engine.parts'}"
    program = f"import sys; from scriptlint.cli import run; run(sys.argv[1:]); print({asked} & set(sys.modules), file=sys.stderr)"
    command = [sys.executable, "-c", program, "check", "--isolated", str(project.root)]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True).stderr for _ in range(2))
    assert "scriptlint.evaluate" in first
    assert second.splitlines()[-1] == "set()"


def test_settings_that_change_judgements_have_all_judged_again(project: Project) -> None:
    project.settings = {"unreached": "report", "target": "script"}
    assert project.again() == set(FILES)
    project.settings = {"unreached": "report"}
    assert project.again() == set()


def test_a_helper_is_judged_again_when_it_is_called(project: Project) -> None:
    project.write("helper.py", "import torch\n\n\ndef export(model):\n    return torch.jit.script(model)\n")
    assert "helper.py" in project.again()
    project.write("caller.py", "from free import Free\nfrom helper import export\n\nexport(Free())\n")
    assert project.again() == {"helper.py", "caller.py", "free.py"}
    project.write("other.py", "x = 1\n")
    assert project.again() == {"other.py", "helper.py"}


OPTIONAL = "try:\n    import fast\nexcept ImportError:\n    fast = None\nFAST = fast is not None\n\n\ndef unused():\n    return 1\n"
QUICK = NET.format("Quick", "nn.Module", "[*x]").replace("import nn", "import nn\nfrom speed import FAST") + (
    "\n    def __init__(self):\n        super().__init__()\n        self.act = nn.GELU() if FAST else nn.ReLU()\n"
    "\n\ntorch.jit.script(Quick())\n"
)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("src/fast/data.txt", ""),
        ("src/fast.pyc", ""),
        ("src/fast.abi3.so", ""),
        ("src/fast.cpython-38-x86_64-linux-gnu.so", ""),
        ("src/fast.cp38-win_amd64.pyd", ""),
        ("src/__editable___fast_1_0_finder.py", "MAPPING = {'fast': '/elsewhere/fast'}\n"),
    ],
)
def test_a_package_that_comes_and_goes(place: str, text: str, project: Project) -> None:
    path = project.root / place
    for name, content in (("torch/__init__.py", ""), ("speed.py", OPTIONAL), ("quick.py", QUICK)):
        project.write(name, content)
    project.again()
    project.write("speed.py", OPTIONAL.replace("return 1", "return 2"))
    assert project.again() == set()
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert "quick.py" in project.again()
    path.unlink()
    if place.endswith(".txt"):
        path.parent.rmdir()
    assert project.again() <= {"quick.py"}


REGISTRY = (
    "class Registry:\n    def __init__(self):\n        self.table = {}\n\n"
    "    def add(self, name, cls):\n        pass\n\n\nMODELS = Registry()\n"
)
REGISTERED = NET.format("Listed", "nn.Module", "[*x]").replace(
    "import nn", "import nn\nfrom pkg.registry import MODELS"
)


@pytest.mark.parametrize("remembers", [False, True])
def test_a_method_begins_to_fill_a_registry(remembers: bool, project: Project) -> None:
    memory = Memory() if remembers else None
    project.write("pkg/__init__.py", "from pkg import listed, registry\n")
    project.write("pkg/listed.py", REGISTERED + "\n\nMODELS.add('listed', Listed)\n")
    project.write(
        "root.py", "import torch\nfrom pkg.registry import MODELS\n\ntorch.jit.script(MODELS.table['listed']())\n"
    )
    untold = []
    for body in ("pass", "self.table[name] = cls", "pass"):
        project.write("pkg/registry.py", REGISTRY.replace("pass", body))
        found = project.check(memory, cache=not remembers)
        assert found == project.check(cache=False)
        untold.append(len(found[1].untold))  # type: ignore[attr-defined]
    assert untold == [1, 0, 1]


def test_an_archive_is_loaded_in_another_file(project: Project) -> None:
    load = (
        "import torch\n\n\ndef load():\n    torch.jit.load('b.pt', map_location='cpu')\n    return torch.load('a.pt')\n"
    )
    project.write("loads.py", load)
    project.again()
    project.write(
        "saves.py", "import torch\nfrom free import Free\n\ntorch.jit.save(torch.jit.script(Free()), 'a.pt')\n"
    )
    assert project.again() == {"saves.py", "free.py"}


LINES = [
    "# a comment",
    "x = 1  # noqa",
    "# type: ignore",
    "",
    "x = 1",
    "import torch",
    "from leaf import act as absent",
    "from base import Base",
    "from free import *",
    "def thing(x):\n    return [*x]",
    "class Extra(Base):\n    def forward(self, x):\n        return thing(x)  # comment",
    "torch.jit.script(Free())",
    "def helper(model):\n    torch.jit.script(model)",
    "helper(Heir())",
    "@torch.jit.script\ndef scripted(x):\n    return twice([*x])",
]
COMMENTS = [
    "",
    "  ",
    "# why",
    "        # what",
    "    # scriptlint: ignore",
    "  # noqa: SL120",
    "  # type: (int) -> int",
]
BODIES = [
    "    return x",
    "    return [*x]",
    "        return {*x}",
    "    x = x + 1  # more",
    "    global SIZES",
    "    SIZES.append(1)",
    "    self.n = 2.0",
    "    self.seen.append(1)",
    "    def inner(y):\n        return y",
    "    # what",
    '    """Say it.\n\n    More."""',
]
NAMES = [*FILES, "gone.py", "leaf/__init__.py", "pkg/more.py"]


@pytest.mark.parametrize("seed", range(4))
def test_random_changes(seed: int, project: Project) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        for _ in range(chance.randint(1, 2)):
            name = chance.choice(NAMES)
            there = (project.root / name).exists()
            if not there or chance.random() < 0.2:
                project.write(name, FILES.get(name, HEAD) if not there else None)
                continue
            lines = project.read(name).split("\n")
            if chance.random() < 0.5:
                at = chance.randrange(len(lines) + 1)
                lines[at:at] = [chance.choice(COMMENTS)]
                lines[at - 1] += chance.choice(COMMENTS)
                project.write(name, "\n".join(lines))
                continue
            inside = [one for one, line in enumerate(lines) if line.lstrip().startswith("return")]
            if inside and chance.random() < 0.5:
                at = chance.choice(inside)
                indent = " " * (len(lines[at]) - len(lines[at].lstrip()))
                body = chance.choice(BODIES)
                body = "\n".join(indent + line.removeprefix("    ") for line in body.split("\n"))
                lines[at : at + chance.randint(0, 1)] = body.split("\n")
                project.write(name, "\n".join(lines))
                continue
            at = chance.choice([one for one, line in enumerate([*lines, ""]) if not line.startswith(" ")])
            lines[at:at] = chance.choice(LINES).split("\n")
            if chance.random() < 0.3:
                del lines[chance.randrange(len(lines))]
            project.write(name, "\n".join(lines))
        if chance.random() < 0.2:
            project.settings["unreached"] = chance.choice(["report", "count"])
        project.again()


def test_processes_judge_the_same(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    one = project.check(cache=False)
    monkeypatch.setattr(judging, "WORTH_A_POOL", 0)
    for cache in (False, True):
        assert project.check(cache=cache, jobs=2) == one
    project.write("leaf.py", project.read("leaf.py").replace("x + 1", "[*x]"))
    assert project.check(jobs=2) == project.check(cache=False)


def test_a_part_on_which_a_process_dies_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "WORTH_A_POOL", 0)
    real, here = Parts.judge, os.getpid()

    def dying(parts: Parts, part: Part) -> Judgement:
        if part.path.endswith("free.py"):
            assert os.getpid() != here
            os._exit(1)
        return real(parts, part)

    monkeypatch.setattr(Parts, "judge", dying)
    diagnostics, *_ = project.check(jobs=2, cache=False)
    died = {Path(one.span.path).name for one in diagnostics if one.code == INTERNAL_ERROR.code}
    assert died == {"free.py"}
    assert {Path(one.span.path).name for one in diagnostics} >= {"base.py", "inner.py"}
    for name in ("free.py", "base.py"):
        project.write(name, FILES[name] + "x = 1\n")
    project.check(jobs=2)
    monkeypatch.setattr(Parts, "judge", real)
    assert project.check(jobs=2) == project.check(cache=False)
