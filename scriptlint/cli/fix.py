"""`scriptlint fix`: repairs, and prints what it repaired. It is `check --fix-only --show-fixes` under a name of its own."""

from __future__ import annotations

from typing import Any

import click

from scriptlint.cli import check

_EPILOG = """\b
Exit codes:
  0  the files are repaired as far as they can be, or nothing was to repair
  1  with --diff or --exit-non-zero-on-fix: something is repaired
  2  the tool could not do its work, or a file could not be written
"""
_OPTIONS = frozenset(
    "paths unsafe_fixes diff interactive fixable unfixable exit_non_zero_on_fix confirm target unreached markdown "
    "output_format exclude extend_exclude respect_gitignore force_exclude stdin_filename quiet colour config isolated "
    "python target_torch no_cache cache_dir jobs".split()
)


def _fix(**options: Any) -> int:
    """Repair PATHS, files and folders (default: the working folder), where that changes no result.

    Only what reaches a compiler is repaired, and only in the files that are named. - reads one file from stdin.
    """
    context, show = click.get_current_context(), not options["diff"]
    code: int = context.invoke(check.command, fix_only=True, show_fixes=show, **options)
    return code


command = click.Command(
    "fix",
    callback=_fix,
    params=[one for one in check.command.params if one.name in _OPTIONS],
    help=_fix.__doc__,
    short_help="Repair what can be repaired safely.",
    epilog=_EPILOG,
)
