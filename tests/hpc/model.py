#!/usr/bin/python3 -I
"""What more ranks would give, from counts of the strip measured by scaling.py on up to 4 ranks; the tables of docs/hpc.md.

    tests/hpc/model.py scaling.json

Time of a Krylov iteration with everything around it, on P ranks of a mesh of n cells (docs/hpc.md says where each term is from):
    T = w n/P + N(P) (a + b) m + V (n/P)^(2/3) / B + R log2(P) g
"""
import json
import math
import pathlib
import sys

LATENCY = 1.5e-6        # a: of a message between nodes [s]
OVERHEAD = 0.5e-6       # b: of a message in the sender and the receiver [s]
BANDWIDTH = 8e8         # B: 12.5 GB/s of a node of 64 ranks, a quarter of whose faces leave it (4 x 4 x 4 parts) [byte/s]
REDUCTION = 1.5e-6      # g: of one level of a reduction tree [s]
NEIGHBOURS = 14         # N: of a part of a METIS partition in three dimensions
STEP_SECONDS, STEPS = 4e-5, 250  # a step per vertex on one core; steps to 1 V (experiment_protocol.c)
MESH_SECONDS, MESH_BYTES = 3e-6, 650.0  # rank 0 reads, cuts and sends a cell (docs/decisions/0011)
CELL_BYTES, RANK_BYTES = 2.45e4, 4.6e7  # of a run (experiment_protocol.c)


def constants(runs: dict) -> dict[str, float]:
    strong = {one["ranks"]: one for one in runs["strip strong"]}
    one, most = strong[1], strong[max(strong)]
    neighbours = most["ranks"] - 1  # every part of so few touches every other
    surface = 2 * most["counters"]["partition_edge_cut"] / most["ranks"]  # faces of a rank
    return {"w": one["cpu"] / one["krylov"] / one["cells"],
            "m": most["messages"] / most["krylov"] / neighbours,
            "V": most["bytes"] / most["krylov"] / surface * 6,  # a cube of n/P cells has 6 (n/P)^(2/3) faces
            "R": (most["reductions"] + most["collectives"]) / most["krylov"]}


def terms(c: dict[str, float], cells: float, ranks: int) -> list[float]:
    near = min(NEIGHBOURS, ranks - 1)
    return [c["w"] * cells / ranks, near * (LATENCY + OVERHEAD) * c["m"], c["V"] * (cells / ranks) ** (2 / 3) / BANDWIDTH,
            c["R"] * math.log2(ranks) * REDUCTION]


def table_of_constants(c: dict[str, float]) -> list[str]:
    return ["| | meaning | value | from |", "|---|---|---|---|",
            f"| w | work per cell | {c['w'] * 1e6:.2f} us | measured, CPU time of one rank |",
            f"| m | messages per neighbour | {c['m']:.0f} | measured on 4 ranks |",
            f"| V | volume per (n/P)^(2/3), 6 faces | {c['V'] / 1e3:.1f} kB | measured on 4 ranks |",
            f"| R | reductions and other collectives | {c['R']:.1f} | measured on 4 ranks |",
            f"| N | neighbours of a part | {NEIGHBOURS} | assumed: METIS parts in three dimensions; 3 on 4 ranks |",
            f"| a, b | latency, time of the processor per message | {LATENCY * 1e6:.1f}, {OVERHEAD * 1e6:.1f} us | assumed: HDR InfiniBand, Open MPI |",
            f"| B | bandwidth of a rank | {BANDWIDTH / 1e9:.1f} GB/s | assumed: 12.5 GB/s a node of 64 ranks, a quarter of whose faces leave it |",
            f"| g | one level of a reduction | {REDUCTION * 1e6:.1f} us | assumed |"]


def table(c: dict[str, float]) -> list[str]:
    lines = ["| cells | ranks | cells/rank | compute | messages | volume | reductions | efficiency | to 1 V | mesh on rank 0 | memory of a rank |",
             "|---|---|---|---|---|---|---|---|---|---|---|"]
    for cells in (2.5e5, 1e6, 1e7):
        for ranks in (64, 256, 1024, 4096):
            work, latency, volume, reduce = terms(c, cells, ranks)
            efficiency = work / (work + latency + volume + reduce)
            solve = STEP_SECONDS * STEPS * cells / ranks / efficiency
            memory = RANK_BYTES + CELL_BYTES * cells / ranks
            lines.append(f"| {cells:.2g} | {ranks} | {cells / ranks:.0f} | {work * 1e3:.2f} ms | {latency * 1e3:.2f} | {volume * 1e3:.2f} | "
                         f"{reduce * 1e3:.2f} | {100 * efficiency:.0f} % | {solve:.0f} s | {MESH_SECONDS * cells:.1f} s, "
                         f"{MESH_BYTES * cells / 1e9:.1f} GB | {memory / 1e9:.2f} GB |")
    return lines


def half(c: dict[str, float], ranks: int) -> float:
    """Cells a rank of a mesh on which communication takes half of the time."""
    n = 1.0
    while (t := terms(c, n * ranks, ranks))[0] < 0.5 * sum(t):
        n *= 1.05
    return n


def halves(c: dict[str, float]) -> list[str]:
    cells = [half(c, ranks) for ranks in (64, 256, 1024, 4096)]
    return [f"Half of the time is communication at {min(cells):.0f} to {max(cells):.0f} cells a rank (64 to 4096 ranks); below, more ranks help little."]


if __name__ == "__main__":
    MEASURED = constants(json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))["runs"])
    print(*table_of_constants(MEASURED), "", *table(MEASURED), "", *halves(MEASURED), sep="\n")
