"""Real data without downloads; the made-up tasks stand in `rnncourse.data.synthetic`.

Each loader reads files that a pinned package has brought along, compares their SHA-256 and
imports nothing of that package. See each loader for source, licence and units.
"""

from rnncourse.data.basic_motions import load_basic_motions
from rnncourse.data.chorales import load_chorales
from rnncourse.data.dates import load_dates
from rnncourse.data.digits import load_digits
from rnncourse.data.electricity import load_electricity
from rnncourse.data.emoji_names import load_emoji_names
from rnncourse.data.files import DataError
from rnncourse.data.glyphs import load_glyphs
from rnncourse.data.japanese_vowels import load_japanese_vowels
from rnncourse.data.locale_phrases import load_locale_phrases
from rnncourse.data.movie_reviews import load_movie_reviews
from rnncourse.data.moving_digits import load_moving_digits
from rnncourse.data.pronunciations import load_pronunciations
from rnncourse.data.sea_temperature import load_sea_temperature
from rnncourse.data.shakespeare import load_shakespeare
from rnncourse.data.sp500 import load_sp500
from rnncourse.data.spoken_digits import load_spoken_digits
from rnncourse.data.spoken_strings import load_spoken_strings
from rnncourse.data.traffic import load_traffic

__all__ = [
    "DataError",
    "load_basic_motions",
    "load_chorales",
    "load_dates",
    "load_digits",
    "load_electricity",
    "load_emoji_names",
    "load_glyphs",
    "load_japanese_vowels",
    "load_locale_phrases",
    "load_movie_reviews",
    "load_moving_digits",
    "load_pronunciations",
    "load_sea_temperature",
    "load_shakespeare",
    "load_sp500",
    "load_spoken_digits",
    "load_spoken_strings",
    "load_traffic",
]
