"""Coefficients of the polynomials in src/expr/vector_math, by Remez exchange in 50-digit arithmetic.

Run:  python3 tests/golden/vector_math_fit.py        (needs mpmath)

Prints, for each kernel, the coefficients in ascending order as they stand in the Rust source, the largest
error of the polynomial with its coefficients rounded to double, and the constants of the range reductions.
"""

from mpmath import mp, mpf, mpmathify, matrix, lu_solve, sqrt, exp, sin, cos, tanh, atanh, log, pi, floor

mp.dps = 50


def remez(f, lo, hi, count, rounds=8, grid=1500):
    """`count` ascending coefficients of the polynomial closest to f on [lo, hi] in the largest absolute error."""
    lo, hi = mpf(lo), mpf(hi)
    nodes = [(lo + hi) / 2 + (hi - lo) / 2 * cos(pi * i / count) for i in range(count + 1)]
    xs = [(lo + hi) / 2 + (hi - lo) / 2 * cos(pi * i / grid) for i in range(grid + 1)]
    fs = [f(x) for x in xs]
    for _ in range(rounds):
        a = matrix(count + 1, count + 1)
        b = matrix(count + 1, 1)
        for i, x in enumerate(nodes):
            for j in range(count):
                a[i, j] = x**j
            a[i, count] = (-1) ** i
            b[i] = f(x)
        solution = lu_solve(a, b)
        c = [solution[j] for j in range(count)]
        errors = [fx - evaluate(c, x) for x, fx in zip(xs, fs)]
        # The new nodes: the largest error within each stretch of one sign.
        picked, best = [], 0
        for i in range(1, len(xs)):
            if errors[i] * errors[best] < 0:
                picked.append(best)
                best = i
            elif abs(errors[i]) > abs(errors[best]):
                best = i
        picked.append(best)
        if len(picked) != count + 1:
            break
        nodes = [xs[i] for i in picked]
    return c


def evaluate(c, x):
    total = mpf(0)
    for coefficient in reversed(c):
        total = total * x + coefficient
    return total


def report(name, f, lo, hi, count, scale):
    """`scale`: what an error of the polynomial is multiplied by in the relative error of the result."""
    c = [mpf(float(v)) for v in remez(f, lo, hi, count)]
    xs = [mpf(lo) + (mpf(hi) - mpf(lo)) * i / 997 for i in range(998)]
    worst = max(abs(f(x) - evaluate(c, x)) for x in xs) * mpmathify(scale)
    print(f"{name}: at most 2^{float(log(worst, 2)):.1f} of the result")
    for v in c:
        print(f"    {float(v)!r},")


def parts(name, value, bits):
    """`value` as a sum of doubles, the leading ones cut to `bits` significant bits."""
    print(name)
    rest = value
    for width in bits:
        if width == 53:
            piece = mpf(float(rest))
        else:
            unit = mpf(2) ** (floor(log(abs(rest), 2)) + 1 - width)
            piece = floor(rest / unit) * unit
        print(f"    {float(piece)!r},")
        rest -= piece


def series(f, limit, at_zero):
    """f with its limit at zero, where the quotient is undefined."""
    return lambda x: at_zero if abs(x) < limit else f(x)


tiny = mpf(10) ** -20
half_ln2 = log(2) / 2 + mpf("1e-6")
report("exp: (e^r - 1 - r) / r^2", series(lambda r: (exp(r) - 1 - r) / r**2, tiny, mpf(1) / 2), -half_ln2, half_ln2, 11, half_ln2**2 * mpf(2) ** 0.5)

atanh_tail = series(lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, tiny, mpf(2) / 3)
narrow = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2
report("ln: (2 atanh(s)/s - 2) / s^2, |m| within sqrt(2)", atanh_tail, 0, narrow, 7, narrow / 2)
report("ln_1p: the same, s up to 1/3", atanh_tail, 0, mpf(1) / 9, 10, mpf(1) / 18)

quarter = (pi / 4) ** 2 * mpf("1.0001")
report("sin: (sin(r)/r - 1) / r^2", series(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, tiny, -mpf(1) / 6), 0, quarter, 6, quarter * mpf("1.12"))
report("cos: (cos(r) - 1 + r^2/2) / r^4", series(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, tiny, mpf(1) / 24), 0, quarter, 6, quarter**2 * sqrt(2))

tanh_edge = mpf("0.55") ** 2
report("tanh: (tanh(r)/r - 1) / r^2", series(lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z, tiny, -mpf(1) / 3), 0, tanh_edge, 11, tanh_edge * mpf("1.1"))

pow_tail = series(lambda z: ((3 * atanh(sqrt(z)) / sqrt(z) - 3) - z) / z**2, tiny, mpf(3) / 5)
report("pow: (3 atanh(s)/s - 3 - s^2) / s^4", pow_tail, 0, narrow, 8, narrow**2 / 3)

parts("ln 2, 42 bits first", log(2), [42, 53])
parts("ln 2, 26 bits first", log(2), [26, 53])
parts("pi/2, 36 bits each first", pi / 2, [36, 36, 53])
parts("2/(3 ln 2), 26 bits first", 2 / (3 * log(2)), [26, 53])

# The closest that a double of size up to 1e5 comes to a multiple of pi/2: how many bits of pi/2 are needed.
closest = min(
    (abs(mpf(float(n * pi / 2)) - n * pi / 2) / 1, n) for n in range(1, 63663)
)
print(f"closest to a multiple of pi/2: 2^{float(log(closest[0], 2)):.1f} at n = {closest[1]}")
