"""Read simulated photographs of drawings, and of empty pages.

Each drawing is photographed twice: from straight above, and turned by up to 10 degrees and in
perspective. `evaluation/camera.py` simulates the camera.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from classifier import HandwrittenDigitsClassifier
from evaluation.camera import JPEG_QUALITY, TURN, photograph, random_page
from evaluation.drawings import Drawings
from evaluation.scores import score, share

EMPTY_PAGES = 400


def measure(
    classifier: HandwrittenDigitsClassifier, drawings: Drawings, seed: int = 0
) -> dict[str, Any]:
    """Photograph and read every drawing twice, and empty pages."""

    def read(part: int, is_turned: bool) -> dict[str, Any]:
        random = np.random.default_rng((seed, part))
        photographs = (
            photograph(random_page(random, is_turned), digit.strokes, random)
            for digit in drawings.digits
        )
        labels = [digit.label for digit in drawings.digits]
        return score(list(map(classifier.predict, photographs)), labels)

    random = np.random.default_rng((seed, 2))
    pages, blank = Counter[str](), Counter[str]()
    for number in range(EMPTY_PAGES):
        page = random_page(random, is_turned=number % 2 == 1)
        kind = f"{page.ruling} {'board' if page.is_board else 'paper'}"
        pages[kind] += 1
        blank[kind] += classifier.predict(photograph(page, [], random)).verdict == "blank"
    return {
        "drawings": len(drawings.digits),
        "jpeg_quality": JPEG_QUALITY,
        "turn": TURN,
        "seed": seed,
        "from_above": read(0, is_turned=False),
        "turned": read(1, is_turned=True),
        "empty": {
            "blank": share(blank.total(), EMPTY_PAGES),
            "kinds": {kind: {"pages": pages[kind], "blank": blank[kind]} for kind in sorted(pages)},
        },
    }
