/// @file
/// Writes effective_material.yaml: what the foil model can use of the volume in place of its mixture rules.
///
/// precursors: those the volume was drawn with, so that a foil of another content of tubes weighs and holds what it
/// should. network_conductivity: electrons along z in the state without lithium. bruggeman: least squares of
/// ln(kappa_zz/kappa) = b ln(eps) for the liquid alone over the states in which it percolates. skeleton: the compaction
/// curve of the state without lithium, by relative density (laws/mech/mech_skeleton_table.c). What the states at hand
/// do not give is left to the base, and the file says so.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiment/homogenise.h"

#define TABLE_SIZE 24  ///< entries of the skeleton's table
/// Elastic modulus over the slope of the curve, at least: the law's elastic strain must not use up the compaction.
#define STIFFNESS_OVER_SLOPE 3.
#define RATE_SENSITIVITY     0.005

/// The state in which all lithium is gone, -1: not asked for.
static PetscInt FindBare(const LhHomogenise *h) {
  for (PetscInt s = 0; s < h->keys.stripped.n; s++) {
    if (h->keys.stripped.v[s] == 1.) return s;
  }
  return -1;
}

static void PrintRecipe(const LhPrecursors *recipe, FILE *text) {
  if (recipe->li + recipe->zn + recipe->zn3n2 + recipe->cnt > 0.)
    fprintf(
        text,
        "precursors: # of the volume\n  {by: mass, Li: %.9g, Zn: %.9g, Zn3N2: %.9g, CNT: %.9g}\n",
        recipe->li, recipe->zn, recipe->zn3n2, recipe->cnt);
}

static void PrintConductivity(const LhHomogenise *h, PetscInt bare, FILE *text) {
  const PetscReal value = bare < 0 ? NAN : h->effective[bare][LH_EFFECTIVE_ELECTRONIC + 2];

  // The host's table asks for more than 1e-6 S/m.
  if (isfinite(value) && value >= 1e-6)
    fprintf(text,
            "network_conductivity: {value: %.9g S/m, source: \"electrons along z, no lithium\", "
            "evidence: derived}\n",
            (double)value);
  else
    fputs("# network_conductivity: no conducting state without lithium was computed\n", text);
}

static void PrintTortuosity(const LhHomogenise *h, FILE *text) {
  PetscReal xy = 0., xx = 0.;

  for (PetscInt s = 0; s < h->keys.stripped.n; s++) {
    const PetscReal *row = h->effective[s];
    const PetscReal eps = row[LH_EFFECTIVE_POROSITY], kappa = row[LH_EFFECTIVE_LIQUID + 2];

    if (!(eps > 0. && eps < 1. && kappa > 0.)) continue;
    xy += log(eps) * log(kappa / h->keys.liquid_conductivity);
    xx += log(eps) * log(eps);
  }
  if (xx > 0.)
    fprintf(text,
            "tortuosity:\n  bruggeman: {value: %.9g, source: \"liquid along z, least squares over "
            "the states\", evidence: derived}\n",
            (double)(xy / xx));
  else
    fputs("# tortuosity: no state whose liquid percolates was computed\n", text);
}

/// A table of at most TABLE_SIZE points, evenly picked where the volume flows.
typedef struct {
  PetscInt n;
  PetscReal density[TABLE_SIZE], pressure[TABLE_SIZE], modulus[TABLE_SIZE];
} SkeletonTable;

/// The first point where the volume flows: less stress than its elasticity would give, and a curve well below it.
static PetscInt FindFlow(const LhCompaction *curve, PetscReal modulus) {
  for (PetscInt i = 0; i + 1 < curve->num; i++) {
    const PetscReal strain = -log(curve->stretch[i]);
    const PetscReal slope = (curve->pressure[i + 1] - curve->pressure[i]) /
                            log(curve->stretch[i] / curve->stretch[i + 1]);

    if (curve->pressure[i] > 1e-3 && curve->pressure[i] < .9 * modulus * strain &&
        STIFFNESS_OVER_SLOPE * slope < modulus)
      return i;
  }
  return curve->num;
}

static void Pick(const LhCompaction *curve, PetscReal density, PetscReal modulus,
                 SkeletonTable *table) {
  const PetscInt first = FindFlow(curve, modulus);

  table->n = PetscMin(TABLE_SIZE, curve->num - first);
  for (PetscInt k = 0; k < table->n; k++) {
    const PetscInt i = table->n > 1 ? first + k * (curve->num - 1 - first) / (table->n - 1) : first;

    table->density[k] = density / curve->stretch[i];
    table->pressure[k] = PetscMax(curve->pressure[i], 1e-3);
  }
}

