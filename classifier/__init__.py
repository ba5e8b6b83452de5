"""Reads handwritten digits. `HandwrittenDigitsClassifier` is where to start."""

from classifier.classifier import HandwrittenDigitsClassifier
from classifier.errors import (
    ClassifierError,
    DatasetError,
    MissingPackageError,
    ModelFileError,
    OrderError,
    ParameterError,
    PictureError,
    PictureFormatError,
    PictureTooLargeError,
)
from classifier.network.prediction import DigitReading, Prediction, Reading, Variant, WhatIf
from classifier.parameters import Deformation, Parameters

__all__ = [
    "ClassifierError",
    "DatasetError",
    "Deformation",
    "DigitReading",
    "HandwrittenDigitsClassifier",
    "MissingPackageError",
    "ModelFileError",
    "OrderError",
    "ParameterError",
    "Parameters",
    "PictureError",
    "PictureFormatError",
    "PictureTooLargeError",
    "Prediction",
    "Reading",
    "Variant",
    "WhatIf",
]
