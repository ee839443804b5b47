"""What commands share: options, their way to settings, and how they speak of trouble."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from scriptlint.cli.completing import files, settings
from scriptlint.engine.paths import printable, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scriptlint.engine.settings import Finder, Settings

F = TypeVar("F", bound=Callable[..., Any])
FINDINGS, FAILED, INTERRUPTED = 1, 2, 130
_LONGEST = 4_000  # characters of a sentence


class Trouble(click.ClickException):
    """The tool cannot do its work: one sentence on stderr, exit code 2."""

    exit_code = FAILED

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it on stderr."""
        complain(self.message)


def troubles() -> tuple[type[Exception], ...]:
    """Return the exceptions whose message is for the user as it is.

    For `except` clauses, which ask only once something was raised: a run in which all is well imports nothing for it.
    """
    from scriptlint.engine.settings import SettingsError
    from scriptlint.engine.snapshots import BrokenSnapshot

    return SettingsError, BrokenSnapshot


def complain(sentence: str) -> None:
    """One sentence on stderr, under the tool's name; names in it may come from anywhere, and are printed as they are not."""
    with contextlib.suppress(OSError):  # nobody reads it, which changes nothing about the rest
        click.echo(f"scriptlint: {printable(sentence[:_LONGEST])}", err=True)


def mention_refused_caches(settings: Iterable[Settings]) -> None:
    """Say which caches are not used because of what the settings say, or what lies in their place."""
    from scriptlint.engine.cache_folder import refusal

    for place in dict.fromkeys(one.cache_place for one in settings):
        reason = refusal(place)
        if reason is not None:
            complain(f"{shown(place.folder)}: {reason}, so nothing is remembered")


def comma_list(ctx: click.Context, parameter: click.Parameter, given: Sequence[str]) -> tuple[str, ...]:
    """`--select SL1,SL2 --select SL3` as one list."""
    return tuple(part.strip() for one in given for part in one.split(",") if part.strip())


def option(*names: str, **attributes: Any) -> Callable[[F], F]:
    """click.option under a shorter name."""
    return click.option(*names, **attributes)


CONFIG = option(
    "--config",
    multiple=True,
    metavar="FILE|KEY=VALUE",
    shell_complete=settings,
    help="Settings file to use instead of the closest one, or a single setting, such as target=script.",
)


def settings_options(function: F) -> F:
    """Add the options that say where settings come from, and those that every analysis takes."""
    for add in reversed(
        (
            CONFIG,
            option("--isolated", is_flag=True, help="Ignore all settings files."),
            option(
                "--python",
                metavar="PATH",
                shell_complete=files,
                help="Interpreter or virtual environment whose packages are followed.",
            ),
            option("--target-torch", metavar="VERSION", help="Version of torch to judge for."),
            option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
            option("--cache-dir", metavar="FOLDER", help="Where the cache is kept (default: .scriptlint_cache)."),
            option(
                "-j", "--jobs", type=click.IntRange(min=0), default=0, help="Processes to use (default: by itself)."
            ),
        )
    ):
        function = add(function)
    return function


REQUIRE = option(
    "--require",
    type=click.Choice(["nothing", "ok"]),
    help="With ok, exit with 1 unless all that is judged is ok or faithful: nothing unknown, nothing that depends.",
)

COLOUR = option(
    "--color",
    "colour",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colours; by default as the terminal, NO_COLOR and FORCE_COLOR say.",
)


def finder(
    config: Sequence[str],
    isolated: bool,
    python: str | None = None,
    target_torch: str | None = None,
    cache_dir: str | None = None,
    **overrides: object,
) -> Finder:
    """Return the settings under these options; those that are None were not given. Raises Trouble."""
    from scriptlint.engine.settings import FIELDS, Finder, SettingsError

    files = [one for one in config if "=" not in one or os.path.isfile(one)]
    if len(files) > 1:
        raise click.UsageError("--config takes one file, and any number of settings as KEY=VALUE")
    if files and isolated:
        raise click.UsageError("--config FILE and --isolated contradict each other")
    if python is not None:
        if not os.path.exists(python):
            raise Trouble(f"--python: there is no {python}")
        overrides["python"] = os.path.abspath(python)
    if cache_dir is not None:
        overrides["cache_dir"] = os.path.abspath(cache_dir)
    if target_torch is not None:
        try:
            overrides["target_torch"] = FIELDS["target_torch"](target_torch)
        except ValueError:
            raise Trouble(f"--target-torch: `{target_torch}` is no version") from None
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        assigned = _assigned([one for one in config if one not in files])
        return Finder(config=next(iter(files), None), isolated=isolated, overrides={**assigned, **given})
    except SettingsError as error:
        raise Trouble(str(error)) from None


def _assigned(given: Sequence[str]) -> dict[str, object]:
    """Return the settings that are given as KEY=VALUE, by the names of fields; paths start at the working folder."""
    if not given:
        return {}
    from scriptlint.engine.settings import FIELDS, check_rules
    from scriptlint.engine.settings_file import Assignments

    file = Assignments(given)
    if "extend" in file.values:
        raise file.error("extend", "only a settings file can extend another; name that one instead")
    values = file.checked(FIELDS)
    check_rules(values, file)
    for key in ("python", "cache_dir", "baseline"):
        if key in values:
            values[key] = os.path.abspath(os.path.expanduser(values[key]))
    if not os.path.exists(values.get("python", os.curdir)):
        raise file.error("python", f"there is no {values['python']}")
    return values


def know_packs(config: Sequence[str] = (), isolated: bool = False) -> None:
    """Make the rules known of the packs that the settings of this folder name; settings that are not in order hinder nothing."""
    from scriptlint.engine.settings import SettingsError

    try:
        finder(config, isolated).of(os.getcwd())
    except SettingsError as error:
        complain(str(error))


def common_folder(paths: Sequence[str]) -> str:
    """Return the folder that holds all of these paths; the working folder if they have none in common."""
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in map(os.path.abspath, paths)]
    try:
        return os.path.commonpath(folders)
    except ValueError:
        return os.getcwd()
