"""The errors this library raises on purpose; each says what was expected and what was received."""


class ClassifierError(Exception):
    """The base of them all: catch this one to catch every error of the library."""


class OrderError(ClassifierError):
    """A method was called before the one that it builds on."""


class ParameterError(ClassifierError, ValueError):
    """A parameter lies outside its range."""


class MissingPackageError(ClassifierError):
    """A package that training needs, and answering does not, is not installed."""


class DatasetError(ClassifierError):
    """The MNIST images could not be loaded."""


class ModelFileError(ClassifierError):
    """A model file is missing, of another kind, or not a digit classifier."""


class PictureError(ClassifierError, ValueError):
    """The picture cannot be read."""


class PictureFormatError(PictureError):
    """The picture is whole, but of a format that is not accepted here."""


class PictureTooLargeError(PictureError):
    """The picture exceeds a limit that is checked before it is unpacked."""


class DigitError(PictureError):
    """The picture holds no digit, or none of that number."""
