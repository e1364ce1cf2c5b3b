#!/usr/bin/python3 -I
"""Fields of B2: factors on the nanotubes and on the alloy in every cell of the electrode, written once as HDF5, the file that
lihost and the peer read.

usage: b2_fields.py N OUT.h5
"""
import sys

import h5py
import numpy as np

WIDTH, ELECTRODE, SEPARATOR = 150e-6, 125e-6, 25e-6  # m, as in cases/b2.yaml


def layers(n):
    """Cells of electrode and separator in z when the box has n cells on an edge."""
    separator = round(n * SEPARATOR / (ELECTRODE + SEPARATOR))
    return n - separator, separator


def write(path, n):
    size = np.array([WIDTH, WIDTH, ELECTRODE])
    spacing = size / [n, n, layers(n)[0]]
    z, y, x = np.meshgrid(*[(np.arange(k) + 0.5) / k for k in (layers(n)[0], n, n)], indexing="ij")
    wave = lambda f: np.sin(2 * np.pi * f)
    with h5py.File(path, "w") as f:
        for name, value in (("cnt", 1 + 0.4 * wave(x) * wave(z + 0.25)), ("alloy", 1 + 0.3 * wave(x) * wave(y) + 0.1 * wave(2 * z))):
            data = f.create_dataset(name, data=value.astype("f4"))
            data.attrs["origin"], data.attrs["spacing"] = spacing / 2, spacing


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(sys.argv[2], int(sys.argv[1]))
