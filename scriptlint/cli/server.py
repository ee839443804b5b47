"""`scriptlint server`: the language server, for editors."""

from __future__ import annotations

from importlib.util import find_spec

import click

from scriptlint.cli.options import Trouble, option


@click.command("server", short_help="Speak the language server protocol, for editors.")
@option("--stdio", is_flag=True, help="On standard input and output, as it is always done; some editors add this.")
def command(stdio: bool) -> int:
    """Lint what an editor shows while it is typed: speaks the language server protocol on standard input and output."""
    if find_spec("pygls") is None or find_spec("lsprotocol") is None:
        raise Trouble("the server needs pygls: pip install 'scriptlint[server]'")
    from scriptlint.server.app import start

    start()
    return 0
