"""Where the packages of a project lie."""

from __future__ import annotations

import os
from pathlib import Path

from scriptlint.engine.environment import site_packages


def test_the_folders_that_pth_files_name(tmp_path: Path) -> None:
    packages = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    for folder in (packages, tmp_path / "other", tmp_path / "project" / "src", packages / "nested"):
        folder.mkdir(parents=True)
    lines = [
        "# a comment",
        "import sys",
        str(tmp_path / "other"),
        "nested",
        "gone",
        "",
        str(tmp_path / "project" / "src"),
    ]
    (packages / "editable.pth").write_text("\n".join(lines), encoding="utf-8")
    (packages / "broken.pth").write_bytes(b"\xff\xfe")
    if hasattr(os, "mkfifo"):
        os.mkfifo(packages / "waits.pth")
    found = site_packages(str(tmp_path / "venv"), str(tmp_path / "project"))
    assert found == [packages, tmp_path / "other", packages / "nested"]
