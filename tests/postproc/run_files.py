"""What the tests of run folders share: where the runs are, and the formulas of tests/unit/io/sample_run.h."""
import os
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "postproc"))

RANKS = (1, 2, 4)
TIMES = (0.0, 500.0, 1000.0)


def run_folder(ranks: int) -> pathlib.Path:
    """The run that io_write_run left; tests/postproc/CMakeLists.txt sets the place."""
    return pathlib.Path(os.environ["LIHOST_SAMPLE_RUNS"]) / f"run{ranks}"


def at_vertices(x: np.ndarray, t: float) -> dict[str, np.ndarray]:
    return {
        "potential_solid": np.sin(7e4 * x[:, 0]) + 3e4 * x[:, 1] - 2e4 * x[:, 2] + 0.01 * t,
        "displacement": np.column_stack([0.02 * x[:, 0] + 0.001 * x[:, 1], -0.03 * x[:, 1] + 0.002 * x[:, 2],
                                         -1e-5 * t * x[:, 2]])}


def at_cells(c: np.ndarray, t: float) -> dict[str, np.ndarray]:
    return {"lithium_content": c @ [1e4, 2e4, 3e4] + 1e-3 * t,
            "stress": np.column_stack([(k + 1) * 1e9 * c[:, k % 3] - 100 * k * t for k in range(6)])}
