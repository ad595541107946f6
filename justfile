# `just` lists these; each is one line that can be typed as well.

default:
    @just --list

# Everything that has to pass before a change goes in
ci:
    .ci/run

test *ARGS:
    cargo test {{ARGS}}

lint:
    cargo fmt --all --check
    cargo clippy --all-targets --all-features -- -D warnings

# The Python package into the active environment, and its tests
python:
    maturin develop --release --manifest-path python/Cargo.toml --extras test
    pytest -q -c python/pyproject.toml --rootdir python --pyargs closedform python/tests

# The wheel to ship
wheel:
    maturin build --release --manifest-path python/Cargo.toml --out python/dist

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features --open

# The figure of the README
figure:
    cargo run --example 02_exponential_learning -- docs/figure_learning_curve.png

# docs/primitives.md from the table in the code
primitives:
    CLOSEDFORM_WRITE_DOCS=1 cargo test --test docs

# Licences and advisories of the dependencies
deny:
    cargo deny check
