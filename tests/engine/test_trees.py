"""The trees of a run do not pile up: what was not used for longest is forgotten, and made again when it is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptlint.engine import parts, pipeline
from scriptlint.engine.settings import Settings

BASE = (
    "import torch\nfrom torch import nn\n\n\nclass Base(nn.Module):\n    def forward(self, x):\n        return [*x]\n"
)
HEIR = "from base import Base\n\n\nclass Heir{0}(Base):\n    def more(self, x):\n        return x\n"


@pytest.mark.parametrize("cache", [True, False])
def test_few_trees_are_kept(cache: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    (tmp_path / "base.py").write_text(BASE)
    for number in range(12):
        (tmp_path / f"heir{number}.py").write_text(HEIR.format(number))
    paths = sorted(map(str, tmp_path.glob("*.py")))
    settings = Settings(root=str(tmp_path), unreached="report")
    whole = pipeline.check(paths, settings, cache=False, jobs=1)
    kept: list[int] = []
    real = parts.Parts.judge

    def noted(self: parts.Parts, part: parts.Part) -> parts.Judgement:
        made = real(self, part)
        kept.append(len(self._modules))
        return made

    monkeypatch.setattr(parts.Parts, "judge", noted)
    monkeypatch.setattr(parts, "_TREES", 4 * len(HEIR))
    again = pipeline.check(paths, settings, cache=cache, jobs=1)
    assert (again.diagnostics, again.outcomes) == (whole.diagnostics, whole.outcomes)
    assert whole.diagnostics
    assert max(kept) <= 4
