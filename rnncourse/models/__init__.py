"""One file a topology, each to be read from top to bottom, composed of `rnncourse.layers`.

many-to-one             classifier.py        a sequence → a class
one-to-many             captioner.py         a picture → a sequence
many-to-many, aligned   tagger.py            a sequence → a class at each of its steps
                        language_model.py    a text → the next token, at each of its steps
                        transformer.py       the same, by looking back at all of the text
many-to-many, unaligned encoder_decoder.py   a sequence → a sequence of another length
the same, looking back  attentive.py         with attention to all of the source at each step

Signals:

listener.py      sound → labels without times, for CTC
forecaster.py    the last days of a series → the next day
next_step.py     steps so far → a normal distribution of the next step
four_voices.py   chords so far → what each of four voices sings next
"""

from rnncourse.models.attentive import AttentiveEncoderDecoder
from rnncourse.models.captioner import Captioner, PictureEncoder
from rnncourse.models.classifier import Classifier
from rnncourse.models.encoder_decoder import EncoderDecoder
from rnncourse.models.forecaster import Forecaster
from rnncourse.models.four_voices import FourVoices, chord_loss
from rnncourse.models.language_model import LanguageModel
from rnncourse.models.listener import Listener
from rnncourse.models.loss import sequence_loss
from rnncourse.models.next_step import NextStep, gaussian_loss
from rnncourse.models.tagger import Tagger
from rnncourse.models.transformer import Transformer

__all__ = [
    "AttentiveEncoderDecoder",
    "Captioner",
    "Classifier",
    "EncoderDecoder",
    "Forecaster",
    "FourVoices",
    "LanguageModel",
    "Listener",
    "NextStep",
    "PictureEncoder",
    "Tagger",
    "Transformer",
    "chord_loss",
    "gaussian_loss",
    "sequence_loss",
]
