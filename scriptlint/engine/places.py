"""The places of definitions, which stay the same while only lines move."""

from __future__ import annotations

from collections.abc import Iterable

from scriptlint.engine.judgement import Place
from scriptlint.program.module import Class, Function, ModuleInfo


def place(one: Class | Function) -> Place:
    """Return the place of a class among those of its file, or of a function."""
    return one.module.path, one.number


def classes_at(places: Iterable[Place], module: ModuleInfo) -> list[Class]:
    """Return those of the classes at some places that are in a file."""
    known = list(module.classes.values())
    return [known[number] for path, number in places if path == module.path]


def functions_at(places: Iterable[Place], module: ModuleInfo) -> list[Function]:
    """Return those of the functions at some places that are in a file."""
    known = list(module.functions.values())
    return [known[number] for path, number in places if path == module.path]
