/// @file
/// The experiment `tensile`: its keys, their checks, its plan (experiment/tensile.h).
#include <math.h>
#include <string.h>

#include "experiment/tensile.h"

/// Memory with eight points and twenty states a cell, matrices and multigrid.
#define BYTES_PER_VERTEX 1.2e4
#define BYTES_PER_RANK   6e7
/// Wall time of a step per vertex on one core: some six Newton iterations.
#define SECONDS_PER_VERTEX_STEP 3e-4

typedef struct {
  LhNode fibres, damage, numerics;
} Sections;
typedef struct {
  PetscInt dilatation;  ///< LhMechDilatation
  LhNode mechanics, damage;
} Numerics;

static const char *const words[] = {"tensile", NULL};
static const char *const grips[] = {"periodic", "clamped", "symmetry", NULL};
static const char *const axes[] = {"x", "y", "z", NULL};
static const char *const measures[] = {"nominal", "logarithmic", NULL};
static const char *const dilatations[] = {"mean", "local", NULL};

static const LhParam section_rows[] = {
    LH_ROW_NODE(Sections, fibres, "", "law of the fibres of the mesh, e.g. {material: cnt, ...}"),
    LH_ROW_NODE(Sections, damage, "", "non-local damage, by a name of yours"),
    LH_ROW_NODE(Sections, numerics, "", "numerical settings"),
};
static const LhParam key_rows[] = {
    LH_EXPERIMENT_KIND_ROW(LhTensileKeys, words, NULL),
    LH_ROW_CHOICE(LhTensileKeys, grips, grips, NULL,
                  "how the body is held: a periodic volume; a bar with ends held in all "
                  "directions; or held along the axis only, between symmetry planes"),
    LH_ROW_CHOICE(LhTensileKeys, axis, axes, "x", "direction of the pull"),
    LH_ROW_REAL(LhTensileKeys, strain_rate, "s-1", 1e-12, 1e6, NULL,
                "rate of the strain of the gauge"),
    LH_ROW_CHOICE(LhTensileKeys, rate_of, measures, NULL,
                  "strain whose rate is constant: (l - l0)/l0 or ln(l/l0)"),
    LH_ROW_REAL(LhTensileKeys, end_strain, "1", 1e-9, 10, "2",
                "nominal strain at which the run ends at the latest"),
    LH_ROW_REAL(LhTensileKeys, rupture, "1", 0, 0.99, "0.05",
                "share of the peak force at which the body counts as broken; 0: never"),
    LH_ROW_TEXT_LIST(LhTensileKeys, deformation, "",
                     "periodic: for F_xx, yy, zz, yz, xz, xy a share of the strain, or free (mean "
                     "stress 0); default: uniaxial stress along the axis"),
    LH_ROW_TEXT_LIST(LhTensileKeys, ends, "",
                     "surfaces held and pulled; default: the two sides across the axis"),
    LH_ROW_TEXT_LIST(LhTensileKeys, gauge, "",
                     "surfaces whose distance is the gauge length; default: the ends"),
    LH_ROW_REAL_LIST(LhTensileKeys, fields_at, "1", 0, 10, "[0]",
                     "nominal strains at which fields are written, besides the end"),
    LH_ROW_NODE(LhTensileKeys, stepping, "", "size of the steps"),
    LH_ROW_NODE(LhTensileKeys, state, "", "state of strip; left out: as made"),
};
static const LhParam step_rows[] = {
    LH_ROW_REAL(LhTensileSteps, first, "1", 1e-12, 1, "1e-5", "first step of the nominal strain"),
    LH_ROW_REAL(LhTensileSteps, largest, "1", 1e-9, 1, "5e-3", "largest step"),
    LH_ROW_REAL(LhTensileSteps, smallest, "1", 1e-14, 1, "1e-8",
                "smallest step; when it fails the run ends"),
    LH_ROW_REAL(LhTensileSteps, growth, "1", 1.01, 10, "1.5", "most a step grows by"),
    LH_ROW_REAL(LhTensileSteps, damage, "1", 1e-4, 1, "0.5",
                "growth of damage at a point above which the next step is shorter"),
    LH_ROW_REAL(LhTensileSteps, mean_damage, "1", 1e-6, 1, "0.01",
                "mean growth of damage above which the next step is shorter"),
    LH_ROW_INT(LhTensileSteps, number, 0, 1000000, "0",
               "so many equal steps to end_strain; 0: adaptive"),
};
static const LhParam damage_rows[] = {
    LH_ROW_TEXT_LIST(LhTensileDamage, regions, NULL, "regions that damage together"),
    LH_ROW_REAL(LhTensileDamage, length, "m", 1e-10, 1, NULL,
                "averaging length l; cells no larger than l/3"),
    LH_ROW_REAL(LhTensileDamage, residual, "1", 1e-8, 0.1, "1e-3",
                "integrity r that full damage leaves"),
    LH_ROW_REAL(LhTensileDamage, relaxation_time, "s", 0, 1e9, "0 s",
                "viscous regularisation of damage tau; 0: none"),
    LH_ROW_NODE(LhTensileDamage, softening, NULL, "damage law, e.g. {law: ductile, ...}"),
};
static const LhParam numerics_rows[] = {
    LH_ROW_CHOICE(Numerics, dilatation, dilatations, "mean",
                  "volume change of hexahedra: mean of the cell (no locking), or local as in plain "
                  "elements of other codes"),
    LH_ROW_NODE(
        Numerics, mechanics, "",
        "Newton's method; here preconditioner automatic_volume, line_search energy, "
        "linear_tolerance 0.1, newton_iterations 50, no halvings and patience 12 (0 in steps "
        "of given number) by default"),
    LH_ROW_NODE(
        Numerics, damage, "",
        "passes between equilibrium and damage; here mixing 3 and pass_tolerance 0.1 by default"),
};

