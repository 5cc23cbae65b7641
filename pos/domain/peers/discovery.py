"""Among many scores some stand out by chance alone: how many of those pointed out are to be that.

Benjamini and Hochberg (1995, J. R. Stat. Soc. B 57, 289-300), over all subjects and kinds of a report together. It is
preferred to local posterior probabilities because it asks only what ordinary people do, which the peers show, and not
how many stand out or how far, which nobody knows beforehand. It holds for independent scores and for ones that rise
together (Benjamini and Yekutieli, 2001, Annals of Statistics 29, 1165-1188), as kinds of one subject do; exact tails
of counts make it stricter, never laxer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pos.domain.peers.special import Array


def q_values(chances: Sequence[float]) -> Array:
    """For each of `chances` (p-values) the least false-discovery rate at which it is pointed out, in their order."""
    p = np.asarray(chances, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * (len(p) / np.arange(1, len(p) + 1))
    found = np.empty_like(p)
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found
