"""Paired ratios: every slice is divided by what the base would have given at that very moment."""

from statistics import median


def interpolated(before, after, when):
    """The base's value at a time between (or beside) two of its slices, each a (time, value)."""
    (t0, v0), (t1, v1) = before, after
    return v0 if t1 == t0 else v0 + (v1 - v0) * (when - t0) / (t1 - t0)


def plan(keys, turn, group=2):
    """One round: base, two others, base, two others, … base (None is the base). Each round begins one variant later, so that none keeps its neighbours' place."""
    turn %= max(1, len(keys))
    keys = keys[turn:] + keys[:turn]
    order = [None]
    for i in range(0, len(keys), group):
        order += keys[i:i + group] + [None]
    return order


def paired(slices, base, figure):
    """{key: {round: ratio}} of figure(slice) to the base's slices right before and after it."""
    ratios = {}
    marks = [i for i, s in enumerate(slices) if s["variant"] == base]
    for i, s in enumerate(slices):
        if s["variant"] == base:
            continue
        before = max((m for m in marks if m < i), default=None)
        after = min((m for m in marks if m > i), default=None)
        if before is None and after is None:
            continue
        before, after = (after if before is None else before), (before if after is None else after)
        mine, left, right = figure(s), figure(slices[before]), figure(slices[after])
        if mine is None or not left or not right:
            continue
        of_base = interpolated((slices[before]["time"], left), (slices[after]["time"], right), s["time"])
        ratios.setdefault(s["variant"], {})[s["round"]] = mine / of_base
    return ratios


def spread(values):
    """{median, min, max, n} or None."""
    values = [v for v in values if v is not None]
    if not values:
        return None
    return {"median": median(values), "min": min(values), "max": max(values), "n": len(values)}


def against(slices, base, mine, other, figure):
    """Ratio of two variants round by round, each first divided by its own neighbours of the base."""
    ratios = paired(slices, base, figure)
    a, b = ratios.get(mine, {}), ratios.get(other, {})
    return spread([a[r] / b[r] for r in a if b.get(r)])
