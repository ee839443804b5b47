"""A run that is not wanted any more ends between two pieces, and leaves nothing wrong behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptlint.engine.discover import Discovered
from scriptlint.engine.interruption import Interrupted, interruptible
from scriptlint.engine.lint import Linted, lint
from scriptlint.engine.memory import Memory
from scriptlint.engine.settings import Finder

PROGRAM = "import torch\nfrom torch import nn\n" + "".join(
    f"class Net{number}(nn.Module):\n    def forward(self, x):\n        return (lambda y: y)(x)\n"
    for number in range(6)
)


def test_wherever_it_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(PROGRAM)
    settings = Finder(isolated=True).of(str(tmp_path))
    memory = Memory()

    def found(remembered: Memory | None) -> Linted:
        asked = Discovered([str(path)], {str(path): settings}, [], [str(path)])
        return lint(asked, {}, cache=False, jobs=1, memory=remembered)

    whole = found(None).findings
    ended = 0
    for most in range(100):
        pieces = 0

        def is_unwanted(most: int = most) -> bool:
            nonlocal pieces
            pieces += 1
            return pieces > most

        try:
            with interruptible(is_unwanted):
                assert found(memory).findings == whole
            break
        except Interrupted:
            ended += 1
    assert ended >= 6, "there is a place to end it at each class"
    assert found(memory).findings == whole
    with pytest.raises(Interrupted), interruptible(lambda: True):
        found(None)


def test_what_is_remembered_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.py"
    path.write_text("")
    settings = Finder(isolated=True).of(str(tmp_path))
    memory = Memory()
    asked = Discovered([str(path)], {str(path): settings}, [], [str(path)])
    for number in range(12):
        text = f"{PROGRAM}n = {number}\n"
        assert len(lint(asked, {str(path): text.encode()}, cache=False, jobs=1, memory=memory).findings) == 6
        memory.forget_old()
        assert all(len(known) <= 4 for known in memory.judgements.values())
    assert len(memory.runs) == 1
    assert len(memory.parsed) == 12
    monkeypatch.setattr("scriptlint.engine.memory._BYTES", 3 * max(map(len, memory.parsed.values())))
    last = list(memory.parsed)[-3:]
    memory.forget_old()
    assert list(memory.parsed) == last, "the oldest trees go first"
