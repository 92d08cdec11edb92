"""One file a topology, each to be read from top to bottom, composed of `rnncourse.layers`.

many-to-one             classifier.py        a sequence → a class
one-to-many             captioner.py         a picture → a sequence
many-to-many, aligned   tagger.py            a sequence → a class at each of its steps
many-to-many, unaligned encoder_decoder.py   a sequence → a sequence of another length
the same, looking back  attentive.py         with attention to all of the source at each step
"""

from rnncourse.models.attentive import AttentiveEncoderDecoder
from rnncourse.models.captioner import Captioner, PictureEncoder
from rnncourse.models.classifier import Classifier
from rnncourse.models.encoder_decoder import EncoderDecoder
from rnncourse.models.loss import sequence_loss
from rnncourse.models.tagger import Tagger

__all__ = [
    "AttentiveEncoderDecoder",
    "Captioner",
    "Classifier",
    "EncoderDecoder",
    "PictureEncoder",
    "Tagger",
    "sequence_loss",
]
