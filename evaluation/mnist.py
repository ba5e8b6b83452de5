"""Read MNIST's test images as pictures, through every step of `predict`.

The report of training counts the network's own guesses on the images as MNIST prepared them. Here
the ink is found and prepared again, and answers below the threshold of confidence are withheld.
"""

from __future__ import annotations

from typing import Any

from classifier import HandwrittenDigitsClassifier
from evaluation.scores import outcome


def measure(classifier: HandwrittenDigitsClassifier) -> dict[str, Any]:
    """Read all test images."""
    test = HandwrittenDigitsClassifier().load_data().test
    return outcome(map(str, test.labels), classifier.predict(test.images))