/// The volume's own modulus, growing with density, and stiffer than the curve rises.
static void FindModuli(PetscReal modulus, PetscReal density, SkeletonTable *table) {
  for (PetscInt k = 0; k < table->n; k++) {
    const PetscInt a = PetscMax(k - 1, 0), b = PetscMin(k + 1, table->n - 1);
    const PetscReal ratio = table->density[k] / density;
    const PetscReal slope =
        (table->pressure[b] - table->pressure[a]) / log(table->density[b] / table->density[a]);

    table->modulus[k] = PetscMax(STIFFNESS_OVER_SLOPE * slope, modulus * ratio * ratio);
  }
}

/// Confined modulus of the volume in compression, the first step of the curve: C33 also has the fibres' tension.
static PetscReal FirstModulus(const LhCompaction *curve, PetscReal C33) {
  const PetscReal chord = curve->num ? -curve->pressure[0] / log(curve->stretch[0]) : 0.;

  return isfinite(C33) ? PetscMin(C33, chord) : chord;
}

static void PrintList(FILE *text, const char key[], PetscInt n, const PetscReal values[],
                      const char unit[]) {
  fprintf(text, "    %s: {value: [", key);
  for (PetscInt k = 0; k < n; k++)
    fprintf(text, "%s%.9g%s", k ? ", " : "", (double)values[k], unit);
  fputs("], source: \"compaction of the volume\", evidence: derived}\n", text);
}

static void PrintSkeleton(const LhHomogenise *h, PetscInt bare, FILE *text) {
  SkeletonTable table = {.n = 0};

  if (bare >= 0) {
    const LhCompaction *curve = &h->compaction[bare];
    const PetscReal density = h->effective[bare][LH_EFFECTIVE_DENSITY];
    const PetscReal modulus = FirstModulus(curve, h->effective[bare][LH_EFFECTIVE_STIFFNESS + 11]);

    Pick(curve, density, modulus, &table);
    FindModuli(modulus, density, &table);
  }
  if (table.n < 2) {
    fputs("# skeleton: no compaction of a state without lithium was computed\n", text);
    return;
  }
  if (h->compaction[bare].end == LH_END_LOCKED)
    fprintf(text,
            "# The curve ends early, at a relative density of %.4g: no equilibrium beyond. A foil "
            "that gets denser "
            "extrapolates, and its log says so.\n",
            (double)table.density[table.n - 1]);
  fputs("skeleton: homogenised\nskeletons:\n  homogenised:\n    law: skeleton_table\n", text);
  PrintList(text, "relative_densities", table.n, table.density, "");
  PrintList(text, "pressures", table.n, table.pressure, " Pa");
  PrintList(text, "moduli", table.n, table.modulus, " Pa");
  fputs("    poisson_ratio: {value: 0, source: crushable mats, evidence: estimate}\n", text);
  fputs(
      "    pressure_sensitivity: {value: 2.08, source: \"crushable mats; the curve is met "
      "whatever it is\", evidence: estimate}\n",
      text);
  fprintf(text,
          "    rate_sensitivity: {value: %g, source: \"the curve is at one rate\", evidence: "
          "estimate}\n",
          RATE_SENSITIVITY);
  fprintf(text,
          "    reference_rate: {value: %.9g 1/s, source: rate of the curve, evidence: derived}\n",
          (double)h->keys.strain_rate);
}

PetscErrorCode LhHomogeniseMaterial(LhHomogeniseRun *run) {
  const LhHomogenise *h = run->h;
  const PetscInt bare = FindBare(h);
  char *bytes = NULL;
  size_t size = 0;
  FILE *text = open_memstream(&bytes, &size);

  PetscFunctionBegin;
  PetscCheck(text, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for effective_material.yaml");
  fprintf(text,
          "# What a resolved volume says of the host '%s'; the rest is its own "
          "(docs/user/homogenise.md).\n"
          "lihost_material: 1\nkind: host\nname: %s_effective\nbase: %s\n",
          h->keys.base, h->keys.base, h->keys.base);
  PrintRecipe(&h->recipe, text);
  PrintConductivity(h, bare, text);
  PrintTortuosity(h, text);
  PrintSkeleton(h, bare, text);
  PetscCheck(!fclose(text), PETSC_COMM_SELF, PETSC_ERR_MEM,
             "no memory for effective_material.yaml");
  PetscCall(LhOutputText(run->output, "effective_material.yaml", bytes));
  free(bytes);
  PetscFunctionReturn(PETSC_SUCCESS);
}
