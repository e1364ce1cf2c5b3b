/// @file
/// CNT as wavy polylines: worm-like chains turned to an orientation tensor. See rve.h.
///
/// A chain's tangent turns by a small normal angle at every segment, so that <t(0).t(s)> = exp(-s/persistence). All
/// segments have one length: the mean over segments is the mean over length.
#include <math.h>
#include <stdio.h>

#include "base/tensor.h"
#include "mesh/random.h"
#include "mesh/rve_private.h"

#define TURNS 200  ///< of the iteration to an orientation tensor; ten are usual

static void Normalise(PetscReal t[3]) {
  const PetscReal norm = PetscSqrtReal(t[0] * t[0] + t[1] * t[1] + t[2] * t[2]);
  for (PetscInt d = 0; d < 3; d++) t[d] /= norm;
}

/// Next tangent of a chain in space; `angle` is the deviation of the turn about either normal.
static void TurnInSpace(uint64_t *random, PetscReal angle, const PetscReal t[3],
                        PetscReal next[3]) {
  PetscReal dot = 0.;
  for (PetscInt d = 0; d < 3; d++) {
    next[d] = LhRandomNormal(random);
    dot += next[d] * t[d];
  }
  PetscReal norm = 0.;
  for (PetscInt d = 0; d < 3; d++) {
    next[d] -= dot * t[d];
    norm += PetscSqr(next[d]);
  }
  norm = PetscSqrtReal(norm);  // Rayleigh: the two normal components of three
  const PetscReal turn = angle * norm;
  for (PetscInt d = 0; d < 3; d++)
    next[d] = PetscCosReal(turn) * t[d] + PetscSinReal(turn) * next[d] / norm;
  Normalise(next);
}

static void TurnInPlane(uint64_t *random, PetscReal angle, const PetscReal t[3],
                        PetscReal next[3]) {
  const PetscReal turn = angle * LhRandomNormal(random), c = PetscCosReal(turn),
                  s = PetscSinReal(turn);
  next[0] = c * t[0] - s * t[1];
  next[1] = s * t[0] + c * t[1];
  next[2] = 0.;
}

/// In space <cos> = exp(-angle^2) for small turns about two normals, in the plane exp(-angle^2/2) about one.
static void MakeChain(LhRve *rve, PetscInt n, PetscReal step, PetscReal tangent[][3]) {
  const LhRveTubes *cnt = &rve->spec->cnt;
  const PetscBool flat = (PetscBool)(cnt->orientation == LH_ORIENTATION_IN_PLANE);
  const PetscReal angle = PetscSqrtReal((flat ? 2. : 1.) * step / cnt->persistence);

  LhRandomDirection(&rve->random, tangent[0]);
  if (flat) {
    tangent[0][2] = 0.;
    Normalise(tangent[0]);
  }
  for (PetscInt i = 1; i < n; i++) {
    if (flat)
      TurnInPlane(&rve->random, angle, tangent[i - 1], tangent[i]);
    else
      TurnInSpace(&rve->random, angle, tangent[i - 1], tangent[i]);
  }
}

void LhRveMeasureTangents(PetscInt n, PetscReal tangent[][3], PetscReal tensor[6]) {
  for (PetscInt k = 0; k < 6; k++) tensor[k] = 0.;
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt a = 0; a < 3; a++) {
      for (PetscInt b = a; b < 3; b++)
        tensor[LhSymIndex((int)a, (int)b)] += tangent[i][a] * tangent[i][b] / (PetscReal)n;
    }
  }
}

/// R = S^power of a symmetric positive semi-definite tensor, full matrix; eigenvalues of nought stay nought.
static void Power(const PetscReal S[6], PetscReal power, PetscReal R[3][3]) {
  double A[6][LH_BATCH], x[3][LH_BATCH], n[3][3][LH_BATCH];
  for (int k = 0; k < 6; k++) LH_LANES(l) A[k][l] = S[k];
  LhSymEigen(A, x, n);
  for (PetscInt i = 0; i < 3; i++) {
    for (PetscInt j = 0; j < 3; j++) {
      R[i][j] = 0.;
      for (PetscInt a = 0; a < 3; a++) {
        if (x[a][0] > 1e-12) R[i][j] += pow(x[a][0], power) * n[a][i][0] * n[a][j][0];
      }
    }
  }
}

