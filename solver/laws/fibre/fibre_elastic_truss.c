/// @file
/// Perfectly bonded elastic fibre (F4): Kirchhoff stress E ln(lambda) along it, T = E ln(lambda) / lambda; nothing in
/// compression unless asked for. Never slips, never breaks.
#include <math.h>

#include "laws/fibre_law.h"

typedef struct {
  double fibre_modulus;
  PetscBool compression;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, fibre_modulus, "Pa", 1, 1e13, NULL,
                "Young's modulus E_f of a fibre along it"),
    LH_ROW_BOOL(Params, compression, "false",
                "whether fibres resist compression; free ones buckle and do not"),
};

static void Update(const void *params, const LhFibreInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], LhFibreOutput *out) {
  const Params *p = params;

  (void)old;
  (void)now;
  for (int l = 0; l < LH_BATCH; l++) {
    const double stretch = in->stretch[l] > 0 ? in->stretch[l] : 1;
    const double strain = log(stretch);
    const double E = p->compression || strain > 0 ? p->fibre_modulus : 0;

    out->stress[l] = E * strain / stretch;
    out->tangent[l] = E * (1 - strain) / (stretch * stretch);
    out->stored[l] = 0.5 * E * strain * strain;
    out->failed[l] = in->stretch[l] > 0 ? 0 : 1;
    out->dissipation[l] = out->rupture[l] = out->slip[l] = out->drawn[l] = 0;
  }
}

extern const LhFibreLaw lh_fibre_elastic_truss;
const LhFibreLaw lh_fibre_elastic_truss = {
    .name = "elastic_truss",
    .brief = "elastic fibre bonded to the material around it",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .update = Update,
};
