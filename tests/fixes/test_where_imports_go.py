"""Where the import that a fix needs is written, in files of different styles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixes.test_fixed_programs import fixed
from tests.judge import Judge

BODY = """

def f(x, n: int):
    y = None
    if n > 0:
        y = x
    return y


torch.jit.script(f)
"""
ANNOTATED = BODY.replace("y = None", "y: Optional[torch.Tensor] = None")

CASES = {
    "before the first of another kind": ("import torch\n", "from typing import Optional\n\nimport torch\n"),
    "nowhere if it is imported twice": (
        "import torch\nfrom typing import Optional\nimport torch\nfrom typing import Optional\n",
        "import torch\nfrom typing import Optional\nimport torch\nfrom typing import Optional\n",
    ),
    "behind its own kind": (
        "import math\nimport os\n\nimport torch\n",
        "import math\nimport os\nfrom typing import Optional\n\nimport torch\n",
    ),
    "below the future": (
        "from __future__ import annotations\n\nimport torch\n",
        "from __future__ import annotations\n\nfrom typing import Optional\n\nimport torch\n",
    ),
    "below a docstring": (
        '"""Doc."""\n\nimport torch\n',
        '"""Doc."""\n\nfrom typing import Optional\n\nimport torch\n',
    ),
    "not between a comment and what it is about": (
        "# Copyright\n\n# the framework\nimport torch\n",
        "# Copyright\n\n# the framework\nimport torch\nfrom typing import Optional\n",
    ),
    "below what the file begins with": (
        "# Copyright\nimport torch\n",
        "# Copyright\nfrom typing import Optional\n\nimport torch\n",
    ),
    "in the order of names": (
        "from typing import Dict, Tuple\n\nimport torch\n",
        "from typing import Dict, Optional, Tuple\n\nimport torch\n",
    ),
    "behind names without order": (
        "from typing import Tuple, Dict  # types\n\nimport torch\n",
        "from typing import Tuple, Dict, Optional  # types\n\nimport torch\n",
    ),
    "on a line of its own": (
        "from typing import (\n    Dict,\n    Tuple,\n)\n\nimport torch\n",
        "from typing import (\n    Dict,\n    Optional,\n    Tuple,\n)\n\nimport torch\n",
    ),
    "on a continued line": (
        "from typing import Dict, \\\n    Tuple\n\nimport torch\n",
        "from typing import Dict, \\\n    Optional, Tuple\n\nimport torch\n",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_where_an_import_goes(case: str, tmp_path: Path) -> None:
    before, after = CASES[case]
    assert fixed(tmp_path, before + BODY, []) == after + ANNOTATED


STYLES = {
    "typing": (
        "import torch\nfrom torch import nn\n",
        "",
        "from typing import List, Optional\n\nimport torch\nfrom torch import nn\n",
        ("Optional[torch.Tensor]", "Optional[List[int]]"),
    ),
    "unions": (
        "import torch\nfrom torch import nn\n",
        "def g(x: int | None): pass\n\n\n",
        "from typing import List\n\nimport torch\nfrom torch import nn\n",
        ("torch.Tensor | None", "List[int] | None"),
    ),
    "unions and containers": (
        "import torch\nfrom torch import nn\n",
        "def g(x: list[int] | None): pass\n\n\n",
        "import torch\nfrom torch import nn\n",
        ("torch.Tensor | None", "list[int] | None"),
    ),
    "what is imported": (
        "from typing import List, Optional\n\nimport torch\nfrom torch import Tensor, nn\n",
        "def g(x: list[int] | None): pass\n\n\n",
        "from typing import List, Optional\n\nimport torch\nfrom torch import Tensor, nn\n",
        ("Optional[Tensor]", "Optional[List[int]]"),
    ),
    "names from a package without it": (
        "from torch.jit import script\nfrom torch import nn\n",
        "def g(x: list[int] | None): pass\n\n\n",
        "from torch.jit import script\nfrom torch import Tensor, nn\n",
        ("Tensor | None", "list[int] | None"),
    ),
}
MODEL = """

{more}class M(nn.Module):
{declared}    def __init__(self):
        super().__init__()
        self.cache = None

    def forward(self, x):
        if self.cache is None:
            self.cache = x.clone()
        sizes = None
        if x.dim() > 1:
            sizes = [1, 2]
        return sizes


script(M())
"""


@pytest.mark.parametrize("style", STYLES)
def test_annotations_are_written_as_in_the_file(style: str, judge: Judge, tmp_path: Path) -> None:
    head, more, new_head, (cache, sizes) = STYLES[style]
    model = MODEL if "script" in head else MODEL.replace("script(", "torch.jit.script(")
    before = head + model.format(more=more, declared="")
    after = new_head + model.format(more=more, declared=f"    cache: {cache}\n\n")
    after = after.replace("sizes = None", f"sizes: {sizes} = None")
    assert fixed(tmp_path, before, []) == after
    assert judge.run(after).verdict == "ok"


def test_a_class_whose_annotations_are_text_has_no_new_ones(tmp_path: Path) -> None:
    head = "from __future__ import annotations\n\nimport torch\nfrom torch import nn\n"
    text = head + MODEL.format(more="", declared="").replace("script(", "torch.jit.script(")
    assert "cache:" not in fixed(tmp_path, text, [])


def test_functions_are_called_by_their_module(tmp_path: Path) -> None:
    text = (
        "import numpy as np\nimport torch\n\n\ndef f(x):\n    return x * np.sqrt(x.size(0))\n\n\ntorch.jit.script(f)\n"
    )
    after = fixed(tmp_path, text, ["--unsafe-fixes"])
    assert after == "import math\n\n" + text.replace("np.sqrt", "math.sqrt")


LOCAL = """import torch


def f(x: float):
    {statement}

    return degrees(x)


torch.jit.script(f)
"""


def test_an_import_in_a_function_moves_to_its_kind(tmp_path: Path) -> None:
    text = LOCAL.format(statement="from math import (\n        degrees,\n    )")
    after = "from math import (\n    degrees,\n)\n\n" + LOCAL.replace("    {statement}\n\n", "")
    assert fixed(tmp_path, text, ["--unsafe-fixes"]) == after


@pytest.mark.parametrize("statement", ["from package.other import degrees", "from .other import degrees"])
def test_an_import_from_the_own_package_stays(statement: str, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "other.py").write_text("def degrees(x: float):\n    return x\n", encoding="utf-8")
    text = LOCAL.format(statement=statement)
    assert fixed(folder, text, ["--unsafe-fixes"]) == text
