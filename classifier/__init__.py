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
