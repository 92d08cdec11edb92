"""The package that the course on recurrent neural networks teaches with."""

__version__ = "0.1.0"
