"""Kernels compiled by numba: what NumPy does in several passes over memory, in one.

Never required: each does what NumPy calls do too, equal within the rounding of its dtype. Import
only where `available()` says that they can be. Their code is kept beside the sources, or in
numba's folder of the user, so that only the first run ever waits for the compiler.
"""
