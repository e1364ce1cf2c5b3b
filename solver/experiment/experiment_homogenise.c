/// @file
/// The experiment `homogenise`: its keys, their checks, its plan (experiment/homogenise.h).
#include <math.h>
#include <string.h>

#include "experiment/homogenise.h"

/// Memory as in the experiment `tensile`; wall time of a step per vertex on one core.
#define BYTES_PER_VERTEX        6.5e3
#define BYTES_PER_RANK          6e7
#define SECONDS_PER_VERTEX_STEP 2e-4
#define STEPS_OF_A_YIELD        25
#define STEPS_OF_A_COMPACTION   60

typedef struct {
  LhNode fibres, numerics;
} Sections;
typedef struct {
  LhNode mechanics;
} Numerics;

static const char *const words[] = {"homogenise", NULL};
static const char *const ways[] = {"pores", "voxels", NULL};
static const char *const parts[LH_NUM_PARTS] = {"elasticity", "yield", "compaction", "conduction"};
static const char *const yields[9] = {"tension_x",     "tension_y",     "tension_z",
                                      "compression_x", "compression_y", "compression_z",
                                      "shear_yz",      "shear_xz",      "shear_xy"};

static const LhParam section_rows[] = {
    LH_ROW_NODE(Sections, fibres, "", "law of the fibres of the mesh, e.g. {material: cnt, ...}"),
    LH_ROW_NODE(Sections, numerics, "", "numerical settings"),
};
static const LhParam key_rows[] = {
    LH_EXPERIMENT_KIND_ROW(LhHomogeniseKeys, words, NULL),
    LH_ROW_TEXT_LIST(LhHomogeniseKeys, parts, "[elasticity, yield, compaction, conduction]",
                     "what is found: elasticity, yield, compaction, conduction"),
    LH_ROW_TEXT_LIST(LhHomogeniseKeys, yield, "[tension_x, compression_z, tension_z, shear_xz]",
                     "tests of yield: tension_, compression_ and x, y or z; shear_ and yz, xz or "
                     "xy"),
    LH_ROW_REAL_LIST(LhHomogeniseKeys, stripped, "1", 0, 1, "[0, 0.5, 1]",
                     "states: share of the free lithium that is gone"),
    LH_ROW_CHOICE(LhHomogeniseKeys, how, ways, "voxels",
                  "as pores in the metal, or as cells of it picked at random"),
    LH_ROW_INT(LhHomogeniseKeys, seed, 0, 2147483647, "1", "number that picks the cells"),
    LH_ROW_REAL(LhHomogeniseKeys, alloy, "1", 0, 1, "1", "lithium left in LiZn, y"),
    LH_ROW_REAL(LhHomogeniseKeys, strain_rate, "s-1", 1e-12, 1e6, "",
                "rate of yield (nominal) and compaction (logarithmic); needed for these"),
    LH_ROW_REAL(LhHomogeniseKeys, offset, "1", 1e-5, 0.1, "0.002", "offset strain of yield"),
    LH_ROW_REAL(LhHomogeniseKeys, largest_strain, "1", 1e-4, 1, "0.02",
                "strain at which a test of yield ends without one"),
    LH_ROW_REAL(LhHomogeniseKeys, smallest_stretch, "1", 0.05, 0.999, "0.6",
                "F_zz at which compaction ends"),
    LH_ROW_REAL(LhHomogeniseKeys, largest_pressure, "Pa", 1, 1e12, "20 MPa",
                "stress at which compaction ends"),
    LH_ROW_REAL(LhHomogeniseKeys, liquid_conductivity, "S m-1", 1e-9, 1e4, "",
                "ionic conductivity of the liquid in voids and pores; needed for conduction"),
    LH_ROW_REAL(LhHomogeniseKeys, coat_conductivity, "S m-1", 0, 1e4, "",
                "ionic conductivity of the coat on the fibres, along them; needed when there is "
                "one"),
    LH_ROW_TEXT(LhHomogeniseKeys, base, "", "host that effective_material.yaml changes, e.g. lznc"),
};
static const LhParam numerics_rows[] = {
    LH_ROW_NODE(Numerics, mechanics, "", "Newton's method, as for the experiment tensile"),
};

static const LhTable sections_table =
    LH_TABLE(":homogenise", "sections of a volume that is homogenised", section_rows);
static const LhTable keys_table =
    LH_TABLE("experiment:homogenise", "effective properties of a periodic volume", key_rows);
static const LhTable numerics_table =
    LH_TABLE("numerics:homogenise", "numerical settings", numerics_rows);

