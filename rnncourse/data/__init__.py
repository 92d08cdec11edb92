"""Real data without downloads; the made-up tasks stand in `rnncourse.data.synthetic`.

Each loader reads files that a pinned package has brought along, compares their SHA-256 and
imports nothing of that package. See each loader for source, licence and units.
"""

from rnncourse.data.chorales import load_chorales
from rnncourse.data.electricity import load_electricity
from rnncourse.data.files import DataError
from rnncourse.data.japanese_vowels import load_japanese_vowels
from rnncourse.data.movie_reviews import load_movie_reviews
from rnncourse.data.shakespeare import load_shakespeare
from rnncourse.data.sp500 import load_sp500
from rnncourse.data.spoken_digits import load_spoken_digits

__all__ = [
    "DataError",
    "load_chorales",
    "load_electricity",
    "load_japanese_vowels",
    "load_movie_reviews",
    "load_shakespeare",
    "load_sp500",
    "load_spoken_digits",
]
