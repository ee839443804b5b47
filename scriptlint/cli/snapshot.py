"""`scriptlint snapshot`: asks an installed torch what it offers, so that code can be judged for that version."""

from __future__ import annotations

import os
import shutil
import sys

import click

from scriptlint.cli.options import Trouble, complain, option

_INTERPRETERS = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")


@click.command("snapshot", short_help="Learn another version of torch.")
@option(
    "--python",
    required=True,
    metavar="PY",
    help="The interpreter whose torch is asked, or its virtual environment.",
)
@option("--output", metavar="FILE", help="Where to write it, instead of the folder where snapshots are looked for.")
@option("-q", "--quiet", is_flag=True, help="Do not say what is being done.")
def command(python: str, output: str | None, quiet: bool) -> int:
    """Ask the torch that PY has everything that judging for its version needs, and keep the answers.

    They are then found by --target-torch and the setting target-torch. PY is started and compiles what torch itself
    defines, which takes about a minute; nothing of your own code is run.
    """
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from scriptlint.engine.paths import printable, shown
    from scriptlint.engine.snapshots import user_folder
    from scriptlint.torchlib.snapshot import FORMAT, SnapshotFailed, make

    interpreter = _interpreter(python)
    own = user_folder()
    if output is None and own is None:
        raise Trouble("there is no home folder to keep the snapshot in; name a file with --output")
    folder = (
        os.path.dirname(os.path.abspath(output)) if output is not None else os.path.join(own or "", f"format-{FORMAT}")
    )
    if output is not None and os.path.isdir(output):
        raise Trouble(f"--output: {output} is a folder, and a file is wanted")
    if output is not None and not os.path.isdir(folder):
        raise Trouble(f"--output: there is no folder {printable(shown(folder))}")
    if not quiet:
        complain(f"asking the torch of {printable(shown(interpreter))}; this takes about a minute")
    try:
        if output is None:
            os.makedirs(folder, exist_ok=True)
        # A snapshot that is there is replaced by a whole one or not at all.
        with TemporaryDirectory(dir=folder) as scratch:
            made = make(interpreter, Path(scratch))
            version = made.name.removeprefix("torch-").removesuffix(made.suffix)
            path = os.path.join(folder, made.name) if output is None else os.path.abspath(output)
            os.replace(made, path)
    except SnapshotFailed as error:
        raise Trouble(str(error)) from None
    except OSError as error:
        raise Trouble(f"{error.filename or output}: the snapshot cannot be made: {error.strerror}") from None
    if not quiet:
        size = os.path.getsize(path) // 1000
        print(f"Wrote {printable(shown(path))}: torch {version}, {size} kB.")
        if output is None:
            print(f"`scriptlint --target-torch {version}` judges for it.")
    sys.stdout.flush()
    return 0


def _interpreter(given: str) -> str:
    """Return the absolute path of an interpreter that is named by path, by virtual environment or as a command."""
    expanded = os.path.expanduser(given)
    if os.path.isdir(expanded):
        for inner in _INTERPRETERS:
            path = os.path.join(os.path.abspath(expanded), *inner.split("/"))
            if os.path.isfile(path):
                return path
        raise Trouble(f"--python: {given} is a folder without an interpreter")
    found = shutil.which(expanded)
    if found is None:
        reason = "cannot be executed" if os.path.exists(expanded) else "does not exist"
        raise Trouble(f"--python: {given} {reason}")
    return os.path.abspath(found)