static PetscErrorCode GetTables(PetscInt *n, const LhTable *const **tables) {
  static LhTable placed;
  static const LhTable *all[4];

  PetscFunctionBegin;
  placed = *LhMechanicsSolverTable();
  placed.name = "numerics.mechanics";
  all[0] = &sections_table;
  all[1] = &keys_table;
  all[2] = &numerics_table;
  all[3] = &placed;
  *n = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(all);
  *tables = all;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// found[k] for the words of a list that are known; others are mistakes.
static PetscErrorCode ReadWords(const LhReader *r, LhNode node, const LhTextList *list,
                                const char key[], PetscInt n, const char *const known[],
                                PetscBool found[]) {
  const LhMark mark = LhNodeGetMark(node);

  PetscFunctionBegin;
  for (PetscInt i = 0; i < list->n; i++) {
    PetscBool any = PETSC_FALSE;

    for (PetscInt k = 0; k < n; k++) {
      if (strcmp(list->v[i], known[k])) continue;
      found[k] = any = PETSC_TRUE;
    }
    if (any) continue;
    const char *near = LhNearestWord(list->v[i], n, known);

    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark, "experiment.%s: there is no '%s'%s%s%s", key,
                        list->v[i], near ? "; did you mean '" : "", near ? near : "",
                        near ? "'?" : ""));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Keys that a part needs have no default.
static PetscErrorCode CheckKeys(const LhReader *r, LhNode node, const LhHomogenise *h) {
  const LhMark mark = LhNodeGetMark(node);
  const LhHomogeniseKeys *k = &h->keys;

  PetscFunctionBegin;
  if ((h->part[LH_PART_YIELD] || h->part[LH_PART_COMPACTION]) && !(k->strain_rate > 0.))
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "experiment.strain_rate is missing: yield and compaction are at a rate"));
  if (h->part[LH_PART_CONDUCTION] && !(k->liquid_conductivity > 0.))
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "experiment.liquid_conductivity is missing: conduction needs it"));
  if (k->stripped.n < 1 || k->stripped.n > LH_HOMOGENISE_MAX_STATES)
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "experiment.stripped: expected one to %d states",
                        LH_HOMOGENISE_MAX_STATES));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadSolver(const LhReader *r, LhNode root, LhNode map, LhTensile *t) {
  const char *const *presets = LhMechanicsSolverPresets();

  PetscFunctionBegin;
  PetscCall(LhMechanicsSolverRead(r, map, root, "numerics.mechanics", &t->mechanics_spec));
  for (PetscInt k = 0; presets[k] && !(map && LhNodeFind(map, "preconditioner")); k++) {
    if (!strcmp(presets[k], "automatic_volume")) t->mechanics_spec.preconditioner = k;
  }
  if (!(map && LhNodeFind(map, "line_search")))
    t->mechanics_spec.line_search = (PetscInt)LH_SEARCH_ENERGY;
  if (!(map && LhNodeFind(map, "halvings"))) t->mechanics_spec.halvings = 0;
  if (!(map && LhNodeFind(map, "newton_iterations"))) t->mechanics_spec.newton_iterations = 20;
  PetscCall(LhDamageSolverRead(r, NULL, root, "numerics.damage", &t->damage_spec));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Precursors of the composite that `mesh.rve` names. Its mistakes are told where the mesh is made.
static PetscErrorCode ReadRecipe(LhCase c, LhNode root, LhPrecursors *recipe) {
  const LhNode mesh = LhNodeFind(root, "mesh"), name = LhMeshGetComposition(mesh);
  LhReader quiet = {.diag = NULL, .record = NULL};
  const LhMaterialData *data;
  LhMaterial material;

  PetscFunctionBegin;
  if (!name) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhDiagCreate(&quiet.diag));
  PetscCall(LhMaterialRead(c->comm, &quiet, name, LhNodeFind(LhNodeFind(mesh, "rve"), "change"),
                           c->directory, &material));
  if (material) {
    PetscCall(LhMaterialGetData(material, &data));
    *recipe = data->precursors;
  }
  PetscCall(LhMaterialDestroy(&material));
  PetscCall(LhDiagDestroy(&quiet.diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Read(LhCase c, const LhReader *r, LhNode root, const void *sections,
                           const void *keys) {
  static const char *const none[] = {NULL};
  const LhNode experiment = LhNodeFind(root, "experiment");
  const Sections *s = sections;
  Numerics numerics = {.mechanics = NULL};
  LhHomogenise *h;

  PetscFunctionBegin;
  PetscCall(PetscNew(&h));
  c->data = h;
  h->keys = *(const LhHomogeniseKeys *)keys;
  // Zero is a value here: what is not said is negative.
  if (!experiment || !LhNodeFind(experiment, "coat_conductivity")) h->keys.coat_conductivity = -1.;
  h->volume.keys = (LhTensileKeys){.grips = LH_GRIPS_PERIODIC, .axis = 2};
  h->volume.fibres_node = s->fibres;
  PetscCall(ReadWords(r, experiment, &h->keys.parts, "parts", LH_NUM_PARTS, parts, h->part));
  PetscCall(ReadWords(r, experiment, &h->keys.yield, "yield", 9, yields, h->yields));
  PetscCall(CheckKeys(r, experiment, h));
  PetscCall(ReadRecipe(c, root, &h->recipe));
  PetscCall(LhParamsRead(r, &numerics_table, s->numerics, root, "numerics", &numerics));
  PetscCall(ReadSolver(r, root, numerics.mechanics, &h->volume));
  if (s->fibres)
    PetscCall(
        LhFibreMaterialRead(c->comm, r, s->fibres, none, "fibres", c->directory, &h->volume.fibre));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A phase whose file gives no conductivity is taken for an insulator, which is worth a word.
static PetscErrorCode WarnInsulators(LhCase c) {
  const LhHomogenise *h = c->data;
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  for (PetscInt r = 0; r < mesh->num_regions && h->part[LH_PART_CONDUCTION]; r++) {
    const LhMaterialData *material = c->materials[r];

    if (!material || material->electronic_conductivity > 0. || material->ionic_conductivity > 0.)
      continue;
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_WARNING, NULL,
                        "%s: region '%s' conducts neither electrons nor ions: neither '%s' nor its "
                        "phase file gives a conductivity",
                        c->path, mesh->region_names[r], material->name));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Periodic in all directions; what a coat on fibres conducts is said.
static PetscErrorCode CheckVolume(LhCase c) {
  const LhHomogenise *h = c->data;
  const LhMeshView *mesh;
  const LhFibres *fibres;
  PetscReal thickest = 0.;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  if (!(mesh->period[0] > 0. && mesh->period[1] > 0. && mesh->period[2] > 0.))
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL,
                        "%s: a volume that is homogenised is periodic in x, y and z", c->path));
  PetscCall(LhMeshGetFibres(c->mesh, &fibres));
  for (PetscInt f = 0; fibres && f < fibres->num_fibres; f++)
    thickest = PetscMax(thickest, fibres->coat[f]);
  if (h->part[LH_PART_CONDUCTION] && thickest > 0. && h->keys.coat_conductivity < 0.)
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL,
                        "%s: experiment.coat_conductivity is missing: the fibres have a coat; say "
                        "0 S/m when it does not conduct ions",
                        c->path));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Check(LhCase c) {
  PetscFunctionBegin;
  PetscCall(LhTensileCheck(c));
  PetscCall(CheckVolume(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetUp(LhCase c) {
  LhHomogenise *h = c->data;
  PetscBool ok = PETSC_FALSE;

  PetscFunctionBegin;
  h->volume.state =
      (LhTensileState){.how = h->keys.how, .seed = h->keys.seed, .alloy = h->keys.alloy};
  PetscCall(LhTensileBuild(c, &ok));
  if (ok) PetscCall(WarnInsulators(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintPlan(LhCase c) {
  const LhHomogenise *h = c->data;

  PetscFunctionBegin;
  PetscCall(PetscPrintf(c->comm,
                        "%s: effective properties in %" PetscInt_FMT
                        " states of strip, at %.4g degC, results in %s\n",
                        c->name, h->keys.stripped.n, (double)(c->temperature - 273.15),
                        c->output.directory));
  for (PetscInt k = 0; k < LH_NUM_PARTS; k++) {
    if (h->part[k]) PetscCall(PetscPrintf(c->comm, "  %s\n", parts[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Estimate(LhCase c, LhCaseCost *cost) {
  const LhHomogenise *h = c->data;
  const LhMeshView *mesh;
  PetscMPIInt ranks;
  PetscReal steps = 0.;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCallMPI(MPI_Comm_size(c->comm, &ranks));
  if (h->part[LH_PART_ELASTICITY]) steps += 6.;
  for (int k = 0; k < 9 && h->part[LH_PART_YIELD]; k++) steps += h->yields[k] * STEPS_OF_A_YIELD;
  if (h->part[LH_PART_COMPACTION]) steps += STEPS_OF_A_COMPACTION;
  if (h->part[LH_PART_CONDUCTION]) steps += 2.;
  cost->memory = BYTES_PER_RANK * ranks + BYTES_PER_VERTEX * mesh->num_global_vertices;
  cost->seconds =
      SECONDS_PER_VERTEX_STEP * mesh->num_global_vertices * steps * h->keys.stripped.n / ranks;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Destroy(LhCase c) {
  LhHomogenise *h = c->data;

  PetscFunctionBegin;
  if (!h) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhTensileRelease(c));
  PetscCall(LhFibreMaterialDestroy(&h->volume.fibre));
  PetscCall(PetscFree(c->data));
  PetscFunctionReturn(PETSC_SUCCESS);
}

extern const LhExperiment lh_experiment_homogenise;
const LhExperiment lh_experiment_homogenise = {
    .name = "homogenise",
    .brief = "effective stiffness, yield, compaction and conductivities of a periodic volume",
    .get_tables = GetTables,
    .sections_size = sizeof(Sections),
    .keys_size = sizeof(LhHomogeniseKeys),
    .read = Read,
    .check = Check,
    .set_up = SetUp,
    .allows_void = PETSC_TRUE,
    .print_plan = PrintPlan,
    .estimate = Estimate,
    .run = LhHomogeniseDo,
    .destroy = Destroy,
};
