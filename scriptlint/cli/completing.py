"""What the shell is offered while a command is typed: the codes and names of rules, settings, files."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def rules(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the last of a list of rules: their codes, or their names where these are begun."""
    from click.shell_completion import CompletionItem

    from scriptlint.engine.registry import all_rules
    from scriptlint.engine.settings import Finder, SettingsError

    with contextlib.suppress(SettingsError):
        Finder().of(os.getcwd())  # makes the rules of packs known
    before, comma, last = incomplete.rpartition(",")
    known = all_rules().values()
    by_code = [(rule.code, rule.name) for rule in known]
    is_code = any(code.startswith(last.upper()) for code, _ in by_code)
    by_name = [(rule.name, rule.code) for rule in known] if last and not is_code else []
    return [
        CompletionItem(f"{before}{comma}{text}", help=about)
        for text, about in (*by_code, *by_name)
        if text.lower().startswith(last.lower())
    ]


def rule(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the code or the name of one rule."""
    return rules(context, parameter, incomplete) if "," not in incomplete else []


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete the name of a file."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def settings(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a setting, or that of a settings file where no setting begins so."""
    from click.shell_completion import CompletionItem

    from scriptlint.engine.settings_help import HELP

    found = [CompletionItem(f"{one.name}=", help=one.text) for one in HELP if one.name.startswith(incomplete)]
    return found if incomplete and found else files(context, parameter, incomplete)
