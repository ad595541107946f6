"""True values of the functions in src/expr/vector_math, for its tests.

Run:  python3 tests/golden/vector_math.py [points per function] > tests/golden/vector_math.csv     (needs mpmath)

Each row has a function, its arguments, and its value as a sum of two doubles: the value rounded, and what the
rounding left. So an error can be told to a small fraction of a unit in the last place.
"""

import math
import random
import sys

from mpmath import mp, mpf, exp, log, sin, cos, tanh, pi

mp.prec = 1400  # sin of an argument near 1e300 takes a thousand bits to reduce.

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 240
rng = random.Random(20240229)


def neighbours(x, steps=2):
    """x, and a few doubles on either side."""
    points = [x]
    up = down = x
    for _ in range(steps):
        up, down = math.nextafter(up, math.inf), math.nextafter(down, -math.inf)
        points += [up, down]
    return points


def spread(low, high):
    """A number whose logarithm is spread evenly."""
    return min(max(math.exp(rng.uniform(math.log(low), math.log(high))), low), high)


def signed(x):
    return x if rng.random() < 0.5 else -x


def around(centres):
    return [p for c in centres for p in neighbours(c)]


def row(name, f, *arguments):
    value = f(*[mpf(a) for a in arguments])
    rounded = float(value)
    if math.isinf(rounded):
        return  # Overflow is tested apart.
    rest = float(value - mpf(rounded))
    x, y = arguments if len(arguments) == 2 else (arguments[0], 0.0)
    print(f"{name},{x!r},{y!r},{rounded!r},{rest!r}")


tiny = [5e-324, 1e-310, 2.2250738585072014e-308, 1e-300, 1e-160, 1e-30, 1.1e-16, 2.2e-16, 1e-8]
both = tiny + [-t for t in tiny]

exp_points = both + around([k * math.log(2) / 2 for k in (-5, -3, -1, 1, 3, 5, 7)])
exp_points += around([709.782712893384, -708.3964185322641, 708.0, -708.0, -745.1332191019411, 0.5, 1.0, -1.0])
exp_points += [rng.uniform(-745, 709.7) for _ in range(COUNT // 2)] + [rng.uniform(-2, 2) for _ in range(COUNT // 2)]

ln_points = tiny + around([1.0, math.sqrt(0.5), math.sqrt(2), 2.0, 0.5, math.e, 2.2250738585072014e-308])
ln_points += [1.7976931348623157e308, 1e-320] + [spread(5e-324, 1.7e308) for _ in range(COUNT // 2)]
ln_points += [rng.uniform(0.4, 2.5) for _ in range(COUNT // 2)]

angles = both + around([n * math.pi / 4 for n in range(-12, 13) if n] + [1e5, -1e5, 29 * math.pi / 2])
angles += [float(n * pi / 2) for n in rng.sample(range(1, 63662), 60)]
angles += [rng.uniform(-1e5, 1e5) for _ in range(COUNT // 2)] + [rng.uniform(-7, 7) for _ in range(COUNT // 2)]
angles += [signed(spread(1e5, 1e300)) for _ in range(12)]

tanh_points = both + around([0.55, -0.55, 20.0, 19.06, 1.0]) + [-700.0, 1e300]
tanh_points += [rng.uniform(-3, 3) for _ in range(COUNT // 2)] + [signed(spread(1e-9, 25)) for _ in range(COUNT // 2)]

level_points = both + around([-708.0, 708.0, -744.0, -36.7, 36.7, 1.0, -1.0]) + [-740.0, 1e300]
level_points += [rng.uniform(-8, 8) for _ in range(COUNT // 2)] + [rng.uniform(-745, 745) for _ in range(COUNT // 2)]

pairs = [(1.0 + 2.0**-52, y) for y in (1e15, -1e15, 3e18, -3e18, 1.0)] + [(1 - 2.0**-53, y) for y in (6e18, -6e18, 1e14)]
pairs += [(x, y) for x in (-3.0, -0.7, -1.0, -1e100) for y in (2.0, 3.0, -1.0, -2.0, 0.0, 1e15, 1e15 + 1) if x == -1.0 or y < 100]
pairs += [(x, y) for x in (5e-324, 1e-310, 0.5, 2.0, 10.0, 1e300) for y in (1.0, -0.5, 0.5, 2.0, 3.0, 1e-300, -1.0)]
pairs += [(2.0, y) for y in (-1074.0, -1060.5, -1022.0, 1023.0, 1023.999)]
for _ in range(COUNT // 2):
    pairs.append((rng.uniform(0.01, 20), rng.uniform(-6, 6)))
for _ in range(COUNT):
    # An exponent that takes the result anywhere in the range.
    x = spread(5e-324, 1e308) if rng.random() < 0.5 else rng.uniform(0.6, 1.6)
    pairs.append((x, rng.uniform(-745, 709) / math.log(x)))

print("function,x,y,value,rest")
for x in exp_points:
    row("exp", exp, x)
for x in ln_points:
    row("ln", log, x)
for x in angles:
    row("sin", sin, x)
    row("cos", cos, x)
for x in tanh_points:
    row("tanh", tanh, x)
for x in level_points:
    row("logistic", lambda v: 1 / (1 + exp(-v)), x)
    row("softplus", lambda v: log(1 + exp(v)), x)
for x, y in pairs:
    row("powf", lambda v, w: v**w if w != int(w) or abs(w) < 1e6 else (-1) ** int(w) * abs(v) ** w if v < 0 else v**w, x, y)
