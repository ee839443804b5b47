"""`scriptlint clean`: forgets what was remembered."""

from __future__ import annotations

import click

from scriptlint.cli.completing import files
from scriptlint.cli.options import CONFIG, Trouble, common_folder, complain, finder, option


@click.command("clean", short_help="Remove the cache.")
@click.argument("paths", nargs=-1, shell_complete=files)
@CONFIG
@option("--isolated", is_flag=True, help="Ignore all settings files.")
@option("--cache-dir", metavar="FOLDER", help="The cache to remove.")
@option("-q", "--quiet", is_flag=True, help="Do not say what was removed.")
def command(paths: tuple[str, ...], config: tuple[str, ...], isolated: bool, cache_dir: str | None, quiet: bool) -> int:
    """Remove the cache of the project that PATHS belong to (default: the working folder)."""
    from scriptlint.engine.cache_folder import Foreign, remove
    from scriptlint.engine.paths import printable, shown
    from scriptlint.engine.settings import SettingsError

    try:
        place = finder(config, isolated, cache_dir=cache_dir).of(common_folder(paths or (".",))).cache_place
    except SettingsError as error:
        raise Trouble(str(error)) from None
    folder = shown(place.folder)
    try:
        whole = remove(place)
    except Foreign as error:
        raise Trouble(f"{folder}: {error}, so it is not removed") from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise Trouble(f"{folder}: the cache cannot be removed: {reason}") from None
    if whole is False:
        complain(f"{folder}: what the cache made is removed, and the rest of what is in there is left as it is")
    elif whole and not quiet:
        click.echo(f"Removed {printable(folder)}.")
    return 0
