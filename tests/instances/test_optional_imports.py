"""An import that a file can do without finds nothing where torch is installed and the package is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptlint.evaluate.values import Const
from tests.projects import Files

TORCH = {"torch/__init__.py": ""}
GUARDS = [
    "try:\n    import fast\n    FAST = True\nexcept ImportError:\n    FAST = False\n",
    "try:\n    import fast.kernels\n    FAST = True\nexcept ModuleNotFoundError:\n    FAST = False\n",
    "try:\n    from fast import kernel\nexcept Exception:\n    kernel = None\nFAST = kernel is not None\n",
    "try:\n    from fast.kernels import one, two\nexcept (AttributeError, ImportError):\n    one = two = None\nFAST = one is not None\n",
    "FAST = True\ntry:\n    import fast\nexcept:\n    FAST = False\n",
    "FAST = False\ntry:\n    import fast\n    FAST = True\nexcept ImportError:\n    pass\n",
    "try:\n    if True:\n        import fast\nexcept ImportError as error:\n    fast = None\nFAST = fast is not None\n",
    "try:\n    import fast\nexcept ImportError:\n    FAST = False\nelse:\n    FAST = True\n",
    "def found():\n    try:\n        import fast\n    except ImportError:\n        return False\n    return True\nFAST = found()\n",
]


def _flag(folder: Path, guard: str, files: dict[str, str]) -> object:
    made = Files(folder, {"model.py": guard, **files})
    return made.machine.evaluate_text("FAST", made.main)


@pytest.mark.parametrize("guard", GUARDS)
def test_a_package_that_is_not_there_is_not_imported(guard: str, tmp_path: Path) -> None:
    namespace: dict[str, object] = {}
    exec(guard, namespace)  # Python has no `fast` either
    assert namespace["FAST"] is False
    assert _flag(tmp_path, guard, TORCH) == Const(False)


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize(
    "place",
    [
        "fast/__init__.py",
        "fast.py",
        "fast/kernels.py",
        "fast.abi3.so",
        "fast.cpython-38-x86_64-linux-gnu.so",
        "fast.pyc",
    ],
)
def test_a_package_in_any_form_may_be_imported(guard: str, place: str, tmp_path: Path) -> None:
    assert _flag(tmp_path, guard, {**TORCH, place: ""}) != Const(False)


@pytest.mark.parametrize("finder", ["__editable___fast_1_0_finder.py", "_fast_editable_loader.py"])
def test_a_package_that_is_installed_for_editing_may_be_imported(finder: str, tmp_path: Path) -> None:
    for text, is_there in (("MAPPING = {'fast': '/src/fast'}", True), ("MAPPING = {'faster': '/src'}", False)):
        assert (_flag(tmp_path, GUARDS[0], {**TORCH, finder: text}) != Const(False)) is is_there


@pytest.mark.parametrize("guard", GUARDS)
def test_nothing_is_missing_where_no_environment_is_known(guard: str, tmp_path: Path) -> None:
    assert _flag(tmp_path, guard, {}) != Const(False)


def test_what_is_not_optional_is_taken_to_be_there(tmp_path: Path) -> None:
    text = "import fast\nFAST = True\ntry:\n    import slow\nexcept ImportError:\n    raise RuntimeError\nSLOW = True\n"
    made = Files(tmp_path, {"model.py": text, **TORCH})
    assert [made.machine.evaluate_text(name, made.main) for name in ("FAST", "SLOW")] == [Const(True), Const(True)]
