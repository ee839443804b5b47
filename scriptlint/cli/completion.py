"""`scriptlint completion`: the script that makes a shell complete commands, options, rules and settings."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_SCRIPTLINT_COMPLETE"
_EPILOG = """\b
Put into the shell's own file:
  ~/.bashrc                   eval "$(scriptlint completion bash)"
  ~/.zshrc, after compinit    eval "$(scriptlint completion zsh)"
  ~/.config/fish/config.fish  scriptlint completion fish | source
"""


@click.command("completion", epilog=_EPILOG, short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the script that completes commands, options and the codes of rules in SHELL."""
    from click.shell_completion import get_completion_class

    completes = get_completion_class(shell)
    if completes is None:
        raise click.ClickException(f"this click does not know {shell}")
    made = completes(click.Group(), {}, "scriptlint", VARIABLE)
    script = made.source_template % made.source_vars()
    # A list of codes has commas of its own, at which click's script for fish would cut it.
    click.echo(script.replace('string split ","', 'string split -m 1 ","').strip())
    return 0
