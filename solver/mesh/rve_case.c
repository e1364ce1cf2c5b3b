/// @file
/// Tables of `mesh.rve` and how they become a spec. See rve_case.h.
#include "mesh/rve_case.h"

typedef struct {
  LhRealList size;
  LhIntList cells;
  PetscInt seed, elements, mesher;
  PetscReal edge, gap;
  PetscBool periodic;
  char matrix[LH_NAME_MAX], composition[LH_NAME_MAX];
  LhNode change, islands, li3n, cnt;
} RveParams;

typedef struct {
  PetscReal fraction, coat, diameter, deviation, aspect;
} Li3nParams;

typedef struct {
  PetscReal fraction, tubes, diameter, length, persistence, segment;
  PetscInt count, orientation;
  LhRealList tensor;
} CntParams;

static const char *const elements[] = {
    [LH_CELL_HEX8] = "voxels", [LH_CELL_TET4] = "tetrahedra", NULL};
static const char *const meshers[] = {[LH_MESHER_AUTOMATIC] = "automatic",
                                      [LH_MESHER_GMSH] = "gmsh",
                                      [LH_MESHER_LATTICE] = "lattice",
                                      NULL};
static const char *const orientations[] = {[LH_ORIENTATION_RANDOM] = "random",
                                           [LH_ORIENTATION_IN_PLANE] = "in_plane",
                                           [LH_ORIENTATION_TENSOR] = "tensor",
                                           NULL};

static const LhParam rve_rows[] = {
    LH_ROW_REAL_LIST(RveParams, size, "m", 1e-8, 1e-2, NULL, "size in x, y and z"),
    LH_ROW_INT_LIST(RveParams, cells, 1, 100000, "[48, 48, 48]",
                    "voxels in x, y and z (elements: voxels)"),
    LH_ROW_CHOICE(RveParams, elements, elements, "voxels",
                  "equal hexahedra, or tetrahedra that follow the islands"),
    LH_ROW_CHOICE(RveParams, mesher, meshers, "automatic",
                  "of tetrahedra: Gmsh's library, or a lattice that is cut, which takes any number "
                  "of islands; automatic: Gmsh up to 50 islands"),
    LH_ROW_REAL(RveParams, edge, "m", 1e-9, 1e-3, "0.4 um",
                "edge of the tetrahedra away from the islands (elements: tetrahedra)"),
    LH_ROW_BOOL(RveParams, periodic, "true",
                "opposite sides are periodic images; otherwise fibres are cut at the sides"),
    LH_ROW_INT(RveParams, seed, 0, 2147483647, "1", "number that picks the volume"),
    LH_ROW_REAL(RveParams, gap, "m", 0., 1e-3, "0.05 um",
                "smallest distance of two islands or particles"),
    LH_ROW_TEXT(RveParams, matrix, "lithium", "name of the matrix region"),
    LH_ROW_TEXT(RveParams, composition, "",
                "material whose stoichiometry gives the fractions that are left out, e.g. lznc"),
    LH_ROW_NODE(RveParams, change, "", "keys of that material that this case changes"),
    LH_ROW_NODE(RveParams, islands, "", "LiZn islands: region lizn"),
    LH_ROW_NODE(RveParams, li3n, "", "Li3N: coat of the CNT, and particles: region li3n"),
    LH_ROW_NODE(RveParams, cnt, "", "the CNT network: fibres")};

static const LhParam islands_rows[] = {
    LH_ROW_REAL(LhRveBodies, fraction, "1", 0., 0.6, "", "volume fraction; or from composition"),
    LH_ROW_REAL(LhRveBodies, diameter, "m", 1e-9, 1e-3, "1 um",
                "median diameter of the sphere of the same volume"),
    LH_ROW_REAL(LhRveBodies, deviation, "1", 0., 1.5, "0.2",
                "standard deviation of the logarithm of the diameter"),
    LH_ROW_REAL(LhRveBodies, aspect, "1", 1., 10., "1.3",
                "longest over shortest axis; the middle one is their geometric mean")};

static const LhParam li3n_rows[] = {
    LH_ROW_REAL(Li3nParams, fraction, "1", 0., 0.6, "",
                "volume fraction of coat and particles together; or from composition"),
    LH_ROW_REAL(Li3nParams, coat, "1", 0., 1., "1", "share of it that coats the CNT"),
    LH_ROW_REAL(Li3nParams, diameter, "m", 1e-9, 1e-3, "0.6 um",
                "median diameter of the particles"),
    LH_ROW_REAL(Li3nParams, deviation, "1", 0., 1.5, "0.2",
                "standard deviation of the logarithm of the diameter"),
    LH_ROW_REAL(Li3nParams, aspect, "1", 1., 10., "1", "longest over shortest axis")};

