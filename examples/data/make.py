"""Writes the tables of this folder again, byte for byte: `python3 examples/data/make.py`. Standard library only.

Noise is the sum of twelve uniform numbers less six (variance 1), so that it does not depend on how a version of
Python draws from the normal distribution.
"""

import math
import random
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def write(name, header, rows):
    lines = [",".join(header)] + [",".join(repr(v) if isinstance(v, float) else str(v) for v in row) for row in rows]
    (FOLDER / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def normal(rng):
    return sum(rng.random() for _ in range(12)) - 6.0


def poisson(rng, mean):
    """Counts the events before the time is over."""
    count, product, limit = 0, rng.random(), math.exp(-mean)
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def learning(p0, t):
    return 1.0 - (1.0 - p0) * math.exp(-0.03 * t)


def main():
    # Exponential learning: performance after t trials from the initial performance p0.
    grid = [(i / 20.0, float(4 * j)) for i in range(11) for j in range(26)]
    write("learning_curve.csv", ["p0", "t", "performance"], [(p, t, learning(p, t)) for p, t in grid])
    rng = random.Random(1)
    noisy = [(p, t, round(learning(p, t) + 0.01 * normal(rng), 6)) for p, t in grid]
    write("learning_curve_noisy.csv", ["p0", "t", "performance"], noisy)

    # Weber and Fechner: the sensation of a difference between two intensities.
    levels = [0.01 + 4.99 * i / 19.0 for i in range(20)]
    pairs = [(a, b) for i, a in enumerate(levels) for b in levels[i:]]
    write("weber_fechner.csv", ["S1", "S2", "sensation"], [(a, b, math.log(b / a)) for a, b in pairs])

    # Stevens: perceived magnitude as a power of the intensity.
    intensities = [0.05 * i for i in range(1, 101)]
    write("stevens.csv", ["intensity", "magnitude"], [(s, s**0.8) for s in intensities])

    # Michaelis and Menten: reaction rate against substrate, measured with 2 % error and weighted accordingly. The
    # temperature was written down too; it plays no part. One name has a comma in it, so it is quoted.
    rng = random.Random(2)
    rows = []
    for i in range(60):
        s = round(0.2 * 1.09**i, 4)
        rate = 3.2 * s / (1.5 + s)
        measured = rate * (1.0 + 0.02 * normal(rng))
        rows.append((s, round(20.0 + 5.0 * rng.random(), 2), round(1.0 / rate**2, 5), round(measured, 6)))
    write("enzyme.csv", ["[S]", '"temperature, C"', "weight", "rate"], rows)

    # Choices between two offers: 1 where the first one was taken.
    rng = random.Random(3)
    rows = []
    for _ in range(2000):
        a, b = rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)
        p = 1.0 / (1.0 + math.exp(-3.0 * (a - b)))
        rows.append((round(a, 4), round(b, 4), int(rng.random() < p)))
    write("choices.csv", ["value_a", "value_b", "chose_a"], rows)

    # Spikes of a cell in a second: their expected number grows exponentially with the contrast.
    rng = random.Random(4)
    rows = []
    for _ in range(1000):
        contrast = round(rng.random(), 4)
        rows.append((contrast, poisson(rng, 2.0 * math.exp(1.8 * contrast))))
    write("spikes.csv", ["contrast", "spikes"], rows)

    # A cooling cup: temperature over time towards that of the room.
    rows = [(float(t), 21.0 + 64.0 * math.exp(-0.12 * t)) for t in range(0, 46)]
    write("cooling.csv", ["minutes", "temperature"], rows)


main()
