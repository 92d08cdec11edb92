"""Music in four voices: the next chord from all chords before."""

import torch
import torch.nn.functional as F
from torch import nn

from rnncourse.batching import NO_TARGET
from rnncourse.layers import LSTM


class FourVoices(nn.Module):
    """Chords so far → what each voice sings next.

    notes: how many different notes there are, a rest among them, the same for all voices.
    Each head sees the network's state and, past it, the chord that sounds now (`skip`): to hold a
    note is the commonest thing a voice does.
    chained: without it the voices of a chord are drawn independently of each other; with it each
        voice also hears the notes that the voices above it have taken in the same chord.
    """

    def __init__(
        self, notes, hidden_size=128, voices=4, cell=LSTM, dropout=0.3, skip=True, chained=False
    ):
        super().__init__()
        self.notes, self.voices, self.skip, self.chained = notes, voices, skip, chained
        self.rnn = cell(voices * notes, hidden_size, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        seen = hidden_size + skip * voices * notes
        self.heads = nn.ModuleList(
            nn.Linear(seen + chained * voice * notes, notes) for voice in range(voices)
        )

    def forward(self, chords, state=None):
        """chords (B, T + 1, voices), numbers → logits of chords 2 to T + 1, (B, T, voices, notes).

        The last chord is never an input. Padding, NO_TARGET, is heard as silence.
        """
        given = self.hot(chords)  # (B, T + 1, voices, notes)
        seen, _ = self._read(given[:, :-1], state)
        above = given[:, 1:].flatten(2)  # (B, T, voices · notes)
        logits = [
            head(torch.cat([seen, above[:, :, : voice * self.notes]], 2) if self.chained else seen)
            for voice, head in enumerate(self.heads)
        ]
        return torch.stack(logits, dim=2)

    @torch.no_grad()
    def continue_(self, chords, frames, generator, temperature=1.0):
        """Draw `frames` more chords after chords (T, voices), one by one → (T + frames, voices)."""
        seen, state = self._read(self.hot(chords[None]), None)
        for _ in range(frames):
            seen, drawn = seen[:, -1:], []
            for head in self.heads:
                above = [self.hot(torch.stack(drawn)).flatten()[None, None]] if drawn else []
                logits = head(torch.cat([seen, *above], 2) if self.chained else seen).flatten()
                p = torch.softmax(logits / temperature, 0)
                drawn.append(torch.multinomial(p, 1, generator=generator)[0])
            chords = torch.cat([chords, torch.stack(drawn)[None]])
            seen, state = self._read(self.hot(chords[None, -1:]), state)
        return chords

    def hot(self, chords):
        """One-hot vectors, of note numbers; zeros where there is none."""
        hot = F.one_hot(chords.clamp(min=0), self.notes) * (chords != NO_TARGET)[..., None]
        return hot.to(self.heads[0].weight.dtype)

    def _read(self, given, state):
        """given (B, T, voices, notes) → what the heads see (B, T, …), state."""
        x = given.flatten(2)
        h, state = self.rnn(self.dropout(x), state)
        h = self.dropout(h)
        return torch.cat([h, x], dim=2) if self.skip else h, state


def chord_loss(logits, chords):
    """Nats a frame: −log p of the four notes of chords 2 to T + 1, added up, mean over the frames.

    logits (B, T, voices, notes), chords (B, T + 1, voices), the same that went in.
    """
    asked = chords[:, 1:]
    losses = F.cross_entropy(logits.flatten(0, 2), asked.flatten(), ignore_index=NO_TARGET,
                             reduction="sum")  # fmt: skip
    return losses / (asked[:, :, 0] != NO_TARGET).sum()
