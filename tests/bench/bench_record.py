"""What the files of a run say about its cost, in the words of the bench. Never judges it."""
import csv
import json

PHASES = {"mechanics_assembly": "elements", "mechanics_setup": "preconditioner", "mechanics_linear": "krylov",
          "electrochemistry_assembly": "elements", "electrochemistry_preconditioner": "preconditioner", "electrochemistry_solve": "krylov"}


def value(entry):
    return entry["value"] if isinstance(entry, dict) else entry


def phases(timings):
    """Seconds by phase; a run with both physics has the sums."""
    seconds = {}
    for name, entry in timings.items():
        phase = PHASES.get(name, name)
        seconds[phase] = seconds.get(phase, 0.0) + value(entry)
    return seconds


def answer(last):
    """Of a cell: voltage [V], smallest and largest concentration [mol/L] of the last row."""
    if "voltage [V]" not in last:
        return None
    return [float(last["voltage [V]"]), float(last["min_concentration [mol m-3]"]) / 1e3, float(last["max_concentration [mol m-3]"]) / 1e3]


def read(folder):
    """Counts, phases, the last nominal stress or state of the cell of a run directory."""
    record = json.loads((folder / "run.json").read_text())
    counters = {k: value(v) for k, v in record["counters"].items()}
    total = lambda word: sum(int(v) for k, v in counters.items() if k.endswith(word))
    with open(folder / "series.csv") as f:
        last = list(csv.DictReader(f))[-1]
    return {"tool": "lihost", "unknowns": 3 * record["mesh"]["vertices"], "state": record["state"],
            "stress": float(last.get("nominal_stress [Pa]", "nan")), "memory_MB": record["host"].get("peak_memory [MiB]"),
            "newton": total("newton_iterations"), "krylov": total("krylov_iterations"),
            "setups": total("preconditioner_setups"), "counters": counters,
            "answer": answer(last), "phases": phases(record["timings"])}
