"""What a job of `confirm` is told: what Python and torch need, and nothing that is the user's alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptlint.confirm.nursery import needed
from scriptlint.confirm.options import Options, how
from scriptlint.confirm.runner import How, Zygote
from scriptlint.engine.settings import Finder
from tests.confirm.jobs import job

SECRETS = {"AWS_SECRET_ACCESS_KEY": "s", "GITHUB_TOKEN": "s", "HF_TOKEN": "s", "SSH_AUTH_SOCK": "s", "PGPASSWORD": "s"}


def test_what_is_passed() -> None:
    wanted = {"PATH": "p", "HOME": "h", "LC_ALL": "C", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "0"}
    assert needed({**wanted, **SECRETS}, ()) == wanted
    assert needed({**wanted, **SECRETS}, ("HF_TOKEN",)) == {**wanted, "HF_TOKEN": "s"}


def test_settings_name_more(tmp_path: Path) -> None:
    (tmp_path / "scriptlint.toml").write_text('[confirm]\npass-env = ["HF_HOME"]\n')
    assert how(Finder().of(str(tmp_path)), Options()).pass_env == ("HF_HOME",)


@pytest.mark.parametrize("passed", [(), ("GITHUB_TOKEN",)])
def test_a_job_sees_no_more(tmp_path: Path, passed: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "net.py"
    path.write_text(
        "import os\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        raise ValueError(' '.join(sorted(os.environ)))\n"
    )
    zygote = Zygote(How(timeout=600, pass_env=passed))
    try:
        seen = set(zygote.run(job(path, "Net()"))["failure"]["message"].split())
    finally:
        zygote.close()
    assert seen & SECRETS.keys() == set(passed)
    assert {"PATH", "PYTORCH_JIT"} <= seen
