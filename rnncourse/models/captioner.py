"""One-to-many: look at a picture, say a sequence of words."""

import torch
from torch import nn

from rnncourse.layers import GRU


class PictureEncoder(nn.Sequential):
    """A small convolutional network: pictures (B, S, S) → features (B, features).

    side: S, pixels. Each of `channels` is a 3 × 3 convolution, batch normalisation, ReLU and a
    pooling that halves the sides; then one linear layer.
    """

    def __init__(self, side, features, channels=(16, 32, 64), dropout=0.0):
        layers, before = [nn.Unflatten(1, (1, side))], 1
        for width in channels:
            layers += [nn.Conv2d(before, width, 3, padding=1, bias=False), nn.BatchNorm2d(width),
                       nn.ReLU(), nn.MaxPool2d(2)]  # fmt: skip
            before, side = width, side // 2
        layers += [nn.Flatten(), nn.Dropout(dropout), nn.Linear(before * side**2, features)]
        super().__init__(*layers, nn.ReLU())


class Captioner(nn.Module):
    """A picture → a sequence of tokens.

    encoder: pictures (B, …) → (B, features): a PictureEncoder, or
        nn.Sequential(nn.Flatten(), nn.Linear(pixels, features)).
    tokens: size of the vocabulary; the words are embedded in `embedding` numbers.
    look: "every step" shows the picture's features to the decoder with each word; "first state"
        makes its first state of them and never shows them again.
    """

    def __init__(
        self,
        encoder,
        features,
        tokens,
        hidden_size=128,
        embedding=32,
        look="every step",
        dropout=0.0,
    ):
        super().__init__()
        if look not in ("every step", "first state"):
            raise ValueError(f'look is {look!r}, but there are only "every step" and "first state"')
        self.encoder, self.look = encoder, look
        self.embedding = nn.Embedding(tokens, embedding)
        seen = features if look == "every step" else 0
        self.start_state = nn.Linear(features, hidden_size)
        self.rnn = GRU(embedding + seen, hidden_size, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.read_out = nn.Linear(hidden_size, tokens)

    def start(self, pictures):
        """pictures (B, …) → the state before the first word: features (B, F) and h (1, B, H)."""
        features = self.encoder(pictures)
        return features, torch.tanh(self.start_state(features))[None]

    def forward(self, pictures, words):
        """Teacher forcing: words (B, T), the start mark first → logits (B, T, tokens).

        logits[:, t] are those for the word after words[:, t].
        """
        return self._continue(words, self.start(pictures))[0]

    def step(self, token, state):
        """One word on: token (B,) and state → logits (B, tokens) for the next word, state."""
        logits, state = self._continue(token[:, None], state)
        return logits[:, 0], state

    def _continue(self, words, state):
        features, h = state
        x = self.embedding(words)  # (B, T, embedding)
        if self.look == "every step":
            x = torch.cat([x, features[:, None].expand(-1, x.shape[1], -1)], dim=2)
        out, h = self.rnn(x, h)
        return self.read_out(self.dropout(out)), (features, h)
