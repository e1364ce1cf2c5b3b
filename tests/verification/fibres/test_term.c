/// Checks: forces and stiffness that fibres add to a batch of cells: stiffness = derivative of force, symmetric; balance
///   of force and moment; rotation turns the force and does nothing else; rollback; packing.
/// Reference: fourth-order central differences; exact invariances.
/// Tolerance and why: 1e-6 of the largest entry for differences (rounding 1e-16 / step 1e-6 of the size); 1e-10 of the
///   sum of absolute forces for invariances, which is rounding.
/// Fails if: a piece sits in the wrong lane or node, a term of the tangent is missing, or a step leaves a trace.
#include "verification/fibres/fibre_set.h"

#define SIDE 4e-6

static const Value values[] = {
    {"fibre_modulus",      300e9},
    {"tensile_strength",   50e9 },
    {"interface_strength", 50e6 },
    {NULL,                 0.   }
};

typedef struct {
  Fixture f;
  FibreSet set;
} FibreBox;

static void MakeBox(FibreBox *box, LhCellType type, const char law[]) {
  static const PetscInt n[3] = {3, 2, 3};
  static const double size[3] = {SIDE, SIDE, SIDE};
  static const double ends[] = {.2e-6,  .3e-6, .1e-6, 3.7e-6, 3.1e-6, 3.8e-6,
                                3.6e-6, .5e-6, .4e-6, .3e-6,  2.9e-6, 3.3e-6};

  memset(box, 0, sizeof(*box));
  OK(FixtureBox(&box->f, PETSC_COMM_SELF, type, n, size, type == LH_CELL_TET4 ? .2 : 0.));
  OK(FixtureNeoHookean(&box->f, 1e9, 1e9));
  OK(FixtureProblem(&box->f, LH_MECH_DILATATION_LOCAL));
  OK(FibreSetLines(&box->set, box->f.mesh, 2, ends, 15e-9, 3.));
  OK(FibreSetLaw(&box->set, law, values));
  OK(FibreSetTerm(&box->set, box->f.mech));
}

typedef struct {
  FibreBox box;
  PetscInt num_nodes, num_dofs;
  const LhBatch *batch;
  LhMechBatch in;
  LhMechWork *work;
} Subject;

/// The batch with most fibre, its nodes displaced: a stretch and a wave.
static void MakeSubject(Subject *s, LhCellType type, const char law[]) {
  const LhSpaceView *view;
  LhBatches batches;
  LhSpace space;
  PetscInt n;

  MakeBox(&s->box, type, law);
  OK(LhMechanicsGetSpace(s->box.f.mech, &space));
  OK(LhSpaceGetView(space, &view));
  OK(LhMechanicsGetBatches(s->box.f.mech, &batches));
  OK(LhBatchesGet(batches, &n, &s->batch));
  s->num_nodes = view->nodes_per_cell;
  s->num_dofs = 3 * s->num_nodes;
  s->in = (LhMechBatch){.dt = 1.};
  OK(LhMechWorkCreate(&s->work));
  LhBatchGather(s->batch, s->num_nodes, 3, view->coords, s->work->x);
  for (PetscInt d = 0; d < s->num_dofs; d++) {
    const PetscInt a = d - d % 3;
    for (int l = 0; l < LH_BATCH; l++) {
      const double *x[3] = {&s->work->x[a][l], &s->work->x[a + 1][l], &s->work->x[a + 2][l]};
      s->work->u[d][l] = .02 * *x[d % 3] + .01 * *x[(d + 1) % 3] +
                         .005 * SIDE * sin(2. * (*x[0] + 2. * *x[1] - *x[2]) / SIDE);
    }
  }
}

static void DestroySubject(Subject *s) {
  OK(LhMechWorkDestroy(&s->work));
  OK(FixtureDestroy(&s->box.f));
  OK(FibreSetDestroy(&s->box.set));
}

static void Evaluate(Subject *s, LhMechTask task) {
  memset(s->work->f, 0, sizeof(s->work->f));
  memset(s->work->K, 0, sizeof(s->work->K));
  OK(LhFibreTermAddBatch(s->box.set.term, 0, &s->in, task, s->work));
}

