/// @file
/// Owns the reading of `axes:`: list, linspace, logspace, zip, Latin hypercube, Sobol, random volumes.
#include "study/axis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/design.h"

typedef struct {
  LhNode key, list, linspace, logspace, zip, latin_hypercube, sobol, random_volumes;
  char name[LH_NAME_MAX], in[LH_NAME_MAX], text[LH_NAME_MAX];
} AxisKeys;
typedef struct {
  char from[LH_NAME_MAX], to[LH_NAME_MAX];
  PetscInt count;
} SpaceKeys;
typedef struct {
  PetscInt count, seed;
  LhNode over;
} DesignKeys;
typedef struct {
  LhNode key;
  char name[LH_NAME_MAX], in[LH_NAME_MAX], text[LH_NAME_MAX], from[LH_NAME_MAX], to[LH_NAME_MAX];
  PetscInt scale;
} OverKeys;
typedef struct {
  PetscInt count, seed;
} VolumeKeys;

static const char *const scales[] = {"linear", "log", NULL};

#define NAMING_ROWS(T)                                                                 \
  LH_ROW_TEXT(T, name, "", "name of the column, by default the last word of the key"), \
      LH_ROW_TEXT(T, in, "", "base case the key is for; left out: all that have it"),  \
      LH_ROW_TEXT(T, text, "", "text around the value, e.g. 'strip at {} until 1 V'")

static const LhParam axis_rows[] = {
    LH_ROW_NODE(AxisKeys, key, "", "key of case or material, or several that take the same value"),
    NAMING_ROWS(AxisKeys),
    LH_ROW_NODE(AxisKeys, list, "", "the values"),
    LH_ROW_NODE(AxisKeys, linspace, "", "evenly spaced values"),
    LH_ROW_NODE(AxisKeys, logspace, "", "values with a constant ratio"),
    LH_ROW_NODE(AxisKeys, zip, "", "axes of the same length that are walked together"),
    LH_ROW_NODE(AxisKeys, latin_hypercube, "", "a Latin hypercube over several keys"),
    LH_ROW_NODE(AxisKeys, sobol, "", "a Sobol sequence over several keys"),
    LH_ROW_NODE(AxisKeys, random_volumes, "", "the case repeated in other random volumes")};
static const LhParam space_rows[] = {
    LH_ROW_TEXT(SpaceKeys, from, NULL, "first value, with its unit"),
    LH_ROW_TEXT(SpaceKeys, to, NULL, "last value, in the same unit"),
    LH_ROW_INT(SpaceKeys, count, 2, 10000, NULL, "how many values")};
static const LhParam design_rows[] = {
    LH_ROW_INT(DesignKeys, count, 1, LH_SOBOL_MAX_POINTS, NULL, "how many points"),
    LH_ROW_INT(DesignKeys, seed, 0, 2147483647, NULL, "number that picks the sample"),
    LH_ROW_NODE(DesignKeys, over, NULL, "list of keys with from, to and scale")};
static const LhParam over_rows[] = {
    LH_ROW_NODE(OverKeys, key, NULL, "key of case or material, or several"), NAMING_ROWS(OverKeys),
    LH_ROW_TEXT(OverKeys, from, NULL, "lower end, with its unit"),
    LH_ROW_TEXT(OverKeys, to, NULL, "upper end, in the same unit"),
    LH_ROW_CHOICE(OverKeys, scale, scales, "linear",
                  "whether values or their logarithms are even")};
static const LhParam volume_rows[] = {
    LH_ROW_INT(VolumeKeys, count, 1, 10000, NULL, "how many volumes"),
    LH_ROW_INT(VolumeKeys, seed, 0, 2147483647, "1", "number from which all seeds follow")};

static const LhTable axis_table = LH_TABLE("study.axes.[]", "one axis; give one kind", axis_rows);
static const LhTable space_table = LH_TABLE("study.axes.[].linspace", "even steps", space_rows);
static const LhTable log_table = LH_TABLE("study.axes.[].logspace", "even ratios", space_rows);
static const LhTable design_table = LH_TABLE("study.axes.[].sobol", "a design", design_rows);
static const LhTable over_table = LH_TABLE("study.axes.[].sobol.over.[]", "one key", over_rows);
static const LhTable volume_table =
    LH_TABLE("study.axes.[].random_volumes", "other random volumes", volume_rows);

