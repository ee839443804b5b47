"""What the shipped snapshot says, held against the torch that is installed."""

from __future__ import annotations

import contextlib
import importlib
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from scriptlint.cli import run
from scriptlint.engine import snapshots
from scriptlint.torchlib import Library, SnapshotMissing, available, load
from scriptlint.torchlib.snapshot import HOME, Snapshot, SnapshotFailed, make
from scriptlint.types import FLOAT, INT, STRING, TENSOR, List, make_optional, show


@pytest.fixture(scope="module")
def library() -> Library:
    return load("2.13.0")


def resolve(dotted: str):
    """What a dotted name may lead to: more than one thing where a function hides the module of its name."""
    head, _, last = dotted.rpartition(".")
    found = [getattr(owner, last) for owner in resolve(head) if hasattr(owner, last)] if head else []
    with contextlib.suppress(ImportError):
        found.append(importlib.import_module(dotted))
    return found


def test_version_is_chosen_by_nearest_rule(tmp_path: Path) -> None:
    assert load().version == "2.13.0"
    assert load("2.13.0+cpu").version == "2.13.0"
    assert load("2.13.5").version == "2.13.0"
    for wanted in ("1.4.0", "2.12.0", "3"):
        with pytest.raises(SnapshotMissing, match=r"scriptlint snapshot --python PY"):
            load(wanted)
    with pytest.raises(SnapshotMissing, match="there is: none"):
        load(None, (tmp_path,))


def test_a_broken_file_is_no_snapshot(tmp_path: Path) -> None:
    broken = tmp_path / "torch-1.0.0.snapshot"
    broken.write_bytes(b"nothing")
    with pytest.raises(ValueError, match="is not a snapshot"):
        Snapshot(broken)
    broken.write_bytes(msgspec.msgpack.encode({"format": 0, "sections": {}}))
    with pytest.raises(ValueError, match="another format"):
        Snapshot(broken)


def test_schemas_are_torchs_in_its_order(library: Library) -> None:
    import torch

    for op in {schema.name for schema in torch._C._jit_get_all_schemas()}:
        theirs = torch._C._jit_get_schemas_for_operator(op)
        ours = [schema for schema in library.schemas(op) if not schema.written]
        assert [schema.text for schema in ours] == [str(schema) for schema in theirs]
        for mine, their in zip(ours, theirs, strict=True):
            assert mine.name == their.name
            assert mine.overload == their.overload_name
            assert [param.name for param in mine.params] == [argument.name for argument in their.arguments]
            for param, argument in zip(mine.params, their.arguments, strict=True):
                assert param.size == argument.N
                assert param.keyword_only == argument.kwarg_only
                assert param.has_default == argument.has_default_value()
                shown = argument.type.annotation_str
                if "SymBool" not in shown:
                    assert show(param.type) == shown
                default = argument.default_value
                if param.has_default and isinstance(param.default, (float, str)) and isinstance(default, (float, str)):
                    assert param.default == default


def test_operators_written_in_torchscript_come_last(library: Library) -> None:
    assert [str(schema) for schema in library.schemas("aten::mul") if schema.written] == [
        "mul(float a, Tensor b) -> Tensor",
        "mul(int a, Tensor b) -> Tensor",
        "mul(complex a, Tensor b) -> Tensor",
    ]
    assert library.schemas("aten::mul")[-1].written
    assert library.schemas("aten::_pair")[1].params[0].size == 2
    assert library.schemas("aten::nope") == ()
    assert not library.has_operator("aten::is_tensor")


def test_names_reach_what_the_compiler_takes_them_for(library: Library) -> None:
    from torch.jit._builtins import _find_builtin

    for dotted in (
        "torch.add", "torch.conv2d", "torch.nn.functional.conv2d", "torch.linalg.norm", "torch._C._nn.gelu",
        "torch.nn.functional.gelu", "torch.special.expm1", "torch.fft.fft", "math.sqrt", "cmath.sqrt", "warnings.warn",
        "torch._VF.lstm", "torch.nn.modules.utils._pair", "torch.jit.is_scripting", "torch.is_tensor", "math.comb",
        "torch.nn.functional.relu", "torch.nn.Linear", "torch.unique",
    ):  # fmt: skip
        assert library.builtin(dotted) == _find_builtin(resolve(dotted)[0]), dotted
    assert library.builtin("torch.nn.modules.linear.F.conv2d") == "aten::conv2d"


def test_canonical_names_name_the_same_thing(library: Library) -> None:
    expected = {
        "torch.nn.modules.linear.Linear": "torch.nn.Linear",
        "torch.functional.einsum": "torch.einsum",
        "torch.nn.modules.linear.F.relu": "torch.nn.functional.relu",
        "torch._jit_internal.ignore": "torch.jit.ignore",
        "torch.long": "torch.int64",
        "torch.nn.Linear": "torch.nn.Linear",
        "torch.nn.modules.batchnorm._BatchNorm": "torch.nn.modules.batchnorm._BatchNorm",
        "my.own.thing": "my.own.thing",
    }
    assert {dotted: library.canonical(dotted) for dotted in expected} == expected
    for alias, canonical in library._aliases.items():
        if alias.startswith(("torch.nn", "torch.functional", "torch.jit", "torch.autograd")):
            assert set(map(id, resolve(alias))) & set(map(id, resolve(canonical))), (alias, canonical)


