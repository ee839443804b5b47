"""Discovery: which files stand behind the paths of a command line."""

import os
from pathlib import Path

import pytest

from scriptlint.engine.discover import Globs, discover
from scriptlint.engine.settings import Finder


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()  # the project ends here, whatever lies above the temporary folder
    return tmp_path


def write(*names: str, text: str = "") -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(*paths: str, **settings: object) -> list[str]:
    result = discover(paths or (".",), Finder(isolated=True, overrides=settings))
    assert result.problems == []
    return [os.path.relpath(file) for file in result.files]


def problems(*paths: str) -> list[str]:
    return discover(paths, Finder(isolated=True)).problems


def test_a_folder_is_walked_in_order_and_only_python_is_taken() -> None:
    write("b.py", "a/z.py", "a/__init__.py", "a/stub.pyi", "a/notes.txt", "c.PY", "pkg.py/inner.py")
    assert found() == ["a/__init__.py", "a/z.py", "b.py", "pkg.py/inner.py"]


def test_a_named_file_is_taken_whatever_its_suffix() -> None:
    write("script", "stub.pyi")
    assert found("script", "stub.pyi") == ["script", "stub.pyi"]


def test_each_file_once() -> None:
    write("a/x.py")
    assert found("a", "a/x.py", ".", "a/../a/x.py") == ["a/x.py"]


def test_usual_folders_and_environments_are_left_out() -> None:
    write(".venv/x.py", "node_modules/x.py", "a/__pycache__/x.py", "build/x.py", "a/site-packages/x.py", "ok/x.py")
    write("env/lib/x.py")
    Path("env/pyvenv.cfg").touch()
    assert found() == ["ok/x.py"]


def test_a_named_folder_is_entered_wherever_it_lies() -> None:
    write("venv/lib/site-packages/timm/x.py", "venv/lib/site-packages/timm/build/x.py", "venv/pyvenv.cfg")
    assert found("venv/lib/site-packages/timm") == ["venv/lib/site-packages/timm/x.py"]
    assert found("venv/lib/site-packages") == ["venv/lib/site-packages/timm/x.py"]


def test_exclude_and_extend_exclude() -> None:
    write("gen/x.py", "sub/gen/x.py", "a/b/c.py", "a/b/d.py", "build/x.py")
    assert found(extend_exclude=("gen",)) == ["a/b/c.py", "a/b/d.py"]
    assert found(extend_exclude=("/gen", "a/**/c.py")) == ["a/b/d.py", "sub/gen/x.py"]
    assert found(extend_exclude=(os.path.abspath("gen/"), "*.py", "!d.py")) == ["a/b/d.py"]
    assert "build/x.py" in found(exclude=("gen",))


def test_named_paths_overrule_exclusion_unless_forced() -> None:
    write("gen/x.py", "gen/build/x.py", "gen/sub/y.py")
    assert found("gen/x.py", extend_exclude=("gen",)) == ["gen/x.py"]
    assert found("gen", extend_exclude=("gen/",)) == ["gen/sub/y.py", "gen/x.py"]
    assert found("gen", extend_exclude=("gen", "gen/sub")) == ["gen/x.py"]
    assert found("gen/x.py", "gen", extend_exclude=("gen",), force_exclude=True) == []


def test_gitignore_files_nested_and_above() -> None:
    write(".gitignore", text="*.gen.py\n/top.py\nout/\n# comment\n\n")
    write("a/.gitignore", text="!keep.gen.py\nlocal.py\n")
    write("x.gen.py", "top.py", "a/top.py", "out/x.py", "a/out/x.py", "a/keep.gen.py", "a/other.gen.py", "a/local.py")
    write("local.py", "a/b/local.py")
    Path(".git").mkdir()
    assert found() == ["a/keep.gen.py", "a/top.py", "local.py"]
    assert found("a") == ["a/keep.gen.py", "a/top.py"]
    assert found("out") == ["out/x.py"]
    assert found("a/local.py") == ["a/local.py"]
    assert "x.gen.py" in found(respect_gitignore=False)


