"""The cache and `clean`: only what scriptlint made is written or removed, and only what it wrote is believed."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import msgspec
import pytest

from scriptlint.engine import cache as cache_module
from scriptlint.engine import user
from scriptlint.engine.cache import Cache, Run
from scriptlint.engine.cache_folder import Foreign, Place, claim, refusal, remove
from scriptlint.engine.judgement import Basis
from scriptlint.engine.outcomes import Outcomes
from scriptlint.engine.parsing import parse
from scriptlint.text.source import digest_of
from tests.hostile import REFUSED, codes, scriptlint

VERSION = "0.0-3.0"
EMPTY = Run(Basis(), [], {}, Outcomes(), [])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    (folder / "net.py").write_text(REFUSED)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home-cache"))
    return folder


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    folder = tmp_path / "precious"
    folder.mkdir()
    for name in ["letter.txt", *(f"{number:032x}" for number in range(40))]:
        (folder / name).write_text("mine")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def place(project: Path) -> Place:
    return Place(str(project), str(project / ".scriptlint_cache"))


@pytest.mark.parametrize("where", ["", "{version}", "{version}/runs", "{version}/parsed"])
def test_a_link_in_the_place_of_a_folder_is_not_followed(project: Path, precious: Path, where: str) -> None:
    assert scriptlint(project, "-q").returncode == 1
    (version,) = (one.name for one in (project / ".scriptlint_cache").iterdir() if one.is_dir())
    link = project / ".scriptlint_cache" / where.format(version=version)
    shutil.rmtree(link)
    link.symlink_to(precious)
    before = contents(precious)
    done = scriptlint(project, "--output-format", "concise")
    assert codes(done) == {"net.py": ["SL120"]}
    assert ("`.scriptlint_cache` is a link, so nothing is remembered" in done.stderr) == (not where)
    scriptlint(project, "clean")
    assert contents(precious) == before
    assert link.is_symlink()


@pytest.mark.parametrize("name", [".gitignore", "CACHEDIR.TAG"])
@pytest.mark.parametrize("there", [True, False])
def test_what_its_own_files_link_to_is_not_written(project: Path, tmp_path: Path, name: str, there: bool) -> None:
    target = tmp_path / "target"
    if there:
        target.write_text("mine")
    (project / ".scriptlint_cache").mkdir()
    (project / ".scriptlint_cache" / name).symlink_to(target)
    assert codes(scriptlint(project, "--output-format", "concise")) == {"net.py": ["SL120"]}
    scriptlint(project, "clean")
    assert (target.read_text() if there else target.exists()) == ("mine" if there else False)
    assert (project / ".scriptlint_cache" / name).is_symlink()


@pytest.mark.parametrize("setting", ["src", ".", "~", "..", "/", "", "src/../../other", "a\\u0000b", "linked/cache"])
def test_settings_cannot_give_a_folder_away(project: Path, precious: Path, tmp_path: Path, setting: str) -> None:
    (tmp_path / "other").mkdir()
    (project / "src").mkdir()
    (project / "src" / "mine.txt").write_text("mine")
    (project / "linked").symlink_to(precious)
    (project / "pyproject.toml").write_text(f'[tool.scriptlint]\ncache-dir = "{setting}"\n')
    before = contents(tmp_path)
    done = scriptlint(project, "--output-format", "concise", HOME=str(precious))
    if "u0000" in setting:
        assert done.returncode == 2
    else:
        assert codes(done) == {"net.py": ["SL120"]}
        assert "so nothing is remembered" in done.stderr
        assert scriptlint(project, "clean", HOME=str(precious)).returncode == (0 if "linked" in setting else 2)
    assert {name: text for name, text in contents(tmp_path).items() if "home-cache" not in name} == before


def test_an_empty_folder_and_one_that_is_not_there_are_claimed(project: Path) -> None:
    for name in ("empty", "new/inner"):
        folder = project / name
        if name == "empty":
            folder.mkdir()
        (project / "pyproject.toml").write_text(f'[tool.scriptlint]\ncache-dir = "{name}"\n')
        assert scriptlint(project, "-q").returncode == 1
        assert (folder / "CACHEDIR.TAG").exists()
        assert scriptlint(project, "clean").returncode == 0
        assert not folder.exists()


def test_clean_leaves_what_the_cache_did_not_make(project: Path, precious: Path) -> None:
    scriptlint(project, "-q")
    cache = project / ".scriptlint_cache"
    (version,) = (one for one in cache.iterdir() if one.is_dir())
    (cache / "notes.txt").write_text("mine")
    (version / "runs" / "notes.txt").write_text("mine")
    (version / "runs" / ("0" * 32)).symlink_to(precious / "letter.txt")
    os.mkdir(version / "parsed" / ("1" * 32))
    (cache / "reports").mkdir()
    (cache / "reports" / "mine.py").write_text("mine")
    done = scriptlint(project, "clean")
    assert (done.returncode, done.stdout) == (0, "")
    assert "the rest of what is in there is left as it is" in done.stderr
    left = {str(one.relative_to(cache)) for one in cache.rglob("*") if not one.is_dir() or one.name == "1" * 32}
    expected = {"notes.txt", "reports/mine.py", ".gitignore", "CACHEDIR.TAG"}
    expected |= {f"{version.name}/{one}" for one in ("runs/notes.txt", "runs/" + "0" * 32, "parsed/" + "1" * 32)}
    assert left == expected
    assert (precious / "letter.txt").read_text() == "mine"


def test_pruning_removes_regular_files_with_names_of_entries_only(project: Path, precious: Path) -> None:
    cache = Cache(place(project))
    runs = next((project / ".scriptlint_cache").glob("*/runs"))
    for number in range(60):
        (runs / f"{number:032x}").write_bytes(b"")
        os.utime(runs / f"{number:032x}", (number, number))
    (runs / "notes.txt").write_text("mine")
    (runs / ("f" * 32)).symlink_to(precious / "letter.txt")
    (runs / ("e" * 32)).mkdir()
    cache.store_run("key", EMPTY)
    entries = [one for one in runs.iterdir() if one.is_file() and not one.is_symlink() and one.name != "notes.txt"]
    assert len(entries) == 20
    assert (runs / "notes.txt").read_text() == "mine"
    assert (runs / ("e" * 32)).is_dir()
    assert (runs / ("f" * 32)).is_symlink()


def test_an_entry_under_another_name_is_not_believed(project: Path) -> None:
    harmless = parse(b"import torch\n")
    assert isinstance(harmless, bytes)
    Cache(place(project)).store_parsed(digest_of(b"import torch\n"), harmless)
    (entry,) = (project / ".scriptlint_cache").glob("*/parsed/*")
    data = (project / "net.py").read_bytes()
    for forged in (entry.read_bytes(), harmless):
        (entry.parent / digest_of(data)).write_bytes(forged)
        assert codes(scriptlint(project, "--output-format", "concise")) == {"net.py": ["SL120"]}
        for run in entry.parent.parent.glob("runs/*"):
            run.unlink()


def test_a_cache_that_another_user_made_is_not_believed(project: Path, tmp_path: Path) -> None:
    Cache(place(project)).store_run("key", EMPTY)
    assert Cache(place(project)).run("key") == EMPTY
    shutil.rmtree(tmp_path / "home-cache")
    assert Cache(place(project)).run("key") is None


@pytest.mark.parametrize(
    "entry",
    [b"", b"\x91" * 100_000, b"\xff" * 40, bytes(1000), msgspec.msgpack.encode(EMPTY), b"\xdf\xff\xff\xff\xff"],
    ids=["empty", "nested", "garbage", "zeros", "a whole run", "a huge map"],
)
def test_whatever_is_in_an_entry_is_a_miss(project: Path, entry: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    first = scriptlint(project, "--output-format", "concise")
    for path in (project / ".scriptlint_cache").glob("*/*/*"):
        path.write_bytes(entry)
    again = scriptlint(project, "--output-format", "concise")
    assert (again.returncode, again.stdout, again.stderr) == (first.returncode, first.stdout, "")
    # And if its code were right.
    cache = Cache(place(project))
    monkeypatch.setattr(cache, "_read", lambda kind, name: entry)
    assert cache.run("key") in (None, EMPTY)


def test_one_flipped_bit_is_a_miss(project: Path) -> None:
    cache = Cache(place(project))
    cache.store_parsed("0" * 32, b"content")
    (path,) = (project / ".scriptlint_cache").glob("*/parsed/*")
    whole = path.read_bytes()
    assert cache.parsed("0" * 32) == b"content"
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert cache.parsed("0" * 32) is None
    for odd in ("fifo", "folder", "link"):
        path.unlink()
        {"fifo": os.mkfifo, "folder": os.mkdir, "link": lambda one: os.symlink("/dev/zero", one)}[odd](path)
        assert cache.parsed("0" * 32) is None
        path.rmdir() if odd == "folder" else None
        path.touch(exist_ok=True) if odd == "folder" else None


def test_an_edit_of_scriptlint_is_a_miss(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Cache(place(project)).store_run("key", EMPTY)
    assert Cache(place(project)).run("key") is not None
    monkeypatch.setattr(cache_module, "program", lambda: "another")
    assert Cache(place(project)).run("key") is None


def test_the_state_of_scriptlint_changes_with_every_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "scriptlint"
    (package / "engine").mkdir(parents=True)
    for name in ("engine/cache.py", "rule.py", "data.snapshot"):
        (package / name).write_text("x = 1\n")
    monkeypatch.setattr(cache_module, "__file__", str(package / "engine" / "cache.py"))
    states = set()
    for name in (None, "rule.py", "data.snapshot"):
        if name is not None:
            (package / name).write_text("x = 22\n")
        cache_module.program.cache_clear()
        states.add(cache_module.program())
    cache_module.program.cache_clear()
    assert len(states) == 3


def test_the_key_is_private_and_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    key = user.key()
    path = tmp_path / "cache" / "scriptlint" / "key"
    assert key == path.read_bytes() == user.key()
    assert key is not None
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_key_that_others_may_read_or_that_is_broken_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = user.key()
    path = tmp_path / "scriptlint" / "key"
    path.chmod(0o644)
    second = user.key()
    path.write_bytes(b"short")
    third = user.key()
    assert len({first, second, third}) == 3
    path.unlink()
    (tmp_path / "planted").write_bytes(bytes(32))
    path.symlink_to(tmp_path / "planted")
    assert user.key() not in (bytes(32), None)
    assert (tmp_path / "planted").read_bytes() == bytes(32)


@pytest.mark.parametrize("home", ["", "relative"])
def test_a_repository_brings_no_key(project: Path, home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for place_of_key in (".cache/scriptlint", "~/.cache/scriptlint", "relative/.cache/scriptlint"):
        (project / place_of_key).mkdir(parents=True)
        (project / place_of_key / "key").write_bytes(bytes(32))
        (project / place_of_key / "key").chmod(0o600)
    monkeypatch.chdir(project)
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    monkeypatch.setenv("HOME", home or "~")
    assert user.key() is None
    assert codes(scriptlint(project, "--output-format", "concise", XDG_CACHE_HOME=home, HOME="~")) == {
        "net.py": ["SL120"]
    }


def test_without_a_place_for_the_key_nothing_is_remembered(project: Path) -> None:
    done = scriptlint(project, "--output-format", "concise", XDG_CACHE_HOME="/dev/null/x")
    assert (codes(done), done.stderr) == ({"net.py": ["SL120"]}, "")


def test_a_claim_that_was_cut_off_is_completed(project: Path) -> None:
    cache = project / ".scriptlint_cache"
    cache.mkdir()
    (cache / "CACHEDIR.TAG").write_bytes(b"Signature: 8a47")
    assert refusal(place(project)) is None
    (cache / "CACHEDIR.TAG").write_bytes(b"Signature: something else")
    (cache / ".gitignore").unlink()
    with pytest.raises(Foreign):
        claim(place(project))


def test_a_folder_that_is_swapped_for_a_link_meanwhile_is_not_followed(project: Path, precious: Path) -> None:
    cache = Cache(place(project))
    (version,) = (one for one in (project / ".scriptlint_cache").iterdir() if one.is_dir())
    before = contents(precious)
    version.rename(project / "away")
    version.symlink_to(precious)
    cache.store_parsed("0" * 32, b"content")
    cache.store_run("key", EMPTY)
    assert contents(precious) == before
    assert (project / "away" / "parsed" / ("0" * 32)).exists()
    assert remove(place(project)) is False
    assert contents(precious) == before
