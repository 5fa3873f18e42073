"""Whole points that add up: a fixed number of points shared by weight."""

from collections.abc import Mapping
from fractions import Fraction


def share_out(points: int, weights: Mapping[int, Fraction | int]) -> dict[int, int]:
    """`points` shared in proportion to weights by largest remainder; equal remainders go to the lower person id.

    Weights are not negative. Without any weight above zero nobody gets anything.
    """
    total = sum(weights.values())
    if not total or not points:
        return dict.fromkeys(weights, 0)
    exact = {person: Fraction(points) * weight / total for person, weight in weights.items()}
    whole = {person: int(share) for person, share in exact.items()}
    rest = points - sum(whole.values())
    for person in sorted(exact, key=lambda person: (whole[person] - exact[person], person))[:rest]:
        whole[person] += 1
    return whole
