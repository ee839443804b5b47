"""Judging the same files again with some of them changed gives what judging them for the first time would give."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from scriptlint.engine import analysis, pipeline
from scriptlint.engine.memory import Memory
from scriptlint.engine.settings import Settings
from scriptlint.program.module import Class

LAYERS = "import torch\n\ndef act(x, flag=True):\n    return x + 1 if flag else x\n"
NET = "from torch import nn\n{}\nclass Net(nn.Module):\n    def forward(self, x):\n        return {}\n"
FILES = {
    "layers.py": LAYERS,
    "uses.py": NET.format("from layers import act\n", "act(x)"),
    "free.py": NET.format("", "[*x]"),
    "keeps.py": NET.format("", "self._out(x)") + "\n    @torch.jit.ignore\n    def _out(self, x):\n        return x\n",
}
CHANGES: Mapping[str, tuple[dict[str, str], set[str]]] = {
    "nothing": ({}, set()),
    "a file that one imports": ({"layers.py": "# moved\n" + LAYERS}, {"uses.py"}),
    "a class": ({"free.py": NET.format("", "x")}, {"free.py"}),
    "a root elsewhere": ({"layers.py": LAYERS + "\nfrom free import Net\ntorch.jit.script(Net())\n"}, {"uses.py"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_is_judged_again_and_the_result_is_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed, again = CHANGES[name]
    for file, text in FILES.items():
        (tmp_path / file).write_text(text.replace("from torch import nn", "import torch\nfrom torch import nn"))
    paths = [str(tmp_path / file) for file in FILES]
    overlay = {str(tmp_path / file): text.encode() for file, text in changed.items()}
    settings = Settings(root=str(tmp_path), unreached="report")
    judged: list[str] = []
    real = analysis.Analysis._judge_unrooted

    def noted(self: analysis.Analysis, cls: Class) -> None:
        judged.append(Path(cls.module.path).name)
        real(self, cls)

    monkeypatch.setattr(analysis.Analysis, "_judge_unrooted", noted)

    def findings(memory: Memory | None, changes: Mapping[str, bytes]) -> list[object]:
        return list(pipeline.check(paths, settings, overlay=changes, cache=False, jobs=1, memory=memory).diagnostics)

    memory = Memory()
    findings(memory, {})
    judged.clear()
    repeated = findings(memory, overlay)
    assert set(judged) == again
    assert repeated == findings(None, overlay)
    assert repeated
