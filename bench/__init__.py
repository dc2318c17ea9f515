"""Benchmarks (基准): every figure is a ratio of two things measured in the same run."""
