"""`check --watch`: once more whenever a file is another one than before, until Ctrl-C."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec

import click

from scriptlint.cli.options import Trouble
from scriptlint.engine.paths import printable, shown
from scriptlint.text import MARKDOWN, NOTEBOOK

_WATCHED = (".py", ".pyi", ".pyw", ".toml", ".gitignore", NOTEBOOK, MARKDOWN)
_NAMED = 5  # changed files whose names are shown
_STEP = 100  # milliseconds in which changes are taken together
_WAIT = 100  # milliseconds between two looks at whether somebody wants an end


def watch(folders: Sequence[str], run: Callable[[], object]) -> int:
    """Call `run`, and again after every change of a file in the folders; returns the exit code when it is interrupted."""
    if find_spec("watchfiles") is None:
        raise Trouble("--watch needs watchfiles: pip install 'scriptlint[watch]'")
    from watchfiles import DefaultFilter
    from watchfiles import watch as changes_in

    ignored = DefaultFilter(ignore_dirs=(*DefaultFilter.ignore_dirs, ".scriptlint_cache"))

    def is_wanted(change: object, path: str) -> bool:
        return path.endswith(_WATCHED) and ignored(change, path)  # type: ignore[arg-type]  # only the path counts

    try:
        # The first step is empty: from then on nothing that changes is missed, while we look at what there is too.
        steps = changes_in(
            *folders,
            watch_filter=is_wanted,
            step=_STEP,
            rust_timeout=_WAIT,
            yield_on_timeout=True,
            raise_interrupt=True,
        )
        next(steps)
        _show("", run)
        for changes in steps:
            if changes:
                _show(_changed(path for _, path in changes), run)
    except KeyboardInterrupt:
        click.echo(err=True)
    return 0


def _show(title: str, run: Callable[[], object]) -> None:
    if sys.stdout.isatty():
        click.clear()
    if title:
        click.echo(title)
        click.echo()
    try:
        run()
    except click.ClickException as error:
        error.show()
    click.echo("\nWaiting for changes; Ctrl-C ends.")


def _changed(paths: Iterable[str]) -> str:
    names = sorted({printable(shown(path)) for path in paths})
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"Changed: {', '.join(names[:_NAMED])}{more}"


def watched_folders(paths: Sequence[str], root: str) -> list[str]:
    """Return the folders to watch for some paths: theirs, and the project's, in which the roots and settings are."""
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in map(os.path.abspath, paths)]
    wanted = list(dict.fromkeys([*folders, *([root] if root else [])]))
    wanted = [one for one in wanted if os.path.isdir(one)]
    return [one for one in wanted if not any(one != other and _holds(other, one) for other in wanted)]


def _holds(outer: str, inner: str) -> bool:
    return inner.startswith(os.path.join(outer, ""))
