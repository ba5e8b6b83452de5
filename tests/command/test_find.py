from __future__ import annotations

import os
from pathlib import Path

import pytest

from classifier.command.find import find


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in ("b.png", "a/z.JPG", "a/b/y.tiff", "a.png", "a/notes.txt", "c", "B.gif", "d/x"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["."], ["./B.gif", "./a.png", "./b.png", "./a/z.JPG", "./a/b/y.tiff"]),
        (["a/"], ["a/z.JPG", "a/b/y.tiff"]),
        (["c", "-", "d/x", "a/b", "nothing"], ["c", "-", "d/x", "a/b/y.tiff", "nothing"]),
        (["x" * 5000], ["x" * 5000]),  # too long for the system: reading it will say so
    ],
)
@pytest.mark.usefixtures("tree")
def test_pictures_come_in_order(arguments: list[str], expected: list[str]) -> None:
    assert [name for name, _ in find(arguments)] == expected


def test_a_link_that_leads_back_up_is_not_followed(tree: Path) -> None:
    (tree / "a" / "up").symlink_to(tree)
    assert len(list(find(["."]))) == 5


@pytest.mark.usefixtures("tree")
def test_a_folder_that_cannot_be_opened_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated, because permissions do not stop root."""
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = dict(find(["."]))
    assert str(found["./a"]).endswith("received: Permission denied.")
    assert "./b.png" in found
