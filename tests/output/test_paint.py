"""When there is colour, and when there is progress."""

import io

import pytest

from scriptlint.output.paint import Paint, wants_colour, wants_links
from scriptlint.output.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "environment", "choice", "wanted"),
    [
        (True, {}, "auto", True),
        (False, {}, "auto", False),
        (True, {"NO_COLOR": "1"}, "auto", False),
        (True, {"NO_COLOR": ""}, "auto", True),
        (True, {"TERM": "dumb"}, "auto", False),
        (False, {"FORCE_COLOR": "1"}, "auto", True),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "dumb"}, "auto", True),
        (False, {"FORCE_COLOR": ""}, "auto", False),
        (False, {"FORCE_COLOR": "0"}, "auto", False),
        (True, {"FORCE_COLOR": "1"}, "never", False),
        (False, {"NO_COLOR": "1"}, "always", True),
    ],
)
def test_colour_follows_option_environment_and_terminal(
    terminal: bool, environment: dict[str, str], choice: str, wanted: bool
) -> None:
    assert wants_colour(Terminal() if terminal else io.StringIO(), environment, choice) is wanted


def test_progress_waits_and_clears_its_line() -> None:
    now = [0.0]
    stream = Terminal()
    progress = Progress(stream, clock=lambda: now[0], environment={"TERM": "xterm"})
    progress(1, 9, "/a.py")
    assert stream.getvalue() == ""
    now[0] = 1.5
    progress(2, 9, "/b.py")
    progress(3, 9, "/c.py")
    assert stream.getvalue() == "\r\x1b[2K[2/9] /b.py"
    progress.clear()
    assert stream.getvalue().endswith("\r\x1b[2K")
    written = stream.getvalue()
    progress.clear()
    assert stream.getvalue() == written


@pytest.mark.parametrize(("stream", "terminal"), [(io.StringIO(), "xterm"), (Terminal(), "dumb")])
def test_no_progress_where_no_line_can_be_rewritten(stream: io.StringIO, terminal: str) -> None:
    progress = Progress(stream, clock=lambda: 100.0, patience=-1, environment={"TERM": terminal})
    progress(1, 2, "/a.py")
    progress.clear()
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("terminal", "environment", "wanted"),
    [
        (True, {}, False),
        (True, {"TERM": "xterm-256color"}, False),
        (True, {"TERM": "xterm-kitty"}, True),
        (True, {"TERM_PROGRAM": "vscode"}, True),
        (True, {"TERM_PROGRAM": "Apple_Terminal"}, False),
        (True, {"VTE_VERSION": "6003"}, True),
        (True, {"VTE_VERSION": "4999"}, False),
        (True, {"VTE_VERSION": "new"}, False),
        (True, {"WT_SESSION": "x"}, True),
        (True, {"WT_SESSION": "x", "TERM": "dumb"}, False),
        (True, {"WT_SESSION": "x", "CI": "true"}, False),
        (True, {"WT_SESSION": "x", "FORCE_HYPERLINK": "0"}, False),
        (False, {"WT_SESSION": "x"}, False),
        (False, {"FORCE_HYPERLINK": "1"}, True),
        (True, {"FORCE_HYPERLINK": "", "TERM": "foot-extra"}, True),
    ],
)
def test_when_codes_are_links(terminal: bool, environment: dict[str, str], wanted: bool) -> None:
    assert wants_links(Terminal() if terminal else io.StringIO(), environment) is wanted


def test_a_code_leads_to_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCRIPTLINT_DOCS", raising=False)
    shown = Paint(True, True).code("SL141")
    assert shown.startswith("\x1b]8;;file:///")
    assert shown.endswith("/SL141-keyword-only-default.md\x1b\\SL141\x1b]8;;\x1b\\")
    monkeypatch.setenv("SCRIPTLINT_DOCS", "https://docs.test")
    assert Paint(True, True).code("SL141").startswith("\x1b]8;;https://docs.test/rules/SL141/\x1b")
    assert Paint(True).code("SL141") == "SL141"
