"""Numba kernels: flat arrays in, flat arrays out; the only importers of numba."""
