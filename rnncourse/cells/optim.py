"""Gradient steps small enough to read. Parameters and gradients are dicts of arrays."""

import numpy as np


class SGD:
    """p ← p − lr · v with v ← momentum · v + grad; changes the arrays in params."""

    def __init__(self, params, lr, momentum=0.0):
        self.params, self.lr, self.momentum = params, lr, momentum
        self.v = {name: np.zeros_like(p) for name, p in params.items()}

    def step(self, grads):
        """One step down along grads, which holds an array for each name in params."""
        for name, p in self.params.items():
            self.v[name] = self.momentum * self.v[name] + grads[name]
            p -= self.lr * self.v[name]


class Adam:
    """Kingma and Ba (2015): a step of about lr in every entry, whatever the gradient's scale."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.params, self.lr, self.betas, self.eps = params, lr, betas, eps
        self.m = {name: np.zeros_like(p) for name, p in params.items()}  # mean of the gradient
        self.v = {name: np.zeros_like(p) for name, p in params.items()}  # mean of its square
        self.t = 0

    def step(self, grads):
        """One step down along grads, which holds an array for each name in params."""
        self.t += 1
        beta_1, beta_2 = self.betas
        for name, p in self.params.items():
            m, v, grad = self.m[name], self.v[name], grads[name]
            m += (1 - beta_1) * (grad - m)
            v += (1 - beta_2) * (grad**2 - v)
            m_hat = m / (1 - beta_1**self.t)  # both means started at zero: undo that
            v_hat = v / (1 - beta_2**self.t)
            p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def global_norm(grads):
    """The length of all gradients taken as one long vector."""
    return float(np.sqrt(sum(float((g**2).sum()) for g in grads.values())))


def clip_by_norm(grads, max_norm):
    """Shorten the gradients, in place, to a global norm of max_norm; return the norm before.

    The direction stays. Gradients shorter than max_norm are left alone.
    """
    norm = global_norm(grads)
    if norm > max_norm:
        for g in grads.values():
            g *= max_norm / norm
    return norm


def clip_by_value(grads, max_value):
    """Clip every entry, in place, to −max_value … max_value. The direction may change."""
    for g in grads.values():
        np.clip(g, -max_value, max_value, out=g)
