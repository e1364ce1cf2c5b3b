/// @file
/// Random Fourier modes of a Gaussian covariance. See random_field.h.
#include "mesh/random_field.h"

#include "mesh/random.h"

#define MODES 512  ///< relative error of the correlation about 1/sqrt(MODES)

struct _n_LhRandomField {
  LhRandomFieldParams params;
  PetscReal wave[3][MODES];  ///< wave vectors [1/m]
  PetscReal phase[MODES];
};

static const LhParam rows[] = {
    LH_ROW_REAL(LhRandomFieldParams, mean, "1", -1e6, 1e6, "",
                "mean of the field; default: the material's value"),
    LH_ROW_REAL(LhRandomFieldParams, deviation, "1", 0., 1e6, NULL,
                "standard deviation, in the unit of the mean"),
    LH_ROW_REAL_LIST(LhRandomFieldParams, correlation_length, "m", 1e-10, 1., NULL,
                     "lengths [x, y, z] at which the correlation is 1/e"),
    LH_ROW_INT(LhRandomFieldParams, seed, 0, 2147483647, NULL, "number that picks the sample"),
    LH_ROW_REAL_LIST(LhRandomFieldParams, clip, "1", -1e6, 1e6, "",
                     "smallest and largest value handed out; none when left out")};

const LhTable lh_random_field_table =
    LH_TABLE("random", "A seeded, correlated random field in space", rows);

static PetscErrorCode CheckLists(const LhReader *reader, LhNode section, const char path[],
                                 const LhRandomFieldParams *params) {
  const LhMark mark = LhNodeGetMark(section);

  PetscFunctionBeginUser;
  if (params->correlation_length.n != 3) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "%s.correlation_length needs three lengths, e.g. [20 um, 20 um, 10 um]",
                        path));
  }
  if (params->clip.n != 0 && (params->clip.n != 2 || !(params->clip.v[0] < params->clip.v[1]))) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "%s.clip needs a smaller and a larger number, e.g. [0, 0.3]", path));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRandomFieldRead(const LhReader *reader, LhNode section, LhNode parent,
                                 const char path[], LhRandomFieldParams *params,
                                 LhRandomField *field) {
  PetscInt before, after;

  PetscFunctionBeginUser;
  *field = NULL;
  PetscCall(LhDiagGetCounts(reader->diag, &before, NULL));
  PetscCall(LhParamsRead(reader, &lh_random_field_table, section, parent, path, params));
  PetscCall(LhDiagGetCounts(reader->diag, &after, NULL));
  if (after == before) PetscCall(CheckLists(reader, section, path, params));
  PetscCall(LhDiagGetCounts(reader->diag, &after, NULL));
  if (after == before) PetscCall(LhRandomFieldCreate(params, field));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRandomFieldCreate(const LhRandomFieldParams *params, LhRandomField *field) {
  uint64_t state = LhRandomSeed(params->seed);

  PetscFunctionBeginUser;
  PetscCall(PetscNew(field));
  (*field)->params = *params;
  for (PetscInt m = 0; m < MODES; m++) {
    for (PetscInt d = 0; d < 3; d++) {
      (*field)->wave[d][m] = LhRandomNormal(&state) * sqrt(2.) / params->correlation_length.v[d];
    }
    (*field)->phase[m] = 2. * PETSC_PI * LhRandomUniform(&state);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRandomFieldDestroy(LhRandomField *field) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree(*field));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRandomFieldEvaluate(LhRandomField field, PetscInt n, const PetscReal x[],
                                     PetscReal value[], PetscInt *clipped) {
  const LhRandomFieldParams *params = &field->params;
  const PetscBool cut = params->clip.n == 2 ? PETSC_TRUE : PETSC_FALSE;
  const PetscReal lower = cut ? params->clip.v[0] : PETSC_MIN_REAL;
  const PetscReal upper = cut ? params->clip.v[1] : PETSC_MAX_REAL;
  const PetscReal scale = params->deviation * sqrt(2. / MODES);

  PetscFunctionBeginUser;
  *clipped = 0;
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal *at = x + 3 * (size_t)i;
    PetscReal sum = 0.;
    for (PetscInt m = 0; m < MODES; m++) {
      const PetscReal angle =
          field->wave[0][m] * at[0] + field->wave[1][m] * at[1] + field->wave[2][m] * at[2];
      sum += cos(angle + field->phase[m]);
    }
    const PetscReal raw = params->mean + scale * sum;
    value[i] = PetscMin(upper, PetscMax(lower, raw));
    *clipped += raw != value[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
