"""What the files of a run say about its cost, in the words of the bench. Never judges it."""
import csv
import json

PHASES = {"mechanics_assembly": "elements", "mechanics_setup": "preconditioner", "mechanics_linear": "krylov"}


def value(entry):
    return entry["value"] if isinstance(entry, dict) else entry


def read(folder):
    """Counts, phases and the last nominal stress of a run directory."""
    record = json.loads((folder / "run.json").read_text())
    counters = {k: value(v) for k, v in record["counters"].items()}
    total = lambda word: sum(int(v) for k, v in counters.items() if k.endswith(word))
    with open(folder / "series.csv") as f:
        last = list(csv.DictReader(f))[-1]
    return {"tool": "lihost", "unknowns": 3 * record["mesh"]["vertices"], "state": record["state"],
            "stress": float(last.get("nominal_stress [Pa]", "nan")), "memory_MB": record["host"].get("peak_memory [MiB]"),
            "newton": total("newton_iterations"), "krylov": total("krylov_iterations"),
            "setups": total("preconditioner_setups"), "counters": counters,
            "phases": {PHASES.get(k, k): value(v) for k, v in record["timings"].items()}}
