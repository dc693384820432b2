"""Benchmarks: the product, a peer and a limit in one run, interleaved, on the same machine and data. See
docs/benchmarks.md."""
