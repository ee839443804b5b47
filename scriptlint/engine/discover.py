"""Which files are linted, and under which settings.

A folder is walked; a file that is named is taken as it is, whatever its suffix. What is left out: what settings exclude,
what .gitignore files exclude, virtual environments, links to folders (so no walk is endless), and links to files outside
of the given folder and of the project: a repository must not have other files of the user's shown or repaired. A folder that is named is entered even if one of these would leave it out.
"""

from __future__ import annotations

import codecs
import errno
import os
import stat
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from scriptlint.engine.paths import printable, shown
from scriptlint.engine.patterns import Patterns
from scriptlint.engine.settings import Settings
from scriptlint.text import MARKDOWN, NOTEBOOK
from scriptlint.text.reading import SETTINGS_LIMIT, read


class Discovered(msgspec.Struct):
    """Absolute paths in order, each once; the settings of each; one sentence for each path that could not be followed.

    `tops` are the paths that were asked for; `is_cut` says that there were more files and folders than the limit allowed.
    """

    files: list[str]
    settings: dict[str, Settings]
    problems: list[str]
    tops: list[str] = []
    is_cut: bool = False

    def groups(self) -> list[tuple[Settings, list[str]]]:
        """Return the files by the settings that govern them."""
        groups: dict[int, tuple[Settings, list[str]]] = {}
        for file in self.files:
            settings = self.settings[file]
            groups.setdefault(id(settings), (settings, []))[1].append(file)
        return list(groups.values())


class Governing(Protocol):
    """Tells the settings for the files in a folder, as a Finder does."""

    def of(self, folder: str) -> Settings:
        """Return the settings; raises SettingsError."""


def discover(paths: Sequence[str], finder: Governing, limit: int | None = None) -> Discovered:
    """Return the files that `paths` (files and folders) stand for; `limit` bounds how many entries of folders are looked at.

    Raises SettingsError.
    """
    walk = _Walk(finder, limit)
    tops = [os.path.abspath(path) for path in paths]
    for top, path in zip(tops, paths, strict=True):
        walk.add(top, path)
    files = walk.files
    return Discovered(list(files), files, walk.problems, tops, walk.is_cut)


class Globs:
    """Gitignore patterns relative to a folder; absolute patterns below it are taken as relative ones.

    A file that is not below the folder is matched by its name alone.
    """

    def __init__(self, patterns: Iterable[str], root: str) -> None:
        self._root = self._floor = root
        self._patterns = Patterns(self._relative(one) for one in patterns)

    def match(self, path: str, *, folder: bool = False) -> bool:
        """Return whether an absolute path matches, itself or by a folder above it."""
        relative = _below(path, self._root)
        if relative is None:
            return self._patterns.verdict([os.path.basename(path)], folder=folder) or False
        parts = relative.split("/")
        floor = _below(self._floor, self._root)
        entered = len(floor.split("/")) if floor else 0
        for count in range(entered + 1, len(parts)):
            if self._patterns.verdict(parts[:count], folder=True):
                return True
        return self._patterns.verdict(parts, folder=folder) or False

    def entered(self, top: str) -> Globs:
        """Return the same patterns for a walk of `top`, which was asked for: what matches `top` itself has been overruled."""
        inner = Globs((), self._root)
        inner._patterns, inner._floor = self._patterns, top
        return inner

    def _relative(self, pattern: str) -> str:
        negation, pattern = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
        if os.path.isabs(pattern):
            pattern = "/" + (_below(pattern, self._root) or pattern.lstrip("/"))
        return negation + pattern.removeprefix("./")


def excluded(path: str, settings: Settings) -> bool:
    """Return True if the settings exclude this file, or a folder above it."""
    return Globs([*settings.exclude, *settings.extend_exclude], settings.root).match(path)


