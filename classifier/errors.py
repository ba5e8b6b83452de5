"""The errors that the library raises; each says what was expected and what was received."""


class ClassifierError(Exception):
    """Base class of all errors of the library."""


class OrderError(ClassifierError):
    """A method was called before the one it depends on."""


class ParameterError(ClassifierError, ValueError):
    """A parameter is outside its range."""


class MissingPackageError(ClassifierError):
    """A package that only training needs is not installed."""


class DatasetError(ClassifierError):
    """The MNIST images could not be loaded."""


class ModelFileError(ClassifierError):
    """A model file is missing, of another kind, or not a digit classifier."""


class PictureError(ClassifierError, ValueError):
    """The picture cannot be read."""


class PictureFormatError(PictureError):
    """The picture is in a format that is not accepted."""


class PictureTooLargeError(PictureError):
    """The picture has more pixels than are unpacked."""


class DigitError(PictureError):
    """The picture has no digit, or no digit of that number."""
