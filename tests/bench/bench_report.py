"""Medians, ratios and the table of goals from the rows of run_bench.py. Runs nothing."""
import math
import statistics

AGREE = 1e-6  # relative, of the answer
# Answers on the meshes of the goals: reaction of B1 by N.
KNOWN = {("b1", 32): 76.60419, ("b1", 56): 76.70068}


def flat(answer):
    return answer if isinstance(answer, list) else [answer]


def difference(a, b):
    """Largest difference over the largest magnitude."""
    scale = max(abs(v) for v in flat(a) + flat(b))
    return max(abs(u - v) for u, v in zip(flat(a), flat(b))) / scale


def median_of(rows, key):
    values = [r[key] for r in rows if r.get(key) is not None]
    return statistics.median(values) if values else None


def summarise(rows):
    """Medians per case, size, ranks and tool; the lihost row of the same work gives ratios (> 1: lihost is faster)."""
    groups = {}
    for row in rows:
        groups.setdefault((row["case"], row["n"], row["ranks"], row["tool"]), []).append(row)
    table = []
    for (case, n, ranks, tool), members in sorted(groups.items()):
        good = [m for m in members if "failed" not in m]
        entry = {"case": case, "n": n, "ranks": ranks, "tool": tool, "runs": len(good)}
        if good:
            entry.update({k: good[0].get(k) for k in ("unknowns", "answer", "newton", "krylov", "setups")})
            entry.update({k: median_of(good, k) for k in ("seconds", "cpu_seconds", "memory_MB")})
            entry["load"] = [min(min(m["load"]) for m in good), max(max(m["load"]) for m in good)]
            phases = good[0].get("phases", {})
            entry["phases"] = {p: statistics.median(m["phases"][p] for m in good) for p in phases}
        else:
            entry["failed"] = members[0]["failed"]
        table.append(entry)
    for entry in table:
        ours = find(table, "lihost", entry["case"], entry["n"], entry["ranks"])
        if "seconds" in entry and ours and entry is not ours:
            compare(entry, ours)
    return table


def compare(entry, ours):
    entry["ratio"] = entry["seconds"] / ours["seconds"]
    entry["cpu_ratio"] = entry["cpu_seconds"] / ours["cpu_seconds"]
    entry["difference"] = difference(entry["answer"], ours["answer"])
    if entry["memory_MB"] and ours["memory_MB"]:
        entry["memory_ratio"] = ours["memory_MB"] / entry["memory_MB"]


def find(table, tool, case, n, ranks):
    for e in table:
        if (e["tool"], e["case"], e["n"], e["ranks"]) == (tool, case, n, ranks) and "seconds" in e:
            return e
    return None


def disagreements(table):
    """Sentences about answers that differ: the bench fails whatever the times."""
    wrong = [e for e in table if e.get("difference", 0) > AGREE]
    for e in table:
        known = KNOWN.get((e["case"], e["n"]))
        if known and "seconds" in e and abs(e["answer"] - known) > 2e-6 * known:
            wrong.append(e)
    return ["%s %s n %d ranks %d: %s" % (e["tool"], e["case"], e["n"], e["ranks"], e["answer"]) for e in wrong]


def goal(name, bound, reached, upper=False, note=""):
    status = "not measured" if reached is None else "met" if (reached <= bound if upper else reached >= bound) else "missed"
    return {"goal": name, "bound": ("<= %g" if upper else ">= %g") % bound, "reached": reached, "status": status, "note": note}


def peer_goals(table):
    rows = []
    for case, n, ranks, bound, tools in (("b1", 32, 1, 8, ("calculix", "deal.II", "dolfinx")),
                                         ("b1", 56, 1, 8, ("calculix", "deal.II", "dolfinx")),
                                         ("b1", 32, 4, 5, ("dolfinx", "deal.II")), ("b1", 56, 4, 5, ("dolfinx",)),
                                         ("b2", 46, 1, 8, ("dolfinx",)), ("b2", 46, 4, 8, ("dolfinx",))):
        for tool in tools:
            e = find(table, tool, case, n, ranks)
            name = "%s N %d on %d ranks: time of %s over ours" % (case.upper(), n, ranks, tool)
            note = "CPU time %.1f" % e["cpu_ratio"] if e and ranks == 1 and e.get("cpu_ratio") else ""
            rows.append(goal(name, bound, e and e.get("ratio"), note=note))
            if tool == "dolfinx":
                rows.append(goal(name.replace("time of dolfinx over ours", "our memory over dolfinx's"), 0.6,
                                 e and e.get("memory_ratio"), upper=True))
    return rows


def power_of(low, high, key):
    return math.log(high[key] / low[key]) / math.log(high["unknowns"] / low["unknowns"])


