"""What a model that answers at every step is punished for: real steps, not padding."""

import torch.nn.functional as F

from rnncourse.batching import NO_TARGET


def sequence_loss(logits, targets):
    """Mean cross-entropy of the real steps, in nats: logits (B, T, V), targets (B, T) int64.

    Where a target is NO_TARGET, as `batching.pad(targets, NO_TARGET)` puts it, there is no step.
    The mean is over all real steps of the batch, so that a long sequence weighs more than a short.
    """
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=NO_TARGET)
