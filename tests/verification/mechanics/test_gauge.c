/// Checks: a gauge held in clamps and pulled, whole and as the eighth that three symmetry planes leave.
/// Reference: the eighth is the same discrete problem; far from the clamps stress is uniaxial (Saint-Venant).
/// Tolerance and why: 1e-7 between the two, up to solvers; 1 % of the stress two thicknesses from a clamp.
/// Fails if: clamps let a node slip, or a symmetry plane bears shear.
#include "unit/mechanics/fixture.h"

static const double width = 1e-6, gauge_length = 6e-6, youngs_modulus = 7.81e9;

static void MakeGauge(Fixture *f, PetscBool eighth) {
  static const Value values[] = {
      {"youngs_modulus",    7.81e9},
      {"poisson_ratio",     .38   },
      {"yield_stress",      1e6   },
      {"hardening_modulus", 1e9   },
      {NULL,                0.    }
  };
  const double part = eighth ? .5 : 1.;
  const double size[3] = {part * width, part * width, part * gauge_length};
  const PetscInt n = eighth ? 2 : 4, cells[3] = {n, n, 3 * n};

  OK(FixtureBox(f, PETSC_COMM_WORLD, LH_CELL_HEX8, cells, size, 0.));
  OK(FixturePhase(f, "j2_hencky", LH_WEIGHT_ONE, values));
  OK(FixtureProblem(f, LH_MECH_DILATATION_MEAN));
  if (eighth) FixtureRollers(f);
}

/// Pulls both ends apart by `strain` of the length and returns the force on the whole section.
static double Pull(PetscBool eighth, double strain, double *middle) {
  const double end = .5 * strain * gauge_length;
  LhMechCellFields fields;
  double force[3], stress = 0.;
  PetscReal *centres;
  const LhMeshView *view;
  Fixture f;

  MakeGauge(&f, eighth);
  for (int c = 0; c < 3; c++) {
    FixtureLoad(&f, LH_MECH_DISPLACEMENT, "top", c, c == 2 ? end : 0.);
    if (!eighth) FixtureLoad(&f, LH_MECH_DISPLACEMENT, "bottom", c, c == 2 ? -end : 0.);
  }
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  OK(LhMechanicsGetReaction(f.mech, FixtureSurface(&f, "top"), force));
  OK(LhMeshGetView(f.mesh, &view));
  OK(LhMechanicsGetCellFields(f.mech, &fields));
  OK(PetscMalloc1(3 * view->num_cells, &centres));
  OK(LhMeshGetCellCentres(f.mesh, centres));
  for (PetscInt c = 0; c < view->num_cells; c++) {
    const double z = centres[3 * c + 2] - (eighth ? 0. : .5 * gauge_length);
    if (fabs(z) < width / 2.) stress = fmax(stress, fields.cauchy[6 * c + 2]);
  }
  OK(MPI_Allreduce(&stress, middle, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  OK(PetscFree(centres));
  OK(FixtureDestroy(&f));
  return force[2] * (eighth ? 4. : 1.);
}

static void CheckPull(double strain, double tolerance) {
  double middle[2], force[2];

  force[0] = Pull(PETSC_FALSE, strain, &middle[0]);
  force[1] = Pull(PETSC_TRUE, strain, &middle[1]);
  assert_true(force[0] > 0.);
  CheckRelative("force of the eighth [N]", force[1], force[0], 1e-7);
  CheckRelative("stress in its middle [Pa]", middle[1], middle[0], 1e-7);
  CheckRelative("stress in the middle times section [N]", middle[0] * width * width, force[0],
                tolerance);
}

static void TestElastic(void **state) {
  double middle, force;

  (void)state;
  CheckPull(1e-5, .01);
  // Clamps stiffen the ends a little.
  force = Pull(PETSC_TRUE, 1e-5, &middle) / (width * width * youngs_modulus * 1e-5);
  print_message("stiffness of the gauge over E A / L: %.4f\n", force);
  assert_true(force > 1. && force < 1.1);
}

static void TestPlastic(void **state) {
  (void)state;
  CheckPull(2e-3, .02);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestElastic), cmocka_unit_test(TestPlastic)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