/// One turn: t <- target^1/2 tensor^-1/2 t, normalised (the fixed point of Tyler 1987, doi:10.1214/aos/1176350263).
static void TurnOnce(PetscInt n, PetscReal tangent[][3], const PetscReal target[6],
                     const PetscReal tensor[6]) {
  PetscReal to[3][3], from[3][3], map[3][3];
  Power(target, 0.5, to);
  Power(tensor, -0.5, from);
  for (PetscInt i = 0; i < 3; i++) {
    for (PetscInt j = 0; j < 3; j++) {
      map[i][j] = 0.;
      for (PetscInt k = 0; k < 3; k++) map[i][j] += to[i][k] * from[k][j];
    }
  }
  for (PetscInt s = 0; s < n; s++) {
    PetscReal t[3];
    for (PetscInt i = 0; i < 3; i++)
      t[i] = map[i][0] * tangent[s][0] + map[i][1] * tangent[s][1] + map[i][2] * tangent[s][2];
    if (t[0] * t[0] + t[1] * t[1] + t[2] * t[2] > 0.) Normalise(t);
    for (PetscInt i = 0; i < 3; i++) tangent[s][i] = t[i];
  }
}

void LhRveTurnTangents(PetscInt n, PetscReal tangent[][3], const PetscReal target[6]) {
  for (PetscInt k = 0; k < TURNS; k++) {
    PetscReal tensor[6], error = 0.;
    LhRveMeasureTangents(n, tangent, tensor);
    for (PetscInt c = 0; c < 6; c++) error = PetscMax(error, PetscAbsReal(tensor[c] - target[c]));
    if (error < 1e-10) return;
    TurnOnce(n, tangent, target, tensor);
  }
}

/// Polylines, and tubes a polyline stands for, from two of fraction, count and tubes.
static void CountTubes(const LhRveSpec *spec, PetscInt *count, PetscReal *tubes,
                       LhMeshProblems *problems) {
  const LhRveTubes *cnt = &spec->cnt;
  const PetscReal one = PETSC_PI / 4. * PetscSqr(cnt->diameter) * cnt->length,
                  volume = cnt->fraction * LhRveVolume(spec);

  *count = cnt->count;
  *tubes = cnt->tubes;
  if (cnt->fraction < 0.) return;
  if (!*count) *count = (PetscInt)PetscMax(1., PetscFloorReal(volume / (cnt->tubes * one) + 0.5));
  *tubes = volume / ((PetscReal)*count * one);
  if (*tubes >= 1. || cnt->tubes > 0.) return;
  LhMeshProblemAdd(problems, 0,
                   "%" PetscInt_FMT
                   " polylines of %.3g um would stand for %.3g tubes each. The "
                   "volume holds %.3g vol%% CNT as %.0f tubes: ask for at most so many polylines "
                   "(cnt.count), or a larger volume",
                   *count, cnt->length * 1e6, *tubes, cnt->fraction * 100.,
                   PetscFloorReal(volume / one));
}

/// Points from tangents: each chain starts anywhere.
static void LayChains(LhRve *rve, PetscInt n, PetscReal step, PetscReal tangent[][3]) {
  LhFibreArrays *fibres = &rve->fibres;
  for (PetscInt f = 0; f < fibres->num; f++) {
    PetscReal *x = fibres->points + 3 * (size_t)fibres->offset[f];
    for (PetscInt d = 0; d < 3; d++) x[d] = rve->spec->size[d] * LhRandomUniform(&rve->random);
    for (PetscInt i = 0; i < n; i++, x += 3) {
      for (PetscInt d = 0; d < 3; d++) x[3 + d] = x[d] + step * tangent[f * n + i][d];
    }
  }
}

/// Thickness t of a coat of a volume on tubes of a total length: pi ((d/2 + t)^2 - d^2/4) length = volume.
static PetscReal CoatThickness(PetscReal diameter, PetscReal length, PetscReal volume) {
  const PetscReal r = 0.5 * diameter;
  return PetscSqrtReal(r * r + volume / (PETSC_PI * length)) - r;
}

