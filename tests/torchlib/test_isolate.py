"""Questions to torch in processes of their own."""

import os
import signal
from pathlib import Path

import pytest

from scriptlint.torchlib.survey import isolate


def test_an_answer() -> None:
    assert isolate.ask(lambda: {"a": 1}) == {"a": 1}


def test_a_process_that_dies_is_asked_again(tmp_path: Path) -> None:
    mark = tmp_path / "died"

    def question() -> int:
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return 3

    assert isolate.ask(question) == 3


def test_a_question_that_kills_has_no_answer() -> None:
    assert isolate.ask(lambda: os.kill(os.getpid(), signal.SIGKILL)) is None


def test_a_question_without_an_end_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolate, "SECONDS", 0.1)  # of processor time
    marks = tmp_path / "marks"

    def question() -> None:
        with marks.open("a") as file:
            file.write("x")
        while True:
            pass

    assert isolate.ask(question) is None
    assert marks.read_text() == "x"