static double Largest(const Subject *s) {
  double largest = 0.;

  for (PetscInt k = 0; k < s->num_dofs * s->num_dofs; k++) {
    for (PetscInt l = 0; l < s->batch->num_active; l++) {
      largest = fmax(largest, fabs(s->work->K[k][l]));
    }
  }
  return largest;
}

static void CheckColumn(Subject *s, PetscInt e, const LhMechWork *exact, double largest) {
  static const double shift[4] = {-2., -1., 1., 2.},
                      weight[4] = {1. / 12, -8. / 12, 8. / 12, -1. / 12};
  const double h = 1e-6 * SIDE;
  double sum[LH_MECH_MAX_DOFS][LH_BATCH] = {{0.}}, kept[LH_BATCH];

  memcpy(kept, s->work->u[e], sizeof(kept));
  for (int k = 0; k < 4; k++) {
    for (int l = 0; l < LH_BATCH; l++) s->work->u[e][l] = kept[l] + shift[k] * h;
    Evaluate(s, LH_MECH_RESIDUAL);
    for (PetscInt d = 0; d < s->num_dofs; d++) {
      for (int l = 0; l < LH_BATCH; l++) sum[d][l] += weight[k] * s->work->f[d][l] / h;
    }
  }
  memcpy(s->work->u[e], kept, sizeof(kept));
  for (PetscInt d = 0; d < s->num_dofs; d++) {
    for (PetscInt l = 0; l < s->batch->num_active; l++) {
      const double K = exact->K[d * s->num_dofs + e][l];
      assert_true(fabs(K - sum[d][l]) < 1e-6 * largest);
      assert_true(fabs(K - exact->K[e * s->num_dofs + d][l]) <= 1e-14 * largest);
    }
  }
}

static void CheckTangent(LhCellType type, const char law[]) {
  LhMechWork *exact;
  double largest;
  Subject s;

  MakeSubject(&s, type, law);
  OK(LhMechWorkCreate(&exact));
  Evaluate(&s, LH_MECH_TANGENT);
  memcpy(exact, s.work, sizeof(*exact));
  largest = Largest(&s);
  assert_true(largest > 0.);
  for (PetscInt e = 0; e < s.num_dofs; e++) CheckColumn(&s, e, exact, largest);
  OK(LhMechWorkDestroy(&exact));
  DestroySubject(&s);
}

static void TestTangent(void **state) {
  (void)state;
  CheckTangent(LH_CELL_HEX8, "elastic_truss");
  CheckTangent(LH_CELL_HEX8, "kelly_tyson");
  CheckTangent(LH_CELL_TET4, "elastic_truss");
  CheckTangent(LH_CELL_TET4, "kelly_tyson");
}

/// Net force and moment about the origin of the displaced cell.
static void CheckBalance(const Subject *s) {
  const LhMechWork *w = s->work;

  for (PetscInt l = 0; l < s->batch->num_active; l++) {
    double force[3] = {0.}, moment[3] = {0.}, scale = 0.;

    for (PetscInt d = 0; d < s->num_dofs; d++) {
      const PetscInt i = d % 3, a = d - i, j = (i + 1) % 3, k = (i + 2) % 3;
      force[i] += w->f[d][l];
      moment[i] += (w->x[a + j][l] + w->u[a + j][l]) * w->f[a + k][l] -
                   (w->x[a + k][l] + w->u[a + k][l]) * w->f[a + j][l];
      scale += fabs(w->f[d][l]);
    }
    for (int i = 0; i < 3; i++) {
      assert_true(fabs(force[i]) <= 1e-10 * scale);
      assert_true(fabs(moment[i]) <= 1e-10 * scale * SIDE);
    }
  }
}