def growth_goals(table):
    rows = []
    ours = sorted((e for e in table if e["tool"] == "lihost" and e["case"] == "b1" and "seconds" in e), key=lambda e: e["n"])
    for a, b in ((32, 56), (56, 99)):
        for ranks in (1, 4):
            low, high = find(ours, "lihost", "b1", a, ranks), find(ours, "lihost", "b1", b, ranks)
            if not (low and high) and ranks != 1:
                continue
            power = low and high and power_of(low, high, "seconds")
            note = "CPU time %.2f" % power_of(low, high, "cpu_seconds") if low and high and ranks == 1 else ""
            krylov = low and high and (high["krylov"] / high["newton"]) / (low["krylov"] / low["newton"])
            name = "B1 from N %d to %d on %d ranks: " % (a, b, ranks)
            rows.append(goal(name + "power of unknowns", 1.1, power, upper=True, note=note))
            rows.append(goal(name + "growth of iterations a solve", 1.3, krylov, upper=True))
    one, four = find(table, "lihost", "b1", 56, 1), find(table, "lihost", "b1", 56, 4)
    rows.append(goal("B1 N 56: speed-up from 1 to 4 ranks", 3, one and four and one["seconds"] / four["seconds"]))
    return rows


def machine_goals(facts):
    wide = facts.get("bench_kernel", {})
    scalar = facts.get("bench_kernel_scalar", {})
    peak = facts.get("roofline_1", {})
    rows = []
    for kind, name in (("", "sums in double"), ("single_", "sums of the tangent in single precision")):
        ratio, note = None, ""
        if kind + "j2_small_strain_cells_s" in wide and "j2_small_strain_cells_s" in scalar:
            ratio = wide[kind + "j2_small_strain_cells_s"] / scalar["j2_small_strain_cells_s"]
        if kind + "GFLOP_s" in wide and kind + "peak_GFLOP_s" in peak:
            rate, most = wide[kind + "GFLOP_s"], peak[kind + "peak_GFLOP_s"]
            note = "tangent at %.1f GFLOP/s, %.0f %% of %.0f" % (rate, 100 * rate / most, most)
        rows.append(goal("kernel hex8 J2 over one cell at a time in double, " + name, 6 if facts.get("avx512f") else 4, ratio, note=note))
    portable = facts.get("portable")
    rows.append(goal("portable build (%s): its time over ours" % (portable or {}).get("arch", "no -march"), 1.5,
                     portable and portable.get("ratio"), upper=True))
    solves = facts.get("bench_mechanics", {})
    if "krylov_GB" in solves and "triad_GB_s" in peak:
        rate = solves["krylov_GB"] / solves["phases"]["krylov"]
        rows.append({"goal": "B1 N 32: matrix traffic of linear solves", "bound": "-", "reached": rate, "status": "GB/s",
                     "note": "%.0f %% of the triad's %.1f" % (100 * rate / peak["triad_GB_s"], peak["triad_GB_s"])})
    return rows


def goals(table, facts):
    return peer_goals(table) + growth_goals(table) + machine_goals(facts)


def show_runs(table):
    head = "%-13s %4s %5s %-9s %4s %9s %9s %9s %6s %8s %7s %7s %9s %11s" % (
        "case", "n", "ranks", "tool", "runs", "unknowns", "median s", "CPU s", "ratio", "MB", "newton", "krylov", "answer +-", "load")
    print(head + "\n" + "-" * len(head))
    for e in table:
        if "failed" in e:
            print("%-13s %4d %5d %-9s %s" % (e["case"], e["n"], e["ranks"], e["tool"], e["failed"]))
            continue
        value = lambda key, form: form % e[key] if e.get(key) is not None else "-"
        print("%-13s %4d %5d %-9s %4d %9s %9.2f %9.2f %6s %8s %7s %7s %9s %11s" % (
            e["case"], e["n"], e["ranks"], e["tool"], e["runs"], value("unknowns", "%d"), e["seconds"], e["cpu_seconds"],
            value("ratio", "%.2f"), value("memory_MB", "%.0f"), value("newton", "%d"), value("krylov", "%d"),
            value("difference", "%.0e"), "%.1f-%.1f" % tuple(e["load"])))
        if e["phases"]:
            print("      " + ", ".join("%s %.2f" % p for p in e["phases"].items()))


def show_goals(rows):
    print("\n%-66s %8s %8s  %s" % ("goal", "bound", "reached", "status"))
    for r in rows:
        reached = "-" if r["reached"] is None else "%.2f" % r["reached"]
        print("%-66s %8s %8s  %s%s" % (r["goal"], r["bound"], reached, r["status"], r["note"] and " (%s)" % r["note"]))
