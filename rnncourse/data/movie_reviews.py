"""Film reviews, one sentence each, for or against."""

from __future__ import annotations

import csv
import io

import numpy as np

from rnncourse.data.files import read_file


def load_movie_reviews() -> tuple[list[str], np.ndarray]:
    """8,530 sentences from film reviews, and whether each praises the film.

    Returns (texts, labels): N strings, and (N,) int64 with 1 for praise and 0 for blame, 4,265
    each; the praise comes first, so shuffle before you split. The texts are in lower case,
    with spaces around punctuation.

    Source: the Rotten Tomatoes rows of the package movie-reviews 0.0.2 (MIT licence), which are
    the usual training part of the sentence polarity data of Pang and Lee (2005), "Seeing
    stars", collected for research from rottentomatoes.com.

    Raises DataError if the package is missing or its file differs.
    """
    text = read_file("movie_reviews", "data/combined_movie_reviews.csv").decode("utf-8")
    rows = [row for row in csv.reader(io.StringIO(text)) if row[2] == "rotten_tomatoes"]
    return [row[0] for row in rows], np.array([int(row[1]) for row in rows])