static void CheckRotation(LhCellType type, const char law[]) {
  // 3-2-1 rotation by 1.1, -0.4 and 2 rad.
  const double c[3] = {cos(1.1), cos(-.4), cos(2.)}, t[3] = {sin(1.1), sin(-.4), sin(2.)};
  const double R[9] = {c[0] * c[1],
                       c[0] * t[1] * t[2] - t[0] * c[2],
                       c[0] * t[1] * c[2] + t[0] * t[2],
                       t[0] * c[1],
                       t[0] * t[1] * t[2] + c[0] * c[2],
                       t[0] * t[1] * c[2] - c[0] * t[2],
                       -t[1],
                       c[1] * t[2],
                       c[1] * c[2]};
  LhMechWork *before;
  Subject s;

  MakeSubject(&s, type, law);
  OK(LhMechWorkCreate(&before));
  Evaluate(&s, LH_MECH_RESIDUAL);
  CheckBalance(&s);
  memcpy(before, s.work, sizeof(*before));
  for (PetscInt d = 0; d < s.num_dofs; d++) {
    for (int l = 0; l < LH_BATCH; l++) {
      s.work->u[d][l] = -s.work->x[d][l];
      for (int j = 0; j < 3; j++) {
        const PetscInt e = d - d % 3 + j;
        s.work->u[d][l] += R[3 * (d % 3) + j] * (before->x[e][l] + before->u[e][l]);
      }
    }
  }
  Evaluate(&s, LH_MECH_RESIDUAL);
  for (PetscInt k = 0; k < s.num_dofs * s.batch->num_active; k++) {
    const PetscInt d = k / s.batch->num_active, l = k % s.batch->num_active;
    double turned = 0.;

    for (int j = 0; j < 3; j++) turned += R[3 * (d % 3) + j] * before->f[d - d % 3 + j][l];
    assert_true(fabs(s.work->f[d][l] - turned) < 1e-10 * 300e9 * 5.3e-16);
  }
  OK(LhMechWorkDestroy(&before));
  DestroySubject(&s);
}

static void TestRotation(void **state) {
  (void)state;
  CheckRotation(LH_CELL_HEX8, "elastic_truss");
  CheckRotation(LH_CELL_HEX8, "kelly_tyson");
  CheckRotation(LH_CELL_TET4, "kelly_tyson");
}

static void TestRollback(void **state) {
  double *first, *second;
  PetscInt size;
  Subject s;

  (void)state;
  MakeSubject(&s, LH_CELL_HEX8, "kelly_tyson");
  OK(LhFibreTermGetHistorySize(s.box.set.term, &size));
  size *= s.box.set.fibres->num_pieces;
  OK(PetscMalloc2(size, &first, size, &second));
  Evaluate(&s, LH_MECH_RESIDUAL);
  OK(LhFibreTermAccept(s.box.set.term));
  OK(LhFibreTermPackHistory(s.box.set.term, first));
  // A step in two parts that is rejected leaves nothing.
  for (int part = 0; part < 2; part++) {
    for (PetscInt d = 0; d < s.num_dofs; d++) {
      for (int l = 0; l < LH_BATCH; l++) s.work->u[d][l] *= 1.7;
    }
    Evaluate(&s, LH_MECH_RESIDUAL);
    if (!part) OK(LhFibreTermAdvance(s.box.set.term));
  }
  OK(LhFibreTermReject(s.box.set.term));
  OK(LhFibreTermPackHistory(s.box.set.term, second));
  assert_memory_equal(first, second, (size_t)size * sizeof(double));
  // Unpacking brings back what was packed.
  Evaluate(&s, LH_MECH_RESIDUAL);
  OK(LhFibreTermAccept(s.box.set.term));
  OK(LhFibreTermPackHistory(s.box.set.term, second));
  assert_memory_not_equal(first, second, (size_t)size * sizeof(double));
  OK(LhFibreTermUnpackHistory(s.box.set.term, first));
  OK(LhFibreTermPackHistory(s.box.set.term, second));
  assert_memory_equal(first, second, (size_t)size * sizeof(double));
  OK(PetscFree2(first, second));
  DestroySubject(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestTangent), cmocka_unit_test(TestRotation),
                                     cmocka_unit_test(TestRollback)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
