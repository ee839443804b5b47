"""The command line. `check` is the default: whatever does not begin with another command's name goes to it.

This module imports click and nothing else, and each command imports what it needs when it runs: `--version`, `--help`
and completion answer at once. What the commands share is in `options`. Nobody ever sees a traceback: what goes wrong is
one sentence on stderr and exit code 2.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

from scriptlint.cli.completing import files
from scriptlint.cli.options import INTERRUPTED, Trouble, complain
from scriptlint.engine.paths import printable
from scriptlint.version import __version__

__all__ = ["main"]

# The module of each command and the name in it.
_COMMANDS = {
    "check": "scriptlint.cli.check",
    "fix": "scriptlint.cli.fix",
    "modules": "scriptlint.cli.modules",
    "confirm": "scriptlint.cli.confirm",
    "explain": "scriptlint.cli.explain",
    "rules": "scriptlint.cli.rules",
    "server": "scriptlint.cli.server",
    "snapshot": "scriptlint.cli.snapshot",
    "baseline": "scriptlint.cli.baseline",
    "schema": "scriptlint.cli.schema",
    "clean": "scriptlint.cli.clean",
    "completion": "scriptlint.cli.completion",
    "version": "scriptlint.cli.version",
}
_OWN_OPTIONS = ("--help", "-h", "--version", "-V")
BROKEN_PIPE = 141


class Terminated(KeyboardInterrupt):
    """Somebody else asks for an end, by the signal `number`; everything is tidied up as after Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class _Group(click.Group):
    """Loads a command when it is asked for, and takes `check` where none is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(module).command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing and not args:  # the shell completes the first word, which may be a command
            return super().parse_args(ctx, args)
        if not args or args[0] not in (*_COMMANDS, *_OWN_OPTIONS):
            _refuse_misspelled(args)
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the first word: a command, or what `check` takes."""
        found = super().shell_complete(ctx, incomplete)
        check = self.get_command(ctx, "check")
        if check is not None and (incomplete.startswith("-") or not found):
            found += check.shell_complete(
                check.make_context("check", [], parent=ctx, resilient_parsing=True), incomplete
            )
        return found or files(ctx, check.params[0] if check is not None else click.Argument(["path"]), incomplete)


def _refuse_misspelled(args: Sequence[str]) -> None:
    """Raise Trouble where the first word names no file and looks like the name of a command."""
    word = args[0] if args else ""
    if not word.isidentifier() or os.path.lexists(word):
        return
    from scriptlint.engine.settings_file import did_you_mean

    near = did_you_mean(word, list(_COMMANDS))
    if near:
        raise Trouble(f"there is no command or file `{word}`{near}")


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`scriptlint PATHS` is short for `scriptlint check PATHS`; `scriptlint check --help` lists its options.",
)
@click.version_option(__version__, "-V", "--version", prog_name="scriptlint", message="%(prog)s %(version)s")
def _commands() -> None:
    """Tells from source whether a PyTorch model survives torch.jit.script, and what torch.jit.trace would erase from it."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    # Trees are many objects without cycles: collecting at Python's own pace costs a tenth of a run and frees nothing.
    gc.set_threshold(200_000, 20, 20)
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a source line may hold what the terminal cannot show
    try:
        with _ended_by_signals():
            code = _commands.main(args, prog_name="scriptlint", standalone_mode=False)
            sys.stdout.flush()
    except click.ClickException as error:
        return _told(error)
    except (KeyboardInterrupt, click.Abort) as error:
        cause = error.__cause__ if isinstance(error, click.Abort) else error  # click makes the one of the other
        return 128 + cause.number if isinstance(cause, Terminated) else INTERRUPTED
    except BrokenPipeError:
        return _quiet()
    except SystemExit as error:  # click's own way to end after completion, and when the pipe is broken
        return 0 if error.code == 0 else _quiet() if error.code == 1 else 2
    except OSError as error:  # a full disk, a working folder that is gone: nobody's bug
        complain(f"the system refused: {error}")
        return 2
    except Exception as error:
        return _bug(error)
    return code if isinstance(code, int) else 0


def _open_streams() -> None:
    """Give the process the standard streams that it was started without: a file would get their descriptors else."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            if nothing != number:
                os.dup2(nothing, number)
                os.close(nothing)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Raise Terminated where a signal would end the process at once, so that nothing of it is left."""

    def end(number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)  # the next one does not wait
        raise Terminated(number)

    before = {}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and threading.current_thread() is threading.main_thread():
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _told(error: click.ClickException) -> int:
    """Print what is wrong with the command line, in which names of files may stand; return the exit code."""
    text = io.StringIO()
    error.show(text)
    lines = text.getvalue().splitlines()
    click.echo("\n".join(map(printable, lines)), err=True, nl=bool(lines))
    return error.exit_code


def _quiet() -> int:
    # What is still in the buffer must not be written again when Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return BROKEN_PIPE


def _bug(error: Exception) -> int:
    if os.environ.get("SCRIPTLINT_TRACEBACK"):
        raise error
    where = _last(error.__traceback__)
    kind = type(error).__name__
    complain(f"this is a bug in scriptlint, please report it: {kind}: {error} ({where})")
    click.echo("Set SCRIPTLINT_TRACEBACK=1 to see the whole traceback.", err=True)
    return 2


def _last(traceback: TracebackType | None) -> str:
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return "nowhere"
    return f"{os.path.basename(traceback.tb_frame.f_code.co_filename)}:{traceback.tb_lineno}"
