"""What a project wants: `[tool.scriptlint]` in pyproject.toml, or scriptlint.toml.

The file closest to the linted one wins. Where it names another one under `extend`, the values of that one hold for what it
does not set itself; nothing else is merged. A value nobody set keeps the default in `Settings`,
which is therefore the one list of all settings there are: `settings_file` checks a file against it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from scriptlint.engine.cache_folder import Place
from scriptlint.engine.formats import FORMATS
from scriptlint.engine.paths import shown
from scriptlint.engine.settings_file import Refused, SettingsError, SettingsFile, find_in, read

__all__ = ["Finder", "Selection", "Settings", "SettingsError"]

DEFAULT_EXCLUDE = (
    ".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pants.d",
    ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".scriptlint_cache", ".svn", ".tox", ".venv", ".vscode",
    "__pycache__", "__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv",
)  # fmt: skip


# What lies at the top of a project.
PROJECT_MARKS = ("pyproject.toml", ".git", "setup.py")


class Selection(msgspec.Struct, frozen=True):
    """One place's opinion on which rules are on: `select` is the base, None where it says nothing about the base."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set, with its default.

    Globs are gitignore patterns relative to `root`, the folder of the settings file (without one: the project's, see
    Finder). `python` is an interpreter or a
    virtual environment whose packages are followed. `overridden` are the fields that the command line gives; `cache_dir` is
    an absolute path if it is among them. `command_line` is what the options of this run say about rules; it
    adjusts what the file says. `source` is the settings file, None if there is none, and `files` is this one with those
    that it extends.
    """

    extend: str | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()
    fixable: tuple[str, ...] = ("ALL",)
    unfixable: tuple[str, ...] = ()
    extend_safe_fixes: tuple[str, ...] = ()
    extend_unsafe_fixes: tuple[str, ...] = ()
    unsafe_fixes: bool = False
    target: str = "auto"
    notes: bool = False
    unreached: str = "count"
    require: str = "nothing"
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False
    markdown: bool = False
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    per_class_ignores: dict[str, tuple[str, ...]] = {}
    severity: dict[str, str] = {}
    packs: tuple[str, ...] = ()
    baseline: str | None = None
    output_format: str = "full"
    python: str | None = None
    target_torch: str | None = None
    cache_dir: str | None = None
    overridden: frozenset[str] = frozenset()
    required_version: str | None = None
    confirm: dict[str, Any] = {}
    root: str = ""
    source: str | None = None
    files: tuple[str, ...] = ()
    command_line: Selection = Selection()

    @property
    def selections(self) -> tuple[Selection, Selection]:
        """The file's opinion on rules, then the command line's."""
        of_file = Selection(self.select, self.ignore, self.extend_select, self.extend_ignore)
        return of_file, self.command_line

    @property
    def cache_folder(self) -> str:
        """Where results are remembered, as an absolute path."""
        return os.path.join(self.root, self.cache_dir or ".scriptlint_cache")

    @property
    def cache_place(self) -> Place:
        """The same, and the folder below which it must lie; one that the command line names may be anywhere."""
        folder = self.cache_folder
        return Place(os.path.dirname(folder) if "cache_dir" in self.overridden else self.root, folder)

    def error(self, field: str, problem: str) -> SettingsError:
        """Return the error to raise about the value of `field`, with the option or the line that gives it."""
        origin = self.origin(field)
        return SettingsError(problem if origin is None else f"{origin}: {problem}")

    def origin(self, field: str) -> str | None:
        """Return the option or the file and line that gives the value of `field`, None where it is the default."""
        name = field.replace("_", "-")
        if field in self.overridden:
            return f"--{name}"
        naming = (file for path in self.files if name in (file := read(path)).values)
        return next((file.place(name) for file in naming), None)


class Finder:
    """Tells which settings govern a folder, reading every settings file once.

    `config` names one file that governs everything; `isolated` ignores all files. `overrides` are field values that the
    command line gives, which win over every file. Folders that no file governs all share one Settings, whose root is the
    project of the first of them that was asked for: where a pyproject.toml or .git lies, else the working folder.
    """

    def __init__(
        self, *, config: str | None = None, isolated: bool = False, overrides: Mapping[str, object] | None = None
    ) -> None:
        self._overrides = dict(overrides or {})
        self._isolated = isolated
        self._folders: dict[str, Settings | None] = {}
        self._default: Settings | None = None
        self._fixed = self._load(read(os.path.abspath(config))) if config is not None else None

    def of(self, folder: str) -> Settings:
        """Return the settings for files in `folder`; raises SettingsError if the file that holds them is not in order."""
        folder = os.path.abspath(folder)
        if self._fixed is not None:
            return self._fixed
        found = None if self._isolated else self._closest(folder)
        if found is None:
            self._default = found = self._default or self._made({}, project_root(folder), ())
        return found

    def _closest(self, folder: str) -> Settings | None:
        passed: list[str] = []
        at = folder
        while at not in self._folders:
            file = find_in(at)
            if file is not None:
                self._folders[at] = self._load(file)
                break
            passed.append(at)
            parent = os.path.dirname(at)
            if parent == at:
                self._folders[at] = None
            at = parent
        self._folders.update(dict.fromkeys(passed, self._folders[at]))
        return self._folders[folder]

    def _load(self, file: SettingsFile) -> Settings:
        files = _extended(file)
        values: dict[str, Any] = {}
        for one in reversed(files):
            values.update(self._checked(one))
        return self._made(values, os.path.dirname(file.path), [one.path for one in files])

    def _checked(self, file: SettingsFile) -> dict[str, Any]:
        values = file.checked(FIELDS)
        if "python" in values:
            named = values["python"]
            values["python"] = os.path.join(os.path.dirname(file.path), os.path.expanduser(named))
            if "python" not in self._overrides and not os.path.exists(values["python"]):
                raise file.error("python", f"there is no {values['python']}", value=named)
        if "baseline" in values and not _is_below(values["baseline"]):
            raise file.error("baseline", "`baseline` must be a file below the folder of this file")
        if "required_version" in values:
            _require(values["required_version"], file)
        check_rules(values, file)
        return values

    def _made(self, values: Mapping[str, Any], root: str, files: Sequence[str]) -> Settings:
        given = dict(values)
        for key in ("cache_dir", "baseline"):
            if isinstance(given.get(key), str):
                given[key] = os.path.join(root, os.path.expanduser(given[key]))
        given.update(self._overrides)
        source = files[0] if files else None
        return Settings(root=root, source=source, files=tuple(files), overridden=frozenset(self._overrides), **given)


def _extended(file: SettingsFile) -> list[SettingsFile]:
    """Return a settings file and those that it extends, the closest first."""
    files = [file]
    while "extend" in files[-1].values:
        last = files[-1]
        named = last.checked({"extend": FIELDS["extend"]}, only="extend")["extend"]
        path = os.path.normpath(os.path.join(os.path.dirname(last.path), os.path.expanduser(named)))
        if any(os.path.realpath(path) == os.path.realpath(one.path) for one in files):
            raise last.error("extend", f"`extend` leads back to {shown(path)}", value=named)
        if not os.path.isfile(path):
            raise last.error("extend", f"there is no file {shown(path)} to extend", value=named)
        files.append(read(path))
    return files


def _is_below(path: str) -> bool:
    return not os.path.isabs(path) and ".." not in path.replace("\\", "/").split("/") and not path.startswith("~")


def project_root(folder: str) -> str:
    """Return the closest folder upwards that looks like the top of a project, else the working folder."""
    at = folder
    while not any(os.path.exists(os.path.join(at, mark)) for mark in PROJECT_MARKS):
        parent = os.path.dirname(at)
        if parent == at:
            return os.getcwd()
        at = parent
    return at


Check = Callable[[object], object]


def _strings(value: object) -> object:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Refused("a list of strings")
    return tuple(value)


def _string(value: object) -> object:
    if not isinstance(value, str) or "\0" in value:
        raise Refused("a string (without null characters)" if isinstance(value, str) else "a string")
    return value


def _boolean(value: object) -> object:
    if not isinstance(value, bool):
        raise Refused("true or false")
    return value


def _rules_of(things: str) -> Check:
    """Return the check of a table from the names of things to lists of rules."""

    def check(value: object) -> object:
        if not isinstance(value, dict):
            raise Refused(f"a table from {things} to lists of rules")
        for name, codes in value.items():
            if not isinstance(codes, list):
                raise Refused(f'a table in which `{name}` is a list of rules, such as ["SL8"]', codes)
        return {name: _strings(codes) for name, codes in value.items()}

    return check


def _severities(value: object) -> object:
    if not isinstance(value, dict):
        raise Refused("a table from rules to severities")
    for selector, level in value.items():
        if level not in SEVERITIES:
            listed = ", ".join(f'"{one}"' for one in SEVERITIES)
            raise Refused(f"a table in which `{selector}` is one of {listed}", level)
    return value


def _version(value: object) -> object:
    from packaging.version import InvalidVersion, Version

    try:
        Version(str(_string(value)))
    except (Refused, InvalidVersion):
        raise Refused('a version in quotes, such as "2.4"') from None
    return value


def _specifier(value: object) -> object:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        text = str(_string(value))
        SpecifierSet(text if not text[:1].isdigit() else f"=={text}")
    except (Refused, InvalidSpecifier):
        raise Refused('a version or a range in quotes, such as ">=0.1"') from None
    return value


def _one_of(*allowed: str) -> Check:
    def check(value: object) -> object:
        if value not in allowed:
            raise Refused("one of " + ", ".join(f'"{one}"' for one in allowed))
        return value

    return check


def _confirm(value: object) -> object:
    """Limits under their names; everything else is a target, with what it takes to build it."""
    if not isinstance(value, dict):
        raise Refused("a table")
    for key, given in value.items():
        check = _CONFIRM.get(key) or (_recipe if ":" in key else None)
        if check is None:
            raise Refused(f'a table of {", ".join(_CONFIRM)}, and of targets such as "net.py::Net", so not of `{key}`')
        try:
            check(given)
        except Refused as wanted:
            raise Refused(f"a table in which `{key}` is {wanted}") from None
    return value


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise Refused("a number above 0")
    return value


def _recipe(value: object) -> object:
    if not isinstance(value, dict) or not set(value) <= {"make", "inputs"}:
        raise Refused(
            'a table with `make`, `inputs` or both, as in { make = "Net(3)", inputs = "(torch.rand(1, 3),)" }'
        )
    for expression in value.values():
        _string(expression)
    return value


def _size(value: object) -> object:
    from scriptlint.engine.sizes import size

    try:
        return size(str(_string(value)))
    except ValueError:
        raise Refused('a size in quotes, such as "8GB"') from None


_CONFIRM: Mapping[str, Check] = {"timeout": _number, "memory": _size, "network": _boolean, "pass-env": _strings}

SEVERITIES = ("error", "warning", "note")
TARGETS = ("auto", "script", "trace", "both")
UNREACHED = ("count", "report")
REQUIRED = ("nothing", "ok")

FIELDS: Mapping[str, Check] = {
    "extend": _string,
    "select": _strings,
    "ignore": _strings,
    "extend_select": _strings,
    "extend_ignore": _strings,
    "fixable": _strings,
    "unfixable": _strings,
    "extend_safe_fixes": _strings,
    "extend_unsafe_fixes": _strings,
    "unsafe_fixes": _boolean,
    "target": _one_of(*TARGETS),
    "notes": _boolean,
    "unreached": _one_of(*UNREACHED),
    "require": _one_of(*REQUIRED),
    "exclude": _strings,
    "extend_exclude": _strings,
    "respect_gitignore": _boolean,
    "force_exclude": _boolean,
    "markdown": _boolean,
    "per_file_ignores": _rules_of("globs"),
    "per_class_ignores": _rules_of("names of classes"),
    "severity": _severities,
    "packs": _strings,
    "baseline": _string,
    "output_format": _one_of(*FORMATS),
    "python": _string,
    "target_torch": _version,
    "cache_dir": _string,
    "required_version": _specifier,
    "confirm": _confirm,
}


def _require(specifier: str, file: SettingsFile) -> None:
    from packaging.specifiers import SpecifierSet

    from scriptlint.version import __version__

    wanted = SpecifierSet(specifier if not specifier[:1].isdigit() else f"=={specifier}", prereleases=True)
    if __version__ not in wanted:
        raise file.error("required-version", f"this project requires scriptlint {specifier}, and this is {__version__}")


_SELECTORS = (
    "select", "ignore", "extend_select", "extend_ignore", "fixable", "unfixable", "extend_safe_fixes",
    "extend_unsafe_fixes", "severity",
)  # fmt: skip
_SELECTORS_IN_TABLES = ("per_file_ignores", "per_class_ignores")


def check_rules(values: Mapping[str, Any], file: SettingsFile) -> None:
    """Make the rules of packs known, and raise the error about the first pack that is not in order or selector that names no rule.

    Values without any cost nothing.
    """
    if values.get("packs"):
        from scriptlint.engine.packs import PackError, load

        try:
            for name in values["packs"]:
                load(name)
        except PackError as error:
            raise file.error("packs", str(error), value=error.name) from None
    named = [(key.replace("_", "-"), one) for key in _SELECTORS for one in values.get(key, ()) if one != "ALL"]
    for key in _SELECTORS_IN_TABLES:
        named += [(key.replace("_", "-"), one) for codes in values.get(key, {}).values() for one in codes]
    if named:
        from scriptlint.engine.selectors import matching, nearest

        for key, selector in named:
            if not matching(selector):
                problem = f"unknown rule `{selector}` in `{key}`{nearest(selector)}"
                raise file.error(key, problem, value=selector)
