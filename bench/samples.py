"""Samples of one quantity, and what is said about them: medians, tails, and how far they vary."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence


def median(samples: Sequence[float]) -> float:
    """Return the middle value."""
    return statistics.median(samples)


def quantile(samples: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the samples lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def noise(samples: Sequence[float], *, parts: int = 4) -> float:
    """Return how far the medians of consecutive parts lie apart, as a share of the median of all."""
    size = max(1, len(samples) // parts)
    medians = [median(samples[start : start + size]) for start in range(0, size * parts, size)]
    return (max(medians) - min(medians)) / median(samples)


def spread(samples: Sequence[float]) -> float:
    """Return how wide the middle half of the samples is, as a share of their median."""
    return (quantile(samples, 0.75) - quantile(samples, 0.25)) / median(samples)


def interleave(variants: Mapping[str, Callable[[], float]], *, rounds: int, warm_up: int = 0) -> dict[str, list[float]]:
    """Take one sample of each variant in turn, so that what slows the machine down slows all of them down."""
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(rounds + warm_up):
        for name, sample in variants.items():
            value = sample()
            if number >= warm_up:
                taken[name].append(value)
    return taken


def slope(by_count: Iterable[tuple[int, Sequence[float]]]) -> float:
    """Return how much the median grows per unit between the first and the last count."""
    points = [(count, median(samples)) for count, samples in by_count]
    (first, low), (last, high) = points[0], points[-1]
    return (high - low) / (last - first)