class _Walk:
    def __init__(self, finder: Governing, limit: int | None) -> None:
        self.is_cut = False
        self._left = limit
        self.problems: list[str] = []
        self._finder = finder
        self._found: dict[str, tuple[str, Settings]] = {}
        self._globs_of: dict[int, tuple[Settings, Globs]] = {}
        self._ignore_files: dict[str, Ignored | None] = {}

    @property
    def files(self) -> dict[str, Settings]:
        return dict(sorted(self._found.values(), key=lambda pair: pair[0]))

    def add(self, path: str, given: str) -> None:
        """Take a path from the command line, `given` as it was typed."""
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            self.problems.append(f"{printable(given)}: {_reason(error)}")
            return
        is_folder = stat.S_ISDIR(mode)
        if not is_folder and not stat.S_ISREG(mode):
            self.problems.append(f"{given}: this is neither a file nor a folder")
            return
        settings = self._finder.of(path if is_folder else os.path.dirname(path))
        if settings.force_exclude and self._globs(settings).match(path, folder=is_folder):
            return
        if is_folder:
            above = self._ignored_above(path) if settings.respect_gitignore else []
            ignored = [] if _ignored(path, True, above) else above
            top = os.path.realpath(path)
            self._walk(_Level(path, top, top, settings, self._globs(settings).entered(path), ignored))
        else:
            self._take(path, os.path.realpath(path), settings)

    def _walk(self, top: _Level) -> None:
        waiting = [top]  # and no recursion: a path may have thousands of folders in it
        while waiting and not self.is_cut:
            waiting += reversed(self._folders(waiting.pop()))

    def _folders(self, level: _Level) -> list[_Level]:
        """Take the files of one folder, and return the folders in it."""
        try:
            with os.scandir(level.path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self.problems.append(f"{printable(shown(level.path))}: {_reason(error)}")
            return []
        if level.settings.respect_gitignore and (own := self._ignore_file(level.path)) is not None:
            level.ignored = [*level.ignored, own]
        folders: list[_Level] = []
        if self._left is not None:
            self._left -= len(entries)
            self.is_cut = self._left < 0
        for entry in entries:
            path = os.path.join(level.path, entry.name)
            try:
                inner = self._entry(entry, path, level)
                folders += [] if inner is None else [inner]
            except OSError as error:
                if not entry.name.startswith(".#"):  # editors lock files by links that lead nowhere
                    is_lost = entry.is_symlink() and error.errno == errno.ENOENT
                    reason = "this link leads nowhere" if is_lost else _reason(error)
                    self.problems.append(f"{printable(shown(path))}: {reason}")
        return folders

    def _entry(self, entry: os.DirEntry[str], path: str, level: _Level) -> _Level | None:
        """Take a file, or return a folder that is to be walked."""
        folder = entry.is_dir(follow_symlinks=False)
        if not folder and not entry.name.endswith((".py", NOTEBOOK, *([MARKDOWN] * level.settings.markdown))):
            return None
        if level.globs.match(path, folder=folder) or _ignored(path, folder, level.ignored):
            return None
        real = os.path.join(level.real, entry.name)
        if not folder:
            if entry.is_symlink():
                real = os.path.realpath(path)
            if stat.S_ISREG(entry.stat().st_mode) and self._is_inside(real, level):
                self._take(path, real, level.settings)
        elif not os.path.exists(os.path.join(path, "pyvenv.cfg")):
            settings = self._finder.of(path)
            globs = level.globs if settings is level.settings else self._globs(settings).entered(path)
            return _Level(path, real, level.top, settings, globs, level.ignored)
        return None

    def _is_inside(self, real: str, level: _Level) -> bool:
        """Return True if a file lies in the folder that was asked for, or in the project that it belongs to."""
        tops = (level.top, os.path.realpath(level.settings.root))
        return any(_below(real, top) is not None for top in tops)

    def _take(self, path: str, real: str, settings: Settings) -> None:
        # A file may be met by two names; the one that is no link is kept, because imports lead to that one.
        if real not in self._found or path == real:
            self._found[real] = path, settings

    def _globs(self, settings: Settings) -> Globs:
        if id(settings) not in self._globs_of:
            globs = Globs([*settings.exclude, *settings.extend_exclude], settings.root)
            self._globs_of[id(settings)] = settings, globs
        return self._globs_of[id(settings)][1]

    def _ignored_above(self, folder: str) -> list[Ignored]:
        """Return the .gitignore files of the repository that holds this folder, from its top, without the folder's own."""
        above = _up_to_repository(folder)[1:]
        found = (self._ignore_file(one) for one in reversed(above))
        return [one for one in found if one is not None]

    def _ignore_file(self, folder: str) -> Ignored | None:
        if folder not in self._ignore_files:
            lines = _patterns(os.path.join(folder, ".git", "info", "exclude"))
            lines += _patterns(os.path.join(folder, ".gitignore"))
            patterns = Patterns(lines)
            self._ignore_files[folder] = Ignored(folder, patterns) if patterns else None
        return self._ignore_files[folder]


class _Level:
    """One folder of a walk: its path, the same without links, where the walk began, and what is in force there."""

    def __init__(
        self, path: str, real: str, top: str, settings: Settings, globs: Globs, ignored: list[Ignored]
    ) -> None:
        self.path = path
        self.real = real
        self.top = top
        self.settings = settings
        self.globs = globs
        self.ignored = ignored


class Ignored:
    """One .gitignore file and the folder it speaks for."""

    def __init__(self, folder: str, patterns: Patterns) -> None:
        self._folder = folder
        self._patterns = patterns

    def verdict(self, path: str, *, folder: bool) -> bool | None:
        """True if it ignores the path, False if it takes it back, None if it does not say."""
        relative = _below(path, self._folder)
        return None if relative is None else self._patterns.verdict(relative.split("/"), folder=folder)


def _ignored(path: str, folder: bool, files: Sequence[Ignored]) -> bool:
    for file in reversed(files):  # the closest one has the last word
        verdict = file.verdict(path, folder=folder)
        if verdict is not None:
            return verdict
    return False


def _patterns(path: str) -> list[str]:
    try:
        content = read(path, SETTINGS_LIMIT, follow=False)
    except OSError:
        return []  # as git: what cannot be read ignores nothing, and a link is not followed
    return content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape").split("\n")


def _up_to_repository(folder: str) -> list[str]:
    """Return the folder and those above it up to the top of its git repository; only itself if it is in none."""
    chain = [folder]
    while not os.path.exists(os.path.join(chain[-1], ".git")):
        parent = os.path.dirname(chain[-1])
        if parent == chain[-1]:
            return [folder]
        chain.append(parent)
    return chain


def _below(path: str, root: str) -> str | None:
    prefix = root if root.endswith(os.sep) else root + os.sep
    return path[len(prefix) :].replace(os.sep, "/") if path.startswith(prefix) else None


def _reason(error: OSError | ValueError) -> str:
    if not isinstance(error, OSError):
        return "this cannot be a path"
    match error.errno:
        case errno.ENOENT:
            return "there is no such file or folder"
        case errno.ELOOP:
            return "this link leads back to itself"
        case errno.EACCES | errno.EPERM:
            return "this may not be read"
        case errno.ENOTDIR:
            return "a part of this path is a file, not a folder"
        case errno.ENAMETOOLONG:
            return "this path is too long"
    return (error.strerror or str(error)).lower()
