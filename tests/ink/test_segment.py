"""What lies together, in lines from top to bottom and in pieces from left to right."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from classifier.ink.decode import decode
from classifier.ink.find import find_ink
from classifier.ink.segment import find_lines
from classifier.ink.text_line import MAX_PIECES, Line
from tests.handwriting import draw_number


def lines_of(picture: Image.Image) -> list[Line]:
    return find_lines(find_ink(decode(picture)))


def sheet(width: int = 400, height: int = 200) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("L", (width, height), 255)
    return picture, ImageDraw.Draw(picture)


def test_digits_apart_are_pieces_from_left_to_right() -> None:
    (line,) = lines_of(draw_number("2036"))
    assert len(line) == 4
    lefts = [box[0] for box in line.boxes]
    assert lefts == sorted(lefts)
    assert 80 < line.height < 115
    assert not line.cuts.any()


def test_lines_are_read_from_top_to_bottom() -> None:
    top, bottom = lines_of(draw_number("12", "034"))
    assert (len(top), len(bottom)) == (2, 3)
    assert top.box(0, 2)[3] < bottom.box(0, 3)[1]


def test_a_line_may_wander_and_its_digits_may_differ_in_height() -> None:
    picture, pencil = sheet()
    for k, (top, bottom) in enumerate([(20, 120), (50, 130), (60, 170), (90, 160)]):
        pencil.line((50 + 80 * k, top, 50 + 80 * k, bottom), fill=0, width=9)
    (line,) = lines_of(picture)
    assert len(line) == 4


@pytest.mark.parametrize(
    ("what", "box"), [("the bar of a 5", (60, 20, 110, 28)), ("a dot inside", (60, 90, 68, 98))]
)
def test_what_is_small_belongs_to_what_lies_beside_it(
    what: str, box: tuple[int, int, int, int]
) -> None:
    picture, pencil = sheet()
    pencil.ellipse((40, 40, 100, 150), outline=0, width=8)
    pencil.line((160, 40, 160, 150), fill=0, width=8)
    pencil.rectangle(box, fill=0)
    (line,) = lines_of(picture)
    whole = line.box(0, len(line))
    assert whole[1] == min(40, box[1])
    assert sum(line.ink_of(k, k + 1)[0].any() for k in range(len(line))) == len(line)


def test_stray_dots_and_frames_are_left_out() -> None:
    picture, pencil = sheet()
    pencil.rectangle((3, 3, 396, 196), outline=0, width=3)
    pencil.rectangle((350, 30, 353, 33), fill=0)
    pencil.line((100, 50, 100, 150), fill=0, width=8)
    (line,) = lines_of(picture)
    assert line.box(0, len(line)) == (97, 50, 105, 151)


def test_lines_beyond_number_are_taken_for_one() -> None:
    picture, pencil = sheet(200, 1000)
    for y in range(10, 990, 20):
        pencil.rectangle((50, y, 60, y + 10), fill=0)
    (line,) = lines_of(picture)
    assert len(line) == 49


def test_a_page_full_of_parts_is_one_piece_and_dust_is_left_out() -> None:
    picture, pencil = sheet(1000, 1000)
    for x in range(20, 980, 60):
        for y in range(20, 980, 60):
            pencil.ellipse((x, y, x + 30, y + 30), fill=0)
    (line,) = lines_of(picture)
    assert MAX_PIECES < 16 * 16
    assert len(line) == 1