static void AddTubeFacts(const LhRve *rve, PetscInt n, PetscReal tangent[][3], PetscReal tubes) {
  static const char *const names[] = {"xx", "yy", "zz", "yz", "xz", "xy"};
  const LhRveTubes *cnt = &rve->spec->cnt;
  const LhFibreArrays *fibres = &rve->fibres;
  const PetscReal volume = LhRveVolume(rve->spec), none = NAN;
  const PetscReal length = tubes * cnt->length * (PetscReal)fibres->num, coat = fibres->coat[0];
  const PetscReal d = cnt->diameter,
                  around = PETSC_PI * ((d / 2. + coat) * (d / 2. + coat) - d * d / 4.);
  PetscReal tensor[6];

  LhRveAddFact(rve->facts, "cnt.fraction", "1", cnt->fraction < 0. ? none : cnt->fraction,
               PETSC_PI / 4. * d * d * length / volume);
  LhRveAddFact(rve->facts, "cnt.polylines", "1", cnt->count ? (PetscReal)cnt->count : none,
               (PetscReal)fibres->num);
  LhRveAddFact(rve->facts, "cnt.tubes_per_polyline", "1", cnt->tubes > 0. ? cnt->tubes : none,
               tubes);
  LhRveAddFact(rve->facts, "cnt.interface_per_volume", "1/m", none, PETSC_PI * d * length / volume);
  LhRveAddFact(rve->facts, "li3n.coat_fraction", "1", rve->spec->coat, around * length / volume);
  LhRveAddFact(rve->facts, "li3n.coat_thickness", "m", none, coat);
  LhRveMeasureTangents(n, tangent, tensor);
  for (PetscInt k = 0; k < 6; k++) {
    char name[64];
    (void)snprintf(name, sizeof(name), "cnt.orientation_%s", names[k]);
    LhRveAddFact(rve->facts, name, "1", cnt->tensor[k], tensor[k]);
  }
}

static PetscErrorCode FillTubes(LhRve *rve, PetscInt count, PetscReal tubes) {
  const LhRveTubes *cnt = &rve->spec->cnt;
  const PetscInt n = (PetscInt)PetscCeilReal(cnt->length / cnt->segment - 1e-9);
  const PetscReal step = cnt->length / (PetscReal)n;
  const PetscReal coat = CoatThickness(cnt->diameter, tubes * cnt->length * (PetscReal)count,
                                       rve->spec->coat * LhRveVolume(rve->spec));
  PetscReal(*tangent)[3];

  PetscFunctionBeginUser;
  PetscCall(LhFibreArraysAllocate(count, count * (n + 1), &rve->fibres));
  for (PetscInt f = 0; f < count; f++) {
    rve->fibres.offset[f] = f * (n + 1);
    rve->fibres.diameter[f] = cnt->diameter;
    rve->fibres.tubes[f] = tubes;
    rve->fibres.coat[f] = coat;
  }
  PetscCall(PetscMalloc1((size_t)count * n, &tangent));
  for (PetscInt f = 0; f < count; f++) MakeChain(rve, n, step, tangent + (size_t)f * n);
  LhRveTurnTangents(count * n, tangent, cnt->tensor);
  LayChains(rve, n, step, tangent);
  AddTubeFacts(rve, count * n, tangent, tubes);
  PetscCall(PetscFree(tangent));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRveMakeTubes(LhRve *rve, LhMeshProblems *problems) {
  const LhRveSpec *spec = rve->spec;
  PetscInt count;
  PetscReal tubes;

  PetscFunctionBeginUser;
  if (spec->cnt.fraction == 0. || (spec->cnt.fraction < 0. && !(spec->cnt.tubes > 0.))) {
    if (spec->coat > 0.) LhMeshProblemAdd(problems, 0, "there is no CNT for the Li3N to coat");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  CountTubes(spec, &count, &tubes, problems);
  if (problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(FillTubes(rve, count, tubes));
  if (!spec->periodic) PetscCall(LhRveCutTubes(spec->size, &rve->fibres));
  PetscFunctionReturn(PETSC_SUCCESS);
}