PetscErrorCode LhAxesGetTables(PetscInt *n, const LhTable *const **tables) {
  static const LhTable *const list[] = {&axis_table,   &space_table, &log_table,
                                        &design_table, &over_table,  &volume_table};

  PetscFunctionBegin;
  *n = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(list);
  *tables = list;
  PetscFunctionReturn(PETSC_SUCCESS);
}

#define Complain(r, node, ...)                                           \
  do {                                                                   \
    const LhMark mark_ = LhNodeGetMark(node);                            \
    PetscCall(LhDiagAdd((r)->diag, LH_DIAG_ERROR, &mark_, __VA_ARGS__)); \
  } while (0)

/// Number at the beginning of a value and the unit behind it ("1" when there is none); false for words.
static PetscBool Split(const char text[], PetscReal *number, char unit[LH_UNIT_MAX]) {
  char *end;
  size_t length;

  *number = strtod(text, &end);
  if (end == text || !isfinite(*number)) return PETSC_FALSE;
  while (*end == ' ') end++;
  length = strlen(end);
  while (length && end[length - 1] == ' ') length--;
  if (length >= LH_UNIT_MAX) return PETSC_FALSE;
  memcpy(unit, end, length);
  unit[length] = 0;
  if (!length) strcpy(unit, "1");
  return PETSC_TRUE;
}

static void Join(PetscReal number, const char unit[], char text[LH_STUDY_TEXT_MAX]) {
  (void)snprintf(text, LH_STUDY_TEXT_MAX, "%.12g%s%s", (double)number, strcmp(unit, "1") ? " " : "",
                 strcmp(unit, "1") ? unit : "");
}

