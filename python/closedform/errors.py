"""What goes wrong, as exceptions: messages are the engine's own and name file, row and column.

>>> from closedform.errors import ClosedFormError, DataError
>>> issubclass(DataError, ClosedFormError) and issubclass(DataError, ValueError)
True
"""

from __future__ import annotations

__all__ = [
    "ClosedFormError",
    "ClosedFormWarning",
    "DataError",
    "FileError",
    "FormulaError",
    "InterruptedFit",
    "ModelError",
    "OptionsError",
    "SearchError",
]


class ClosedFormError(Exception):
    """Base of all exceptions of this package."""


class DataError(ClosedFormError, ValueError):
    """The table of numbers is at fault: its columns or its values."""


class OptionsError(ClosedFormError, ValueError):
    """An option is out of range or contradicts another."""


class FormulaError(ClosedFormError, ValueError):
    """A formula does not parse; the message says at which character."""


class SearchError(ClosedFormError, ValueError):
    """No formula was found that has a value on every row."""


class ModelError(ClosedFormError, ValueError):
    """A model is damaged, of another version, or lacks what is asked of it."""


class FileError(ClosedFormError, OSError):
    """A file cannot be read or written."""


class ClosedFormWarning(UserWarning):
    """Something that a user should know and that is no error."""


class InterruptedFit(ClosedFormWarning):
    """Ctrl-C ended the search; the estimator holds the best model so far."""
