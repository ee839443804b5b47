"""A whole run: targets are grouped by the settings that govern them; each group is asked about, and findings merged.

The analysis is imported only after the other interpreter has been started: it takes a while, and so does torch.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scriptlint.confirm.options import Options, how
from scriptlint.confirm.runner import How, Workers
from scriptlint.engine.discover import discover
from scriptlint.engine.environment import site_packages
from scriptlint.engine.settings import Finder, Settings
from scriptlint.program.lookup import locate

if TYPE_CHECKING:
    from scriptlint.confirm.report import Report

Progress = Callable[[int, int, str], None]


@dataclass
class Group:
    """The files and the objects, each with its file, that the same settings govern."""

    settings: Settings
    files: list[str] = field(default_factory=list)
    objects: dict[str, str] = field(default_factory=dict)


def confirm(targets: Sequence[str], finder: Finder, options: Options, progress: Progress) -> Report:
    """Ask torch about everything that the targets name.

    Raises CannotRun where there is no torch to ask, and what settings and snapshots raise.
    """
    started = time.monotonic()
    problems: list[str] = []
    groups = _grouped(targets, finder, problems)
    workers: dict[How, Workers] = {}
    try:
        for group in groups:
            wanted = how(group.settings, options)
            if wanted not in workers and options.executor is None:
                workers[wanted] = Workers(wanted)
                workers[wanted].start()
        from scriptlint.confirm.asking import ask
        from scriptlint.confirm.report import Report

        report = Report(problems=problems)
        for group in groups:
            wanted = how(group.settings, options)
            ask(group, wanted, options, progress, report, workers.get(wanted))
    finally:
        for one in workers.values():
            one.close()
    report.seconds = time.monotonic() - started
    return report


def _grouped(targets: Sequence[str], finder: Finder, problems: list[str]) -> list[Group]:
    paths = [one for one in targets if not _names_object(one)]
    found = discover(paths, finder)
    problems += found.problems
    groups = {id(settings): Group(settings, files) for settings, files in found.groups()}
    for target in targets:
        if not _names_object(target):
            continue
        here = finder.of(os.getcwd())
        root = Path(here.root or os.getcwd())
        packages = site_packages(here.python, here.root)
        path = file_of(target, [Path.cwd(), root, root / "src", *packages])
        if path is None:
            name = target.partition("::" if "::" in target else ":")[0]
            problems.append(f"{target}: there is no {'file' if '::' in target else 'module'} `{name}`")
            continue
        settings = finder.of(os.path.dirname(path)) if "::" in target else here
        groups.setdefault(id(settings), Group(settings)).objects[target] = path
    return list(groups.values())


def _names_object(target: str) -> bool:
    return ":" in target and not os.path.lexists(target)


def file_of(target: str, roots: Sequence[Path]) -> str | None:
    """Return the file that a target is about, None where there is none; a path that is no target is its own."""
    path, separator, _ = target.partition("::")
    if separator:
        return os.path.abspath(path) if os.path.isfile(path) else None
    name = target.partition(":")[0]
    found = (locate(root, name) for root in roots)
    return next((os.path.abspath(one) for one in found if one is not None), None)
