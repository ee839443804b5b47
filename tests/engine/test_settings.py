"""Settings: which file governs, what it says, and the one sentence about what is wrong with it."""

from pathlib import Path

import msgspec
import pytest

from scriptlint.engine.settings import FIELDS, Finder, Settings, SettingsError


def pyproject(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pyproject.toml"
    path.write_text(text)
    return path


def refusal(folder: Path, monkeypatch: pytest.MonkeyPatch, **options: object) -> str:
    monkeypatch.chdir(folder)
    with pytest.raises(SettingsError) as caught:
        Finder(**options).of(str(folder))
    return str(caught.value)


def test_every_setting_is_checked() -> None:
    derived = {"root", "source", "command_line", "overridden", "files"}
    assert set(FIELDS) == {field.name for field in msgspec.structs.fields(Settings)} - derived


def test_the_closest_file_wins_and_nothing_is_merged(tmp_path: Path) -> None:
    pyproject(tmp_path, '[tool.scriptlint]\ntarget = "script"\nignore = ["SL901"]\n')
    pyproject(tmp_path / "inner", '[tool.scriptlint]\ntarget = "trace"\n')
    finder = Finder()
    assert finder.of(str(tmp_path / "inner" / "deep")).target == "trace"
    assert finder.of(str(tmp_path / "inner" / "deep")).ignore == ()
    assert finder.of(str(tmp_path)).ignore == ("SL901",)
    assert finder.of(str(tmp_path)).root == str(tmp_path)


def test_a_pyproject_without_our_table_is_passed_over(tmp_path: Path) -> None:
    pyproject(tmp_path, '[tool.scriptlint]\ntarget = "script"\n')
    pyproject(tmp_path / "inner", '[project]\nname = "x"\ndependencies = ["scriptlint"]\n')
    assert Finder().of(str(tmp_path / "inner")).target == "script"


def test_an_empty_table_ends_the_search(tmp_path: Path) -> None:
    pyproject(tmp_path, '[tool.scriptlint]\ntarget = "script"\n')
    pyproject(tmp_path / "inner", "[tool.scriptlint]\n")
    assert Finder().of(str(tmp_path / "inner")).target == "auto"


@pytest.mark.parametrize("name", ["scriptlint.toml", ".scriptlint.toml"])
def test_our_own_file_wins_over_pyproject(tmp_path: Path, name: str) -> None:
    pyproject(tmp_path, '[tool.scriptlint]\ntarget = "script"\n')
    (tmp_path / name).write_text('target = "trace"\n')
    assert Finder().of(str(tmp_path)).target == "trace"


def test_a_python_that_is_not_there_is_said(tmp_path: Path) -> None:
    pyproject(tmp_path, '[tool.scriptlint]\ntarget = "auto"\npython = ".venv"\n')
    with pytest.raises(SettingsError, match=r"pyproject.toml:3: there is no .*\.venv$"):
        Finder().of(str(tmp_path))


def test_values_of_all_kinds(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    pyproject(
        tmp_path,
        "[tool.scriptlint]\n"
        'select = ["SL9"]\nextend-exclude = ["gen/*"]\nrespect-gitignore = false\noutput-format = "json"\n'
        'target-torch = "2.4"\npython = ".venv"\nrequired-version = ">=0.0.1"\n'
        '[tool.scriptlint.per-file-ignores]\n"tests/*" = ["SL901", "unused-suppression"]\n',
    )
    settings = Finder().of(str(tmp_path))
    assert settings.select == ("SL9",)
    assert settings.extend_exclude == ("gen/*",)
    assert settings.respect_gitignore is False
    assert settings.output_format == "json"
    assert settings.target_torch == "2.4"
    assert settings.python == str(tmp_path / ".venv")
    assert settings.per_file_ignores == {"tests/*": ("SL901", "unused-suppression")}
    assert settings.cache_folder == str(tmp_path / ".scriptlint_cache")


def test_isolated_ignores_files_and_config_names_one(tmp_path: Path) -> None:
    other = pyproject(tmp_path / "other", '[tool.scriptlint]\ntarget = "both"\n')
    pyproject(tmp_path, '[tool.scriptlint]\ntarget = "script"\n')
    assert Finder(isolated=True).of(str(tmp_path)).target == "auto"
    chosen = Finder(config=str(other)).of(str(tmp_path))
    assert (chosen.target, chosen.root) == ("both", str(tmp_path / "other"))


def test_overrides_win(tmp_path: Path) -> None:
    pyproject(tmp_path, '[tool.scriptlint]\ntarget = "script"\n')
    assert Finder(overrides={"target": "trace"}).of(str(tmp_path)).target == "trace"


def test_without_a_file_the_root_is_the_project(tmp_path: Path) -> None:
    (tmp_path / "setup.py").touch()
    (tmp_path / "pkg").mkdir()
    finder = Finder(isolated=True)
    assert finder.of(str(tmp_path / "pkg")).root == str(tmp_path)
    assert finder.of(str(tmp_path)) is finder.of(str(tmp_path / "pkg"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[project]\nname = "x"\n\n[tool.scriptlint]\nignore = []\nextend_select = ["SL9"]\n',
            "pyproject.toml:6: unknown setting `extend_select`; did you mean `extend-select`?",
        ),
        ("[tool.scriptlint]\nxyzzy = 1\n", "pyproject.toml:2: unknown setting `xyzzy`"),
        ("[tool]\nscriptlint.tarjet = 1\n", "pyproject.toml:2: unknown setting `tarjet`; did you mean `target`?"),
        (
            '[tool.scriptlint]\n# target\nselect = "SL1"\n',
            'pyproject.toml:3: `select` must be a list of strings, not "SL1"',
        ),
        (
            "[tool.scriptlint]\nignore = [1]\n",
            "pyproject.toml:2: `ignore` must be a list of strings, not a list with other things in it",
        ),
        (
            '[tool.scriptlint]\ntarget = "onnx"\n',
            'pyproject.toml:2: `target` must be one of "auto", "script", "trace", "both", not "onnx"',
        ),
        (
            "[tool.scriptlint]\nforce-exclude = 1\n",
            "pyproject.toml:2: `force-exclude` must be true or false, not the number 1",
        ),
        (
            "[tool.scriptlint]\ntarget-torch = 2.4\n",
            'pyproject.toml:2: `target-torch` must be a version in quotes, such as "2.4", not the number 2.4',
        ),
        (
            '[tool.scriptlint]\nper-file-ignores = ["SL1"]\n',
            "pyproject.toml:2: `per-file-ignores` must be a table from globs to lists of rules, not a list",
        ),
        (
            '[tool.scriptlint]\nper-file-ignores = {"net.py" = "SL8"}\n',
            'pyproject.toml:2: `per-file-ignores` must be a table in which `net.py` is a list of rules, such as ["SL8"], not "SL8"',
        ),
        (
            '[tool.scriptlint]\nselect = [\n  "SL9",\n  "SL77",\n]\n',
            "pyproject.toml:4: unknown rule `SL77` in `select`",
        ),
        (
            '[tool.scriptlint.per-file-ignores]\n"a" = ["SL901"]\n"b" = ["unused-supression"]\n',
            "pyproject.toml:3: unknown rule `unused-supression` in `per-file-ignores`; did you mean `unused-suppression`?",
        ),
        ("[tool]\nscriptlint = 3\n", "pyproject.toml:2: `tool.scriptlint` must be a table, not the number 3"),
        ("[tool.scriptlint]\nselect = [\n", "pyproject.toml:3: this is not TOML: "),
        ('[tool.scriptlint]\nselect = "a\n', "pyproject.toml:2: this is not TOML: "),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, sentence: str
) -> None:
    pyproject(tmp_path, text)
    said = refusal(tmp_path, monkeypatch)
    assert said == sentence or (sentence.endswith(": ") and said.startswith(sentence) and "\n" not in said)


def test_required_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scriptlint.toml").write_text('required-version = ">=99"\n')
    said = refusal(tmp_path, monkeypatch)
    assert said.startswith("scriptlint.toml:1: this project requires scriptlint >=99, and this is ")


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scriptlint.toml").write_bytes(b'target = "\xff"\n')
    assert refusal(tmp_path, monkeypatch) == "scriptlint.toml:1: a settings file must be UTF-8"
    missing = str(tmp_path / "none.toml")
    assert refusal(tmp_path, monkeypatch, config=missing) == (
        "none.toml: the settings file cannot be read: No such file or directory"
    )
