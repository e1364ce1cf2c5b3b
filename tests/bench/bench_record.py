"""What a run record says about the cost of a run, in the words of the bench. Never judges it."""
import json


def value(entry):
    return entry["value"] if isinstance(entry, dict) else entry


def read(path):
    record = json.loads(path.read_text())
    counters = {k: value(v) for k, v in record["counters"].items()}
    total = lambda word: sum(v for k, v in counters.items() if k.endswith(word))
    return {"tool": "lihost", "vertices": record["mesh"]["vertices"], "state": record["state"],
            "memory_MB": record["host"].get("peak_memory [MiB]"), "newton": total("newton_iterations"),
            "krylov": total("krylov_iterations"), "setups": total("preconditioner_setups"), "counters": counters,
            "phases": {k: value(v) for k, v in record["timings"].items()}}