static const LhParam cnt_rows[] = {
    LH_ROW_REAL(CntParams, fraction, "1", 0., 0.5, "", "volume fraction; or from composition"),
    LH_ROW_INT(CntParams, count, 1, 10000000, "",
               "polylines; default: 200, or as many as `tubes` makes"),
    LH_ROW_REAL(CntParams, tubes, "1", 1., 1e9, "",
                "tubes that a polyline stands for; default: from fraction and count"),
    LH_ROW_REAL(CntParams, diameter, "m", 1e-10, 1e-6, "15 nm", "diameter d of a tube"),
    LH_ROW_REAL(CntParams, length, "m", 1e-9, 1e-2, "10 um", "length l of a tube"),
    LH_ROW_REAL(CntParams, persistence, "m", 1e-9, 1e3, "5 um",
                "arc length over which the tangent forgets its direction (1/e): waviness"),
    LH_ROW_REAL(CntParams, segment, "m", 1e-10, 1e-3, "0.25 um",
                "longest straight bit of a polyline"),
    LH_ROW_CHOICE(CntParams, orientation, orientations, "random",
                  "random in space, random in the xy plane, or of a given tensor"),
    LH_ROW_REAL_LIST(
        CntParams, tensor, "1", -1., 1., "",
        "mean of t t over the length: xx, yy, zz[, yz, xz, xy], with xx + yy + zz = 1")};

const LhTable lh_rve_table =
    LH_TABLE("mesh.rve", "A generated representative volume of the composite", rve_rows);
const LhTable lh_rve_islands_table =
    LH_TABLE("mesh.rve.islands", "LiZn islands: ellipsoids of lognormal size", islands_rows);
const LhTable lh_rve_li3n_table =
    LH_TABLE("mesh.rve.li3n", "Li3N on the CNT and as particles", li3n_rows);
const LhTable lh_rve_cnt_table =
    LH_TABLE("mesh.rve.cnt", "CNT as wavy polylines that may stand for bundles", cnt_rows);

static PetscErrorCode Refuse(const LhReader *reader, LhNode node, const char sentence[]) {
  const LhMark mark = LhNodeGetMark(node);
  PetscFunctionBeginUser;
  PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark, "%s", sentence));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A fraction that is in neither place is an error; a section that is left out has none of it.
