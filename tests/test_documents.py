"""The documents: their links, their commands, their examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.handwriting import draw

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_make_targets_exist(document: Path) -> None:
    text = document.read_text()
    links = re.findall(r'(?:\]\(|src(?:set)?=")(?!\w+:|#)([^)"#]+)', text)
    assert [link for link in links if not (document.parent / link).exists()] == []
    rules = re.findall(r"(?m)^([\w -]+):", (ROOT / "Makefile").read_text())
    assert set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", text)) <= set(" ".join(rules).split())


def test_examples_of_reading_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    code = "".join(example for example in examples if "load_data" not in example)
    assert "predict(" in code
    monkeypatch.chdir(tmp_path)
    for name in re.findall(r'"([\w/.-]+\.png)"', code):
        draw(7).save(name)
    exec(code, {})