def test_gitignore_files_above_count_only_inside_their_repository() -> None:
    write(".gitignore", text="*.py\n")
    write("inner/x.py")
    assert found("inner") == ["inner/x.py"]
    assert found() == []


def test_info_exclude_and_patterns_nobody_understands() -> None:
    write(".git/info/exclude", text="secret.py\n")
    write(".gitignore", text="!\nb.py\n")
    write("secret.py", "a.py", "b.py")
    assert found() == ["a.py"]


def test_links_to_folders_are_not_followed_but_a_named_one_is(tree: Path) -> None:
    write("real/x.py")
    os.symlink(tree, "real/loop")
    os.symlink("real", "alias")
    assert found() == ["real/x.py"]
    assert found("alias") == ["alias/x.py"]


def test_a_linked_file_is_taken_once_by_its_real_name() -> None:
    write("z/real.py")
    os.symlink("z/real.py", "a.py")
    assert found() == ["z/real.py"]
    assert found("a.py") == ["a.py"]


def test_one_sentence_for_each_path_that_leads_nowhere() -> None:
    write("ok.py", "dir/y.py")
    os.symlink("b", "a")
    os.symlink("a", "b")
    os.mkfifo("pipe.py")
    assert problems("nosuch", "a", "ok.py", "pipe.py", "ok.py/x", "n\0ul", "x" * 5000) == [
        "nosuch: there is no such file or folder",
        "a: this link leads back to itself",
        "pipe.py: this is neither a file nor a folder",
        "ok.py/x: a part of this path is a file, not a folder",
        "n\\x00ul: this cannot be a path",
        "x" * 5000 + ": this path is too long",
    ]


def test_broken_links_in_a_walk_are_said_and_the_rest_goes_on() -> None:
    write("d/ok.py")
    os.symlink("nowhere.py", "d/broken.py")
    os.symlink("user@host.123", "d/.#ok.py")
    os.symlink("self.py", "d/self.py")
    result = discover(["d"], Finder(isolated=True))
    assert [os.path.relpath(file) for file in result.files] == ["d/ok.py"]
    assert result.problems == [
        "d/broken.py: this link leads nowhere",
        "d/self.py: this link leads back to itself",
    ]


def test_an_unreadable_folder_is_said_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    write("d/locked/x.py", "d/open/y.py")
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    result = discover(["d"], Finder(isolated=True))
    assert [os.path.relpath(file) for file in result.files] == ["d/open/y.py"]
    assert result.problems == ["d/locked: this may not be read"]


def test_files_are_grouped_by_the_settings_that_govern_them() -> None:
    write("scriptlint.toml", text='target = "script"\nextend-exclude = ["skip"]\n')
    write("pkg/scriptlint.toml", text='target = "trace"\n')
    write("x.py", "skip/x.py", "pkg/y.py", "pkg/skip/z.py")
    result = discover(["."], Finder())
    assert [(settings.target, [os.path.relpath(file) for file in files]) for settings, files in result.groups()] == [
        ("trace", ["pkg/skip/z.py", "pkg/y.py"]),
        ("script", ["x.py"]),
    ]


def test_without_settings_files_all_files_are_one_group() -> None:
    write("x.py", "a/y.py", "a/pyproject.toml", "b/.git/HEAD", "b/z.py")
    ((settings, files),) = discover(["a", "b", "x.py"], Finder()).groups()
    assert [os.path.relpath(file) for file in files] == ["a/y.py", "b/z.py", "x.py"]
    assert settings.root == os.path.abspath("a")


def test_globs_outside_their_root_match_by_name_only(tree: Path) -> None:
    globs = Globs(["conftest.py", "a/*.py"], str(tree / "root"))
    assert globs.match("/elsewhere/conftest.py")
    assert not globs.match("/elsewhere/a/x.py")
    assert globs.match(str(tree / "root/a/x.py"))
