from __future__ import annotations

import os
from pathlib import Path

import pytest

from classifier import PictureError
from classifier.command.find import find
from classifier.ink.decode import ALL_FORMATS, SUFFIXES


def names(*arguments: Path | str) -> list[str]:
    return [name for name, _ in find(map(str, arguments))]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for path in ("b.png", "a/z.JPG", "a/b/y.tiff", "a.png", "a/notes.txt", "c", "B.gif", "d/x"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    return tmp_path


def test_a_folder_is_its_pictures_sorted_as_paths_are(tree: Path) -> None:
    pictures = sorted(path for path in tree.rglob("*") if path.suffix.lower() in SUFFIXES)
    assert names(tree) == [str(path) for path in pictures]
    assert len(pictures) == 5


def test_what_is_named_comes_in_the_order_it_is_named_in(tree: Path) -> None:
    assert names(tree / "c", "-", tree / "d" / "x", tree / "a" / "b", "nothing") == [
        str(tree / "c"),
        "-",
        str(tree / "d" / "x"),
        str(tree / "a" / "b" / "y.tiff"),
        "nothing",
    ]


def test_a_folder_without_pictures_is_a_problem(tree: Path) -> None:
    ((name, problem),) = find([str(tree / "d")])
    assert name == str(tree / "d")
    assert isinstance(problem, PictureError)
    assert "Expected a folder with pictures in it (.png" in str(problem)


def test_a_folder_that_cannot_be_opened_is_a_problem(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another way than its permissions: they stop nobody who is root."""
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = dict(find([str(tree)]))
    assert str(found[str(tree / "a")]).endswith("received: Permission denied.")
    assert str(tree / "b.png") in found


def test_a_link_that_leads_back_up_is_not_followed(tree: Path) -> None:
    (tree / "a" / "up").symlink_to(tree)
    assert len(names(tree)) == 5


def test_a_name_that_is_too_long_for_the_system_is_left_to_reading() -> None:
    assert names("x" * 5000) == ["x" * 5000]


def test_every_format_has_a_suffix() -> None:
    without = {"JPEG": ".jpg", "TIFF": ".tif"}
    for name in ALL_FORMATS:
        assert without.get(name, f".{name.lower()}") in SUFFIXES
