"""What can go wrong between a data set's name and its rows."""

__all__ = ["ChecksumError", "DatasetError"]


class DatasetError(OSError):
    """A data set's file cannot be had; the message says why and what to do."""


class ChecksumError(DatasetError):
    """A file is there, but it is not the one its card describes."""
