"""Known values of every primitive: prints tests/golden/primitives.csv.

Run: python3 tests/golden/primitives.py > tests/golden/primitives.csv   (mpmath 1.3)

Columns: name, x, y, value, then first and second derivative with respect to x and to y; the constants are a = 0.8 and
b = 1.3. Inputs are the doubles of their decimals; results are correct to the last digit shown.
"""

import mpmath as mp

mp.mp.dps = 60
A, B = mp.mpf(0.8), mp.mpf(1.3)
logistic = lambda x: 1 / (1 + mp.exp(-x))
softplus = lambda x: mp.log(1 + mp.exp(x))
relu = lambda x: x if x > 0 else mp.mpf(0)

ROWS = {
    "neg": lambda x, y: -x,
    "exp": lambda x, y: mp.exp(x),
    "ln": lambda x, y: mp.log(x),
    "sqrt": lambda x, y: mp.sqrt(x),
    "square": lambda x, y: x**2,
    "cube": lambda x, y: x**3,
    "reciprocal": lambda x, y: 1 / x,
    "sin": lambda x, y: mp.sin(x),
    "cos": lambda x, y: mp.cos(x),
    "tan": lambda x, y: mp.tan(x),
    "asin": lambda x, y: mp.asin(x),
    "acos": lambda x, y: mp.acos(x),
    "atan": lambda x, y: mp.atan(x),
    "sinh": lambda x, y: mp.sinh(x),
    "cosh": lambda x, y: mp.cosh(x),
    "tanh": lambda x, y: mp.tanh(x),
    "abs": lambda x, y: abs(x),
    "sign": lambda x, y: mp.sign(x),
    "logistic": lambda x, y: logistic(x),
    "relu": lambda x, y: relu(x),
    "ln1pexp": lambda x, y: softplus(x),
    "plus": lambda x, y: x + y,
    "minus": lambda x, y: x - y,
    "times": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "pow": lambda x, y: x**y,
    "max": lambda x, y: max(x, y),
    "min": lambda x, y: min(x, y),
    "none": lambda x, y: mp.mpf(0),
    "add": lambda x, y: x,
    "subtract": lambda x, y: -x,
    "mult": lambda x, y: A * x,
    "linear": lambda x, y: A * x + B,
    "power": lambda x, y: x**A,
    "linear_relu": lambda x, y: relu(A * x + B),
    "linear_logistic": lambda x, y: logistic(A * x + B),
    "linear_exp": lambda x, y: mp.exp(A * x + B),
    "linear_sin": lambda x, y: mp.sin(A * x + B),
    "linear_cos": lambda x, y: mp.cos(A * x + B),
    "linear_tanh": lambda x, y: mp.tanh(A * x + B),
    "linear_ln": lambda x, y: mp.log(A * x),
    "linear_reciprocal": lambda x, y: 1 / (A * x),
    "linear_sqrt": lambda x, y: mp.sqrt(A * x + B),
    "softplus": lambda x, y: softplus(A * x) / A,
    "softminus": lambda x, y: x - softplus(A * x) / A,
    "linear_softplus": lambda x, y: softplus(B * (A * x)) / B,
    "linear_softminus": lambda x, y: A * x - softplus(B * (A * x)) / B,
    "quadratic": lambda x, y: A * x + B * x**2,
}

# Points on both sides of zero, where the function has them, and off its kinks.
POSITIVE = {"ln", "sqrt", "pow", "power", "linear_ln"}


def number(value):
    return mp.nstr(value, 20, strip_zeros=True)


for name, f in ROWS.items():
    for x in [0.3, 0.85] if name in POSITIVE else [-0.7, 0.3, 0.85]:
        for y in [1.4, 0.6]:
            a, b = mp.mpf(x), mp.mpf(y)
            numbers = [f(a, b)]
            for g, at in ((lambda t: f(t, b), a), (lambda t: f(a, t), b)):
                numbers += [mp.diff(g, at, 1), mp.diff(g, at, 2)]
            # Differences of 60 digits leave noise where the truth is zero.
            numbers = [mp.mpf(0) if abs(n) < mp.mpf(10) ** -25 else n for n in numbers]
            print(",".join([name, repr(x), repr(y), *map(number, numbers)]))
