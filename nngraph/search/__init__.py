"""Searches for good values: many trainings of one spec, the best of which is written back."""
