"""Training: the loop, its figures, the run folder, and reading it back."""
