"""Exact (Clopper-Pearson) limits of a rate from a count."""
import math


def tail(successes, trials, rate):
    """P(at most so many successes)."""
    if rate >= 1:
        return 1.0 if successes >= trials else 0.0
    if rate <= 0:
        return 1.0
    terms = (math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
             + k * math.log(rate) + (trials - k) * math.log1p(-rate)
             for k in range(successes + 1))
    return math.fsum(math.exp(term) for term in terms)


def upper_limit(successes, trials, confidence=0.95):
    """Upper end of the two-sided interval, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if tail(successes, trials, middle) > (1 - confidence) / 2:
            low = middle
        else:
            high = middle
    return high
