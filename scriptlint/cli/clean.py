"""`scriptlint clean`: forgets what was remembered."""

from __future__ import annotations

import click

from scriptlint.cli.options import Trouble, common_folder, finder, option


@click.command("clean", short_help="Remove the cache.")
@click.argument("paths", nargs=-1)
@option("--config", metavar="FILE", help="Settings file to use instead of the closest one.")
@option("--isolated", is_flag=True, help="Ignore all settings files.")
@option("--cache-dir", metavar="FOLDER", help="The cache to remove.")
@option("-q", "--quiet", is_flag=True, help="Do not say what was removed.")
def command(paths: tuple[str, ...], config: str | None, isolated: bool, cache_dir: str | None, quiet: bool) -> int:
    """Remove the cache of the project that PATHS belong to (default: the working folder)."""
    from scriptlint.engine.cache_folder import Foreign, remove
    from scriptlint.engine.paths import printable, shown
    from scriptlint.engine.settings import SettingsError

    try:
        folder = finder(config, isolated, cache_dir=cache_dir).of(common_folder(paths or (".",))).cache_folder
        removed = remove(folder)
    except (SettingsError, Foreign) as error:
        raise Trouble(str(error)) from None
    except OSError as error:
        raise Trouble(f"{error.filename}: the cache cannot be removed: {error.strerror}") from None
    if removed and not quiet:
        click.echo(f"Removed {printable(shown(folder))}.")
    return 0