static PetscErrorCode CheckFraction(const LhReader *reader, LhNode node, const char name[],
                                    PetscReal fraction) {
  PetscFunctionBeginUser;
  if (!node || fraction >= 0.) PetscFunctionReturn(PETSC_SUCCESS);
  const LhMark mark = LhNodeGetMark(node);
  PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                      "mesh.rve.%s.fraction is missing, and no mesh.rve.composition gives it",
                      name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadIslands(const LhReader *reader, LhNode section, LhNode node,
                                  PetscReal fraction, LhRveSpec *spec) {
  static const LhRveBodies none = {0};
  spec->islands.fraction = fraction;

  PetscFunctionBeginUser;
  if (node || fraction > 0.) {
    PetscCall(LhParamsRead(reader, &lh_rve_islands_table, node, section, "mesh.rve.islands",
                           &spec->islands));
    PetscCall(CheckFraction(reader, node, "islands", spec->islands.fraction));
  } else
    spec->islands = none;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadLi3n(const LhReader *reader, LhNode section, LhNode node,
                               PetscReal fraction, LhRveSpec *spec) {
  Li3nParams params = {.fraction = fraction};

  PetscFunctionBeginUser;
  if (!node && !(fraction > 0.)) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhParamsRead(reader, &lh_rve_li3n_table, node, section, "mesh.rve.li3n", &params));
  PetscCall(CheckFraction(reader, node, "li3n", params.fraction));
  spec->coat = params.fraction * params.coat;
  spec->particles = (LhRveBodies){params.fraction * (1. - params.coat), params.diameter,
                                  params.deviation, params.aspect};
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// xx + yy + zz = 1 and no direction with less than nothing: principal minors.
static PetscBool IsOrientation(const PetscReal a[6]) {
  const PetscReal det = a[0] * (a[1] * a[2] - a[3] * a[3]) - a[5] * (a[5] * a[2] - a[3] * a[4]) +
                        a[4] * (a[5] * a[3] - a[1] * a[4]);
  const PetscReal minor = PetscMin(a[0] * a[1] - a[5] * a[5],
                                   PetscMin(a[1] * a[2] - a[3] * a[3], a[0] * a[2] - a[4] * a[4]));
  return (PetscBool)(PetscAbsReal(a[0] + a[1] + a[2] - 1.) < 1e-3 && a[0] >= 0. && a[1] >= 0. &&
                     a[2] >= 0. && minor > -1e-12 && det > -1e-12);
}

static PetscErrorCode ReadTensor(const LhReader *reader, LhNode node, const CntParams *params,
                                 LhRveTubes *cnt) {
  static const PetscReal random[6] = {1. / 3., 1. / 3., 1. / 3.}, in_plane[6] = {0.5, 0.5};
  const PetscBool given = (PetscBool)(params->orientation == LH_ORIENTATION_TENSOR);

  PetscFunctionBeginUser;
  if (!given) {
    PetscCall(PetscArraycpy(cnt->tensor,
                            params->orientation == LH_ORIENTATION_RANDOM ? random : in_plane, 6));
    if (params->tensor.n)
      PetscCall(Refuse(reader, node, "mesh.rve.cnt.tensor goes with orientation: tensor only"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt k = 0; k < 6; k++) cnt->tensor[k] = k < params->tensor.n ? params->tensor.v[k] : 0.;
  if ((params->tensor.n == 3 || params->tensor.n == 6) && IsOrientation(cnt->tensor)) {
    const PetscReal trace = cnt->tensor[0] + cnt->tensor[1] + cnt->tensor[2];
    for (PetscInt k = 0; k < 6; k++) cnt->tensor[k] /= trace;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(Refuse(reader, node,
                   "mesh.rve.cnt.tensor needs three or six numbers, xx, yy, zz[, yz, xz, xy], of a "
                   "tensor without negative directions and with xx + yy + zz = 1"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadCnt(const LhReader *reader, LhNode section, LhNode node,
                              PetscReal fraction, LhRveSpec *spec) {
  CntParams params = {.fraction = fraction};
  LhRveTubes *cnt = &spec->cnt;

  PetscFunctionBeginUser;
  if (!node && !(fraction > 0.)) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhParamsRead(reader, &lh_rve_cnt_table, node, section, "mesh.rve.cnt", &params));
  if (!(params.count && params.tubes > 0.))
    PetscCall(CheckFraction(reader, node, "cnt", params.fraction));
  *cnt = (LhRveTubes){.fraction = params.fraction,
                      .count = params.count || params.tubes > 0. ? params.count : 200,
                      .tubes = params.tubes,
                      .diameter = params.diameter,
                      .length = params.length,
                      .persistence = params.persistence,
                      .segment = params.segment,
                      .orientation = params.orientation};
  PetscCall(ReadTensor(reader, node ? node : section, &params, cnt));
  if (params.fraction >= 0. && params.count && params.tubes > 0. && LhNodeFind(node, "fraction"))
    PetscCall(
        Refuse(reader, node, "mesh.rve.cnt has fraction, count and tubes; any two give the third"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRveRead(const LhReader *reader, LhNode section, const LhRveFractions *fractions,
                         LhRveSpec *spec) {
  static const LhRveFractions none = {-1., -1., -1.};
  const LhRveFractions *given = fractions ? fractions : &none;
  RveParams params = {.seed = 0};

  PetscFunctionBeginUser;
  PetscCall(LhParamsRead(reader, &lh_rve_table, section, section, "mesh.rve", &params));
  if (params.size.n != 3 || params.cells.n != 3) {
    PetscCall(Refuse(reader, section,
                     "mesh.rve.size and mesh.rve.cells need three numbers each, e.g. "
                     "[12 um, 12 um, 12 um] and [48, 48, 48]"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt d = 0; d < 3; d++) {
    spec->size[d] = params.size.v[d];
    spec->cells[d] = params.cells.v[d];
  }
  spec->seed = params.seed;
  spec->cell_type = (LhCellType)params.elements;
  spec->mesher = params.mesher;
  spec->edge = params.edge;
  spec->periodic = params.periodic;
  spec->gap = params.gap;
  PetscCall(PetscStrncpy(spec->matrix, params.matrix, sizeof(spec->matrix)));
  PetscCall(ReadIslands(reader, section, params.islands, given->lizn, spec));
  PetscCall(ReadLi3n(reader, section, params.li3n, given->li3n, spec));
  PetscCall(ReadCnt(reader, section, params.cnt, given->cnt, spec));
  PetscFunctionReturn(PETSC_SUCCESS);
}