static PetscErrorCode AddKey(const LhReader *r, LhNode node, LhStudyColumn *column) {
  const char *text = LhNodeGetText(node);

  PetscFunctionBegin;
  if (!text || !*text || strlen(text) >= LH_STUDY_TEXT_MAX) {
    Complain(r, node, "axes: expected a key such as materials.lznc.porosity");
  } else if (column->num_keys == LH_STUDY_MAX_KEYS) {
    Complain(r, node, "axes: at most %d keys take one value", LH_STUDY_MAX_KEYS);
  } else {
    PetscCall(PetscStrncpy(column->keys[column->num_keys++], text, LH_STUDY_TEXT_MAX));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A new column of `n` empty values.
static PetscErrorCode AddColumn(const LhReader *r, LhAxes *axes, LhNode key, LhNode place,
                                const char name[], PetscInt n, LhStudyColumn **out) {
  LhStudyColumn *column = &axes->columns[axes->num_columns];
  const char *dot;

  PetscFunctionBegin;
  *out = NULL;
  if (axes->num_columns == LH_STUDY_MAX_COLUMNS) {
    Complain(r, place, "axes: more than %d columns", LH_STUDY_MAX_COLUMNS);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  axes->num_columns++;
  *out = column;
  column->mark = LhNodeGetMark(key ? key : place);
  column->n = n;
  PetscCall(PetscCalloc1(PetscMax(n, 1), &column->value));
  if (key && LhNodeGetKind(key) == LH_NODE_LIST) {
    for (PetscInt i = 0; i < LhNodeGetSize(key); i++)
      PetscCall(AddKey(r, LhNodeGetItem(key, i), column));
  } else if (key) {
    PetscCall(AddKey(r, key, column));
  }
  dot = strrchr(column->keys[0], '.');
  PetscCall(PetscStrncpy(column->name,
                         *name ? name
                         : dot ? dot + 1
                               : column->keys[0],
                         sizeof(column->name)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Units of the values agree, or all are words.
static PetscErrorCode SetUnit(const LhReader *r, LhNode place, LhStudyColumn *column) {
  PetscInt numbers = 0;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < column->n; i++) {
    char unit[LH_UNIT_MAX];
    PetscReal number;

    if (!Split(column->value[i], &number, unit)) continue;
    if (numbers++ && strcmp(unit, column->unit)) {
      Complain(r, place, "axes: '%s' mixes the units '%s' and '%s'; one column has one unit",
               column->name, column->unit, unit);
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    PetscCall(PetscStrncpy(column->unit, unit, sizeof(column->unit)));
  }
  column->words = numbers < column->n ? PETSC_TRUE : PETSC_FALSE;
  if (column->words) PetscCall(PetscStrncpy(column->unit, "1", sizeof(column->unit)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadList(const LhReader *r, LhNode list, LhStudyColumn *column) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < column->n; i++) {
    const char *text = LhNodeGetText(LhNodeGetItem(list, i));

    if (!text || strlen(text) >= LH_STUDY_TEXT_MAX) {
      Complain(r, list,
               "axes: entry %d of the list is no single value; put lists in quotes: "
               "\"[1, 2]\"",
               (int)i);
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    PetscCall(PetscStrncpy(column->value[i], text, LH_STUDY_TEXT_MAX));
  }
  PetscCall(SetUnit(r, list, column));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  PetscReal ends[2];
  char unit[LH_UNIT_MAX];
  PetscBool logarithmic;
} Range;

/// Ends of a range as numbers of one unit; `*ok` false after a complaint.
static PetscErrorCode ReadEnds(const LhReader *r, LhNode place, const char from[], const char to[],
                               Range *range, PetscBool *ok) {
  char other[LH_UNIT_MAX];

  PetscFunctionBegin;
  *ok = PETSC_FALSE;
  if (!Split(from, &range->ends[0], range->unit) || !Split(to, &range->ends[1], other)) {
    if (*from && *to) Complain(r, place, "axes: 'from' and 'to' need numbers with units");
  } else if (strcmp(range->unit, other)) {
    Complain(r, place, "axes: 'from' is in '%s' and 'to' in '%s'; use one unit", range->unit,
             other);
  } else if (range->logarithmic && !(range->ends[0] > 0 && range->ends[1] > 0)) {
    Complain(r, place, "axes: even ratios need ends above zero");
  } else {
    *ok = PETSC_TRUE;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Value at the share `x` of a range.
static PetscReal Between(const Range *range, PetscReal x) {
  const PetscReal *ends = range->ends;

  if (range->logarithmic) return ends[0] * pow(ends[1] / ends[0], x);
  return ends[0] + (ends[1] - ends[0]) * x;
}

static PetscErrorCode ReadSpace(const LhReader *r, LhNode map, PetscBool logarithmic, LhNode key,
                                const char name[], LhAxes *axes, LhStudyColumn **out) {
  SpaceKeys keys = {.from = "", .to = ""};
  Range range = {.logarithmic = logarithmic};
  PetscBool ok;

  PetscFunctionBegin;
  *out = NULL;
  PetscCall(LhParamsRead(r, logarithmic ? &log_table : &space_table, map, map,
                         logarithmic ? "axes.logspace" : "axes.linspace", &keys));
  PetscCall(ReadEnds(r, map, keys.from, keys.to, &range, &ok));
  if (!ok || keys.count < 2) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(AddColumn(r, axes, key, map, name, keys.count, out));
  if (!*out) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscStrncpy((*out)->unit, range.unit, sizeof((*out)->unit)));
  for (PetscInt i = 0; i < keys.count; i++)
    Join(Between(&range, (PetscReal)i / (PetscReal)(keys.count - 1)), range.unit, (*out)->value[i]);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One key of a design, values from column `d` of the points.
static PetscErrorCode ReadOver(const LhReader *r, LhNode map, LhAxes *axes, PetscInt n,
                               PetscInt dimensions, const PetscReal *x) {
  OverKeys keys = {.name = "", .in = "", .text = "", .from = "", .to = ""};
  LhStudyColumn *column;
  Range range = {.logarithmic = PETSC_FALSE};
  PetscBool ok;

  PetscFunctionBegin;
  PetscCall(LhParamsRead(r, &over_table, map, map, "axes.over", &keys));
  range.logarithmic = (PetscBool)keys.scale;
  PetscCall(ReadEnds(r, map, keys.from, keys.to, &range, &ok));
  if (!ok || !keys.key) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(AddColumn(r, axes, keys.key, map, keys.name, n, &column));
  if (!column) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscStrncpy(column->unit, range.unit, sizeof(column->unit)));
  PetscCall(PetscStrncpy(column->in, keys.in, sizeof(column->in)));
  PetscCall(PetscStrncpy(column->pattern, keys.text, sizeof(column->pattern)));
  for (PetscInt i = 0; i < n; i++)
    Join(Between(&range, x[i * dimensions]), range.unit, column->value[i]);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadDesign(const LhReader *r, LhNode map, PetscBool sobol, LhAxes *axes) {
  DesignKeys keys = {0};
  PetscInt dimensions;
  PetscReal *x;

  PetscFunctionBegin;
  PetscCall(LhParamsRead(r, &design_table, map, map, sobol ? "axes.sobol" : "axes.latin_hypercube",
                         &keys));
  dimensions = LhNodeGetSize(keys.over);
  if (keys.count < 1 || !keys.over) PetscFunctionReturn(PETSC_SUCCESS);
  if (LhNodeGetKind(keys.over) != LH_NODE_LIST || dimensions < 1 ||
      dimensions > LH_SOBOL_MAX_DIMENSIONS) {
    Complain(r, keys.over, "axes: 'over' needs a list of 1 to %d entries, each {key, from, to}",
             LH_SOBOL_MAX_DIMENSIONS);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscMalloc1(keys.count * dimensions, &x));
  if (sobol)
    PetscCall(LhSobol(keys.count, dimensions, keys.seed, x));
  else
    PetscCall(LhLatinHypercube(keys.count, dimensions, keys.seed, x));
  for (PetscInt d = 0; d < dimensions; d++)
    PetscCall(ReadOver(r, LhNodeGetItem(keys.over, d), axes, keys.count, dimensions, x + d));
  PetscCall(PetscFree(x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadVolumes(const LhReader *r, LhNode map, const char name[], LhAxes *axes) {
  VolumeKeys keys = {0};
  LhStudyColumn *column;

  PetscFunctionBegin;
  PetscCall(LhParamsRead(r, &volume_table, map, map, "axes.random_volumes", &keys));
  if (keys.count < 1) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(AddColumn(r, axes, NULL, map, *name ? name : "volume", keys.count, &column));
  if (!column) PetscFunctionReturn(PETSC_SUCCESS);
  column->volumes = PETSC_TRUE;
  column->seed = keys.seed;
  PetscCall(PetscStrncpy(column->unit, "1", sizeof(column->unit)));
  for (PetscInt i = 0; i < keys.count; i++) Join((PetscReal)(i + 1), "1", column->value[i]);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadColumns(const LhReader *r, LhNode map, PetscBool inside_zip,
                                  LhAxes *axes);

static PetscErrorCode ReadZip(const LhReader *r, LhNode list, LhAxes *axes) {
  PetscFunctionBegin;
  if (LhNodeGetKind(list) != LH_NODE_LIST)
    Complain(r, list, "axes.zip: expected a list of axes");
  else
    for (PetscInt i = 0; i < LhNodeGetSize(list); i++)
      PetscCall(ReadColumns(r, LhNodeGetItem(list, i), PETSC_TRUE, axes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A column of its own: list, linspace, logspace.
static PetscErrorCode ReadSingle(const LhReader *r, LhNode map, const AxisKeys *keys,
                                 LhAxes *axes) {
  LhStudyColumn *column = NULL;

  PetscFunctionBegin;
  if (!keys->key) {
    Complain(r, map, "axes: the axis names no key");
  } else if (keys->list && LhNodeGetKind(keys->list) != LH_NODE_LIST) {
    Complain(r, keys->list, "axes.list: expected a list of values");
  } else if (keys->list) {
    PetscCall(AddColumn(r, axes, keys->key, map, keys->name, LhNodeGetSize(keys->list), &column));
    if (column) PetscCall(ReadList(r, keys->list, column));
  } else {
    PetscCall(ReadSpace(r, keys->linspace ? keys->linspace : keys->logspace,
                        keys->logspace ? PETSC_TRUE : PETSC_FALSE, keys->key, keys->name, axes,
                        &column));
  }
  if (column) {
    PetscCall(PetscStrncpy(column->in, keys->in, sizeof(column->in)));
    PetscCall(PetscStrncpy(column->pattern, keys->text, sizeof(column->pattern)));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadColumns(const LhReader *r, LhNode map, PetscBool inside_zip,
                                  LhAxes *axes) {
  AxisKeys k = {.name = "", .in = "", .text = ""};
  PetscInt kinds;

  PetscFunctionBegin;
  PetscCall(LhParamsRead(r, &axis_table, map, map, "axes", &k));
  kinds = !!k.list + !!k.linspace + !!k.logspace + !!k.zip + !!k.latin_hypercube + !!k.sobol +
          !!k.random_volumes;
  if (kinds != 1 || (inside_zip && k.zip)) {
    Complain(r, map,
             "axes: give one of list, linspace, logspace, latin_hypercube, sobol, "
             "random_volumes%s",
             inside_zip ? "" : ", zip");
  } else if (k.zip) {
    PetscCall(ReadZip(r, k.zip, axes));
  } else if (k.latin_hypercube || k.sobol) {
    PetscCall(ReadDesign(r, k.sobol ? k.sobol : k.latin_hypercube,
                         k.sobol ? PETSC_TRUE : PETSC_FALSE, axes));
  } else if (k.random_volumes) {
    PetscCall(ReadVolumes(r, k.random_volumes, k.name, axes));
  } else {
    PetscCall(ReadSingle(r, map, &k, axes));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadAxis(const LhReader *r, LhNode map, LhAxes *axes) {
  LhAxis *axis = &axes->axes[axes->num_axes];

  PetscFunctionBegin;
  *axis = (LhAxis){.first = axes->num_columns};
  PetscCall(ReadColumns(r, map, PETSC_FALSE, axes));
  axis->num_columns = axes->num_columns - axis->first;
  if (!axis->num_columns) PetscFunctionReturn(PETSC_SUCCESS);
  axis->n = axes->columns[axis->first].n;
  for (PetscInt k = 1; k < axis->num_columns; k++) {
    const LhStudyColumn *column = &axes->columns[axis->first + k];

    if (column->n != axis->n)
      Complain(r, map, "axes.zip: '%s' has %d values and '%s' %d; they are walked together",
               axes->columns[axis->first].name, (int)axis->n, column->name, (int)column->n);
    axis->n = PetscMin(axis->n, column->n);
  }
  axes->num_axes++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckNames(const LhReader *r, const LhAxes *axes) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < axes->num_columns; i++) {
    for (PetscInt k = 0; k < i; k++) {
      if (!strcmp(axes->columns[i].name, axes->columns[k].name))
        PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &axes->columns[i].mark,
                            "axes: two columns are called '%s'; give one of them a name",
                            axes->columns[i].name));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAxesRead(const LhReader *r, LhNode list, LhNode parent, LhAxes *axes) {
  PetscFunctionBegin;
  if (!list || LhNodeGetKind(list) != LH_NODE_LIST || LhNodeGetSize(list) > LH_STUDY_MAX_COLUMNS) {
    Complain(r, list ? list : parent, "axes: expected a list of at most %d axes",
             LH_STUDY_MAX_COLUMNS);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt i = 0; i < LhNodeGetSize(list); i++)
    PetscCall(ReadAxis(r, LhNodeGetItem(list, i), axes));
  PetscCall(CheckNames(r, axes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAxesClear(LhAxes *axes) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < axes->num_columns; i++) PetscCall(PetscFree(axes->columns[i].value));
  axes->num_columns = axes->num_axes = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}
