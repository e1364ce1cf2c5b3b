#!/usr/bin/python3 -I
"""What more ranks would give, from counts measured by scaling.py on up to 4 ranks; the tables of docs/hpc.md.

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


def constants(results: dict) -> dict[str, float]:
    strong = {one["ranks"]: one for one in results["strip strong"]}
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


def main():
    c = constants(json.loads(pathlib.Path(sys.argv[1]).read_text()))
    print(f"measured: w = {c['w'] * 1e6:.2f} us per cell, m = {c['m']:.0f} messages per neighbour, "
          f"V = {c['V']:.0f} byte per (n/P)^(2/3), R = {c['R']:.1f} collectives; each per Krylov iteration\n")
    print("| cells | ranks | cells/rank | compute | messages | volume | reductions | efficiency | to 1 V | mesh on rank 0 | memory of a rank |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for cells in (2.5e5, 1e6, 1e7):
        for ranks in (64, 256, 1024, 4096):
            work, latency, volume, reduce = terms(c, cells, ranks)
            total = work + latency + volume + reduce
            efficiency = work / total
            solve = STEP_SECONDS * STEPS * cells / ranks / efficiency
            memory = RANK_BYTES + CELL_BYTES * cells / ranks
            print(f"| {cells:.2g} | {ranks} | {cells / ranks:.0f} | {work * 1e3:.2f} ms | {latency * 1e3:.2f} | {volume * 1e3:.2f} | "
                  f"{reduce * 1e3:.2f} | {100 * efficiency:.0f} % | {solve:.0f} s | {MESH_SECONDS * cells:.1f} s, "
                  f"{MESH_BYTES * cells / 1e9:.1f} GB | {memory / 1e9:.2f} GB |")
    for ranks in (64, 256, 1024, 4096):
        n = 1.0
        while (t := terms(c, n * ranks, ranks))[0] < 0.5 * sum(t):
            n *= 1.05
        print(f"half of the time on {ranks} ranks is communication at {n:.0f} cells a rank: {n * ranks:.2g} cells")


main()
