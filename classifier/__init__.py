"""Reads handwritten digits. `HandwrittenDigitsClassifier` is where to start."""

from classifier.classifier import HandwrittenDigitsClassifier
from classifier.errors import (
    ClassifierError,
    DatasetError,
    DigitError,
    MissingPackageError,
    ModelFileError,
    OrderError,
    ParameterError,
    PictureError,
    PictureFormatError,
    PictureTooLargeError,
)
from classifier.ink.decode import MAX_PIXELS
from classifier.network.alteration import Alteration, LeastChange
from classifier.network.explanation import (
    FeatureMaps,
    HeatMap,
    Layer,
    LayerWeights,
    Preparation,
    SnapshotReading,
)
from classifier.network.prediction import DigitReading, Prediction, Reading, Variant, WhatIf
from classifier.parameters import Deformation, Parameters

__all__ = [
    "MAX_PIXELS",
    "Alteration",
    "ClassifierError",
    "DatasetError",
    "Deformation",
    "DigitError",
    "DigitReading",
    "FeatureMaps",
    "HandwrittenDigitsClassifier",
    "HeatMap",
    "Layer",
    "LayerWeights",
    "LeastChange",
    "MissingPackageError",
    "ModelFileError",
    "OrderError",
    "ParameterError",
    "Parameters",
    "PictureError",
    "PictureFormatError",
    "PictureTooLargeError",
    "Prediction",
    "Preparation",
    "Reading",
    "SnapshotReading",
    "Variant",
    "WhatIf",
]