static const LhTable sections_table =
    LH_TABLE(":tensile", "sections of a body that is pulled", section_rows);
static const LhTable keys_table =
    LH_TABLE("experiment:tensile", "a body pulled to rupture", key_rows);
static const LhTable steps_table = LH_TABLE("experiment.stepping", "size of the steps", step_rows);
const LhTable lh_tensile_damage_table =
    LH_TABLE("damage.*", "non-local damage of some regions", damage_rows);
static const LhTable numerics_table =
    LH_TABLE("numerics:tensile", "numerical settings of mechanics", numerics_rows);

static PetscErrorCode GetTables(PetscInt *n, const LhTable *const **tables) {
  static LhTable placed[2];
  static const LhTable *all[8];

  PetscFunctionBegin;
  placed[0] = *LhMechanicsSolverTable();
  placed[0].name = "numerics.mechanics";
  placed[1] = *LhDamageSolverTable();
  placed[1].name = "numerics.damage";
  all[0] = &sections_table;
  all[1] = &keys_table;
  all[2] = &steps_table;
  all[3] = &lh_tensile_state_table;
  all[4] = &lh_tensile_damage_table;
  all[5] = &numerics_table;
  all[6] = &placed[0];
  all[7] = &placed[1];
  *n = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(all);
  *tables = all;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadPart(LhCase c, const LhReader *r, LhNode map, PetscInt i) {
  LhTensile *t = c->data;
  LhTensileDamage *part = &t->damage[t->num_damage++];
  const LhNode node = LhNodeGetItem(map, i);
  char path[2 * LH_NAME_MAX];

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(part->name, LhNodeGetKey(map, i), sizeof(part->name)));
  PetscCall(PetscSNPrintf(path, sizeof(path), "damage.%s", part->name));
  PetscCall(LhParamsRead(r, &lh_tensile_damage_table, node, map, path, part));
  PetscCall(PetscStrlcat(path, ".softening", sizeof(path)));
  if (part->softening)
    PetscCall(LhDamageLawRead(r, part->softening, node, path, &part->law, &part->params));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadDamage(LhCase c, const LhReader *r, LhNode map) {
  const LhMark mark = LhNodeGetMark(map);

  PetscFunctionBegin;
  if (!map) PetscFunctionReturn(PETSC_SUCCESS);
  if (LhNodeGetKind(map) != LH_NODE_MAP || LhNodeGetSize(map) > LH_TENSILE_MAX_PARTS) {
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "damage: expected at most %d sections, each {regions: [...], length: ..., "
                        "softening: {law: ...}}",
                        LH_TENSILE_MAX_PARTS));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt i = 0; i < LhNodeGetSize(map); i++) PetscCall(ReadPart(c, r, map, i));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// `free` or a number for each component; without a list uniaxial stress along the axis.
