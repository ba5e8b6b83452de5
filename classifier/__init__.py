"""Read handwritten digits: start with `HandwrittenDigitsClassifier`."""

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
from classifier.network.explanation import Explanation
from classifier.network.feature_maps import FeatureMaps, Preparation
from classifier.network.heat_map import HeatMap
from classifier.network.layers import Layer, LayerWeights
from classifier.network.prediction import DigitReading, Prediction, Reading
from classifier.network.snapshots import SnapshotReading
from classifier.network.what_if import Variant, WhatIf
from classifier.parameters import Deformation, Parameters

__version__ = "1.0.0"

__all__ = [
    "MAX_PIXELS",
    "Alteration",
    "ClassifierError",
    "DatasetError",
    "Deformation",
    "DigitError",
    "DigitReading",
    "Explanation",
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