def test_module_classes(library: Library) -> None:
    import torch

    public = [
        name for name, thing in vars(torch.nn).items() if isinstance(thing, type) and issubclass(thing, torch.nn.Module)
    ]
    assert len(public) > 140
    for name in public:
        module = library.module(f"torch.nn.{name}")
        assert module is not None
        assert library.is_module_class(module.site)
        bases = [
            library.canonical(f"{base.__module__}.{base.__qualname__}")
            for base in getattr(torch.nn, name).__mro__[1:-1]
        ]
        assert [library.canonical(base) for base in module.mro] == bases
    assert not library.is_module_class("torch.nn.Parameter")
    assert library.module("torch.nn.functional") is None


def test_what_an_instance_holds(library: Library) -> None:
    norm = library.module("torch.nn.BatchNorm2d")
    assert norm is not None
    assert norm.script is None
    assert [name for name, held in norm.held.items() if held.kind == "buffer"] == [
        "running_mean",
        "running_var",
        "num_batches_tracked",
    ]
    without = next(variant for variant in norm.variants if variant.argument == "affine")
    assert without.value == "False"
    assert without.held["weight"] is not None
    assert without.held["weight"].type == "NoneType"
    pool = library.module("torch.nn.MaxPool2d")
    assert pool is not None
    pooled = next(variant for variant in pool.variants if variant.argument == "return_indices")
    assert str(pooled.methods["forward"]).endswith("-> ((Tensor, Tensor))")
    linear = library.module("torch.nn.Linear")
    assert linear is not None
    forward = linear.method("forward")
    assert forward is not None
    assert [param.name for param in forward.without_self().params] == ["input"]
    assert forward.returns is TENSOR
    loss = library.module("torch.nn.GaussianNLLLoss")
    assert loss is not None
    assert isinstance(loss.script, str)
    assert "Comprehension ifs" in str(loss.script)


def test_python_functions(library: Library) -> None:
    dropout = library.function("torch.nn.functional.dropout")
    assert dropout is not None
    assert [(param.name, param.type, param.default) for param in dropout.signatures[0].params[:2]][1] == (
        "p",
        FLOAT,
        0.5,
    )
    assert len(library.signatures("torch.nn.functional.interpolate")) == 4
    pool = library.boolean_dispatch("torch.nn.functional.max_pool2d")
    assert pool is not None
    assert (pool.argument, pool.index, pool.default) == ("return_indices", 6, False)
    assert library.signatures(pool.if_false)[0].returns is TENSOR
    refused = library.function("torch.nn.functional.gaussian_nll_loss")
    assert refused is not None
    assert refused.kind == "refused"
    assert "Comprehension ifs" in refused.why
    assert library.function("torch.nn.functional.nope") is None


def test_what_exists_and_what_it_is(library: Library) -> None:
    kinds = {
        "torch.add": ("operator", "aten::add"),
        "torch.is_tensor": ("unknown-operator", "aten::is_tensor"),
        "math.comb": ("python-builtin", ""),
        "math.pi": ("constant", "float 3.141592653589793"),
        "torch.float32": ("constant", "dtype"),
        "torch.nn.functional.relu": ("function", "function"),
        "torch.nn.functional.max_pool2d": ("function", "dispatch"),
        "torch.nn.Linear": ("class", ""),
        "torch.nn": ("module", ""),
        "torch.Tensor.add": ("operator", "aten::add"),
        "torch.Tensor.bool": ("method", ""),
    }
    for dotted, (kind, detail) in kinds.items():
        found = library.exists(dotted)
        assert found is not None
        assert (found.kind, found.detail) == (kind, detail), dotted
    assert library.exists("torch.no_such_thing") is None
    assert library.exists("torch.nn.no_such_thing") is None


def test_tensor(library: Library) -> None:
    assert library.tensor_attribute("shape") is List(INT)
    assert library.tensor_attribute("grad") is TENSOR
    assert library.tensor_attribute("name") is make_optional(STRING)
    assert library.tensor_attribute("grad_fn") is None
    assert library.tensor_has("grad_fn")
    fields = library.named_tuple("__torch__.torch.nn.utils.rnn.PackedSequence")
    assert fields is not None
    assert [name for name, _ in fields] == ["data", "batch_sizes", "sorted_indices", "unsorted_indices"]


def test_nothing_here_imports_torch_or_libcst() -> None:
    code = (
        "import sys; from scriptlint.torchlib import load; from scriptlint.torchlib.match import match\n"
        "library = load(); library.module('torch.nn.Linear'); library.schemas('aten::add')[0].params\n"
        "assert not {'torch', 'libcst'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_shipped_snapshot_is_what_torch_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is made as a user makes one, and is then the one that is found."""
    import torch

    if torch.__version__.split("+")[0] != "2.13.0":
        pytest.skip("another torch is installed")
    monkeypatch.setenv("SCRIPTLINT_SNAPSHOTS", str(tmp_path))
    assert run(["snapshot", "--python", sys.executable]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("scriptlint: asking the torch of ")
    assert "torch-2.13.0.snapshot: torch 2.13.0, " in out
    (made,) = tmp_path.rglob("*.snapshot")
    assert Path(snapshots.user_folder()) in made.parents
    assert available((made.parent, HOME))["2.13.0"] == made
    fresh, shipped = Snapshot(made), Snapshot(HOME / "torch-2.13.0.snapshot")
    for section in ("schemas", "written", "builtins", "tensor", "aliases", "names", "functions", "modules", "tuples"):
        ours, theirs = shipped.section(section), fresh.section(section)
        differ = [key for key in {**ours, **theirs} if bytes(ours.get(key, b"")) != bytes(theirs.get(key, b""))]
        assert not differ, (section, differ[:10])
        assert not [key for key, answer in theirs.items() if b"site-packages" in bytes(answer)]


def test_an_interpreter_without_torch_is_told(tmp_path: Path) -> None:
    with pytest.raises(SnapshotFailed, match="could not be asked about torch"):
        make(str(Path("/usr/bin/false")), tmp_path)
