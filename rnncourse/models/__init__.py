"""One file a topology, each to be read from top to bottom, composed of `rnncourse.layers`.

many-to-one             classifier.py        a sequence → a class
one-to-many             captioner.py         a picture → a sequence
many-to-many, aligned   tagger.py            a sequence → a class at each of its steps
                        language_model.py    a text → the next token, at each of its steps
many-to-many, unaligned encoder_decoder.py   a sequence → a sequence of another length
"""

from rnncourse.models.captioner import Captioner, PictureEncoder
from rnncourse.models.classifier import Classifier
from rnncourse.models.encoder_decoder import EncoderDecoder
from rnncourse.models.language_model import LanguageModel
from rnncourse.models.loss import sequence_loss
from rnncourse.models.tagger import Tagger

__all__ = [
    "Captioner",
    "Classifier",
    "EncoderDecoder",
    "LanguageModel",
    "PictureEncoder",
    "Tagger",
    "sequence_loss",
]
