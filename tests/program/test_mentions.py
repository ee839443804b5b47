"""Which files the behaviour of a class can depend on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from scriptlint.program.mentions import Mentions
from tests.projects import Files

PACKAGE = {
    "pkg/__init__.py": "from .used import Used, make\nfrom .other import Other\nfrom . import far\n",
    "pkg/used.py": "from .deep import Deep\n\nclass Used(Deep):\n    pass\n\ndef make():\n    return Used()\n",
    "pkg/deep.py": "class Deep:\n    pass\n",
    "pkg/other.py": "class Other:\n    pass\n",
    "pkg/far.py": "from .other import Other\n\nclass Far:\n    other = Other\n\nclass Near:\n    pass\n",
}

USED = {"main.py", "pkg/__init__.py", "pkg/used.py", "pkg/deep.py"}
OTHER = {"main.py", "pkg/__init__.py", "pkg/other.py"}
FAR = {"main.py", "pkg/__init__.py", "pkg/far.py", "pkg/other.py"}

PROGRAMS: Mapping[str, tuple[str, set[str]]] = {
    "nothing": ("from pkg import Used\n\nclass Net:\n    pass\n", {"main.py"}),
    "a base": ("from pkg import Used\n\nclass Net(Used):\n    pass\n", USED),
    "a call": ("import pkg\n\nclass Net:\n    def __init__(self):\n        self.a = pkg.make()\n", USED),
    "a default": ("from pkg import Used\n\nclass Net:\n    def f(self, Used=Used):\n        return Used()\n", USED),
    "a decorator": ("from pkg import make\n\n@make\nclass Net:\n    pass\n", USED),
    "a decorated method": ("from pkg import make\n\nclass Net:\n    @make\n    def f(self):\n        pass\n", USED),
    "a quoted annotation": ("from pkg import Used\n\nclass Net:\n    def f(self, x: 'Used'):\n        pass\n", USED),
    "a type comment": (
        "from pkg import Used\n\nclass Net:\n    def f(self, x):\n        # type: (Used) -> None\n        pass\n",
        USED,
    ),
    "an import inside": (
        "class Net:\n    def f(self):\n        from pkg.used import Used\n        return Used()\n",
        {"main.py", "pkg/used.py", "pkg/deep.py", "pkg/__init__.py"} - {"pkg/__init__.py"},
    ),
    "a table": ("import pkg\n\nTABLE = {}\nTABLE['a'] = pkg.Other\n\nclass Net:\n    a = TABLE\n", OTHER),
    "an alias": ("import pkg\n\nIt = pkg.Other\n\nclass Net(It):\n    pass\n", OTHER),
    "a star": ("from pkg import *\n\nclass Net(Other):\n    pass\n", OTHER),
    "a helper": (
        "import pkg\n\ndef h():\n    return pkg.Other()\n\nclass Net:\n    def f(self):\n        h()\n",
        OTHER,
    ),
    "a member of a file": ("from pkg import far\n\nclass Net(far.Near):\n    pass\n", FAR - {"pkg/other.py"}),
    "a file as a value": ("from pkg import far\n\nclass Net:\n    def f(self, n):\n        getattr(far, n)\n", FAR),
    "the function around it": ("import pkg\n\ndef f():\n    a = pkg.Other\n    class Net:\n        b = a\n", OTHER),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_files_on_which_a_class_depends(name: str, tmp_path: Path) -> None:
    text, expected = PROGRAMS[name]
    files = Files(tmp_path, {"main.py": text, **PACKAGE})
    net = next(one for one in files.main.classes.values() if one.node.name == "Net")
    found = {Path(one).relative_to(tmp_path).as_posix() for one in Mentions(files.project, [files.main]).files(net)}
    assert found == expected
