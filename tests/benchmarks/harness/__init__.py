"""What all benchmarks share: networks, workloads, rounds, figures, tables."""
