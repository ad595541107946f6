#!/usr/bin/env python3
"""Runs an engine on a table whose numbers are rounded to few digits, as tables are that people type.

An engine for `recover.py`; the noise, far below the digits, is there for its rule of counting (a law counts by its
structure, constants refitted):

    recover.py --suite AIFeynman --time 3 --noise 1e-9 \
        --cmd "python3 benches/laws/rounded.py 4 {csv} target/release/closedform fit {csv} --time-limit {time} --seed {seed} --format json"

The first argument is the number of significant digits, the second the table, then comes the command; where it names the
table, it is given the rounded one.
"""

import csv
import subprocess
import sys
import tempfile


def main() -> int:
    digits, table, *command = sys.argv[1:]
    with open(table, newline="") as file:
        header, *rows = csv.reader(file)
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as rounded:
        writer = csv.writer(rounded)
        writer.writerow(header)
        writer.writerows([f"{float(field):.{digits}g}" for field in row] for row in rows)
        rounded.flush()
        return subprocess.run([rounded.name if part == table else part for part in command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