static PetscErrorCode ReadDrive(LhCase c, const LhReader *r, LhNode section) {
  LhTensile *t = c->data;
  const LhTextList *list = &t->keys.deformation;
  const LhNode node = section ? LhNodeFind(section, "deformation") : NULL;
  const LhMark mark = LhNodeGetMark(node ? node : section);

  PetscFunctionBegin;
  for (PetscInt k = 0; k < 6; k++)
    t->drive[k] = (LhTensileDrive){.free = k != t->keys.axis ? PETSC_TRUE : PETSC_FALSE,
                                   .share = k == t->keys.axis ? 1. : 0.};
  if (!list->n) PetscFunctionReturn(PETSC_SUCCESS);
  if (list->n != 6 || t->keys.grips != LH_GRIPS_PERIODIC) {
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        list->n != 6
                            ? "experiment.deformation: expected six entries, for xx, yy, zz, yz, "
                              "xz, xy"
                            : "experiment.deformation: only a periodic volume can be driven by "
                              "component; leave it out, or say grips: periodic"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt k = 0; k < 6; k++) {
    const char *why = NULL;

    t->drive[k].free = strcmp(list->v[k], "free") ? PETSC_FALSE : PETSC_TRUE;
    t->drive[k].share = 0.;
    if (!t->drive[k].free) PetscCall(LhQuantityParse(list->v[k], "1", &t->drive[k].share, &why));
    if (why)
      PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                          "experiment.deformation: '%s' is neither a share of the strain nor free",
                          list->v[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Unless the case says otherwise: multigrid for volumes that flow, a search for fibres that go slack, and steps are cut here, with damage at hand.
static PetscErrorCode ReadSolver(const LhReader *r, LhNode root, LhNode map, LhTensile *t) {
  const char *const *presets = LhMechanicsSolverPresets();
  LhMechanicsSolverSpec *spec = &t->mechanics_spec;

  PetscFunctionBegin;
  PetscCall(LhMechanicsSolverRead(r, map, root, "numerics.mechanics", spec));
  for (PetscInt k = 0; presets[k] && !(map && LhNodeFind(map, "preconditioner")); k++) {
    if (!strcmp(presets[k], "automatic_volume")) spec->preconditioner = k;
  }
  if (!(map && LhNodeFind(map, "line_search"))) spec->line_search = (PetscInt)LH_SEARCH_ENERGY;
  if (!(map && LhNodeFind(map, "halvings"))) spec->halvings = 0;
  // Where fibres go slack or slip Newton's method gains nothing by a second digit.
  if (!(map && LhNodeFind(map, "linear_tolerance"))) spec->linear_tolerance = .1;
  // A step that cannot be cut gets the time it needs; others go on while they get nearer.
  if (!(map && LhNodeFind(map, "newton_iterations"))) spec->newton_iterations = 50;
  if (!(map && LhNodeFind(map, "patience"))) spec->patience = t->steps.number ? 0 : 12;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Unless the case says otherwise passes are mixed, and stop short of equilibrium.
static PetscErrorCode ReadPasses(const LhReader *r, LhNode root, LhNode map,
                                 LhDamageSolverSpec *spec) {
  PetscFunctionBegin;
  PetscCall(LhDamageSolverRead(r, map, root, "numerics.damage", spec));
  if (!(map && LhNodeFind(map, "mixing"))) spec->mixing = 3;
  if (!(map && LhNodeFind(map, "pass_tolerance"))) spec->pass_tolerance = .1;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Read(LhCase c, const LhReader *r, LhNode root, const void *sections,
                           const void *keys) {
  static const char *const none[] = {NULL};
  const LhNode experiment = LhNodeFind(root, "experiment");
  const Sections *s = sections;
  Numerics numerics = {.mechanics = NULL};
  LhTensile *t;

  PetscFunctionBegin;
  PetscCall(PetscNew(&t));
  c->data = t;
  t->keys = *(const LhTensileKeys *)keys;
  t->fibres_node = s->fibres;
  t->damage_node = s->damage;
  PetscCall(
      LhParamsRead(r, &steps_table, t->keys.stepping, root, "experiment.stepping", &t->steps));
  PetscCall(
      LhParamsRead(r, &lh_tensile_state_table, t->keys.state, root, "experiment.state", &t->state));
  PetscCall(LhParamsRead(r, &numerics_table, s->numerics, root, "numerics", &numerics));
  t->dilatation = numerics.dilatation;
  PetscCall(ReadSolver(r, root, numerics.mechanics, t));
  PetscCall(ReadPasses(r, root, numerics.damage, &t->damage_spec));
  PetscCall(ReadDrive(c, r, experiment));
  PetscCall(ReadDamage(c, r, s->damage));
  if (s->fibres)
    PetscCall(LhFibreMaterialRead(c->comm, r, s->fibres, none, "fibres", c->directory, &t->fibre));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddNumber(LhCase c, const char name[], const char unit[], const char shown[],
                                PetscReal value, const char meaning[]) {
  LhDerived d = {.unit = unit, .shown = shown, .meaning = meaning, .value = value};

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(d.name, name, sizeof(d.name)));
  PetscCall(LhCaseAddDerived(c, &d));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetUp(LhCase c) {
  LhTensile *t = c->data;
  PetscBool ok = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(LhTensileBuild(c, &ok));
  if (!ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(AddNumber(c, "body.length", "m", "um", t->length, "size along the axis"));
  PetscCall(AddNumber(c, "body.gauge_length", "m", "um", t->gauge_length, "the gauge"));
  PetscCall(AddNumber(c, "body.area", "m2", "um^2", t->area, "gauge section as made"));
  PetscCall(AddNumber(c, "body.thickness", "m", "um", t->thickness, "smaller size across"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintPlan(LhCase c) {
  const LhTensile *t = c->data;

  PetscFunctionBegin;
  PetscCall(PetscPrintf(
      c->comm, "%s: pulled along %s at %g 1/s (%s strain), grips %s, at %.4g degC, results in %s\n",
      c->name, axes[t->keys.axis], (double)t->keys.strain_rate, measures[t->keys.rate_of],
      grips[t->keys.grips], (double)(c->temperature - 273.15), c->output.directory));
  PetscCall(PetscPrintf(c->comm, "  until the force is %g of its peak, or a strain of %g\n",
                        (double)t->keys.rupture, (double)t->keys.end_strain));
  for (PetscInt k = 0; k < t->num_damage; k++)
    PetscCall(PetscPrintf(c->comm, "  damage '%s': %s, averaged over %g um\n", t->damage[k].name,
                          t->damage[k].law->name, (double)(1e6 * t->damage[k].length)));
  if (t->fibre_term) PetscCall(PetscPrintf(c->comm, "  fibres: %s\n", t->fibre.law->name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Estimate(LhCase c, LhCaseCost *cost) {
  const LhTensile *t = c->data;
  const LhMeshView *mesh;
  PetscMPIInt ranks;
  PetscReal steps = t->steps.number;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCallMPI(MPI_Comm_size(c->comm, &ranks));
  // Rupture comes before a strain of 0.3 or so.
  if (!t->steps.number) steps = 15. + PetscMin(t->keys.end_strain, 0.3) / t->steps.largest;
  cost->memory = BYTES_PER_RANK * ranks + BYTES_PER_VERTEX * mesh->num_global_vertices;
  cost->seconds = SECONDS_PER_VERTEX_STEP * mesh->num_global_vertices * steps / ranks;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Destroy(LhCase c) {
  LhTensile *t = c->data;

  PetscFunctionBegin;
  if (!t) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhTensileRelease(c));
  PetscCall(LhFibreMaterialDestroy(&t->fibre));
  for (PetscInt k = 0; k < t->num_damage; k++) PetscCall(PetscFree(t->damage[k].params));
  PetscCall(PetscFree(c->data));
  PetscFunctionReturn(PETSC_SUCCESS);
}

extern const LhExperiment lh_experiment_tensile;
const LhExperiment lh_experiment_tensile = {
    .name = "tensile",
    .brief = "a representative volume or a bar pulled at a strain rate to rupture",
    .get_tables = GetTables,
    .sections_size = sizeof(Sections),
    .keys_size = sizeof(LhTensileKeys),
    .read = Read,
    .check = LhTensileCheck,
    .set_up = SetUp,
    .allows_void = PETSC_TRUE,
    .print_plan = PrintPlan,
    .estimate = Estimate,
    .run = LhTensileRun,
    .resume = LhTensileResume,
    .destroy = Destroy,
};
