/// @file
/// Parameter tables: one row per parameter drives parsing with units, bounds, echo, `describe`,
/// the JSON Schema and the reference page of the docs.
///
/// A struct of parameters comes with a `static const LhParam table[]`. Values are converted to SI
/// once, here; the user's text is kept in the record. Physics has no silent defaults: a row whose
/// `fallback` is NULL is required. A value may be written plainly (`7.81 GPa`) or with its origin:
/// `{value: 7.81 GPa, source: "doi...", evidence: search, range: [1.9 GPa, 8 GPa]}`.
#pragma once

#include "base/doc.h"

typedef enum {
  LH_PARAM_REAL,       ///< PetscReal, quantity with unit
  LH_PARAM_INT,        ///< PetscInt
  LH_PARAM_BOOL,       ///< PetscBool
  LH_PARAM_TEXT,       ///< char[LH_NAME_MAX]
  LH_PARAM_CHOICE,     ///< PetscInt, index into `choices`
  LH_PARAM_REAL_LIST,  ///< LhRealList
  LH_PARAM_INT_LIST,   ///< LhIntList
  LH_PARAM_TEXT_LIST,  ///< LhTextList
  LH_PARAM_NODE        ///< LhNode: a nested structure that its owner reads itself
} LhParamKind;

typedef struct {
  PetscInt n;
  PetscReal v[LH_LIST_MAX];
} LhRealList;
typedef struct {
  PetscInt n;
  PetscInt v[LH_LIST_MAX];
} LhIntList;
typedef struct {
  PetscInt n;
  char v[LH_LIST_MAX][LH_NAME_MAX];
} LhTextList;

/// One parameter of a law, mesh, experiment or solver.
typedef struct {
  const char *name;      ///< key, lower_snake_case, no unit in the name
  LhParamKind kind;      ///<
  const char *unit;      ///< SI unit as UDUNITS text ("A m-2"), "1" when dimensionless
  size_t offset;         ///< offsetof() in the parameter struct
  PetscReal lower;       ///< smallest accepted SI value (inclusive); length for lists' items too
  PetscReal upper;       ///< largest accepted SI value (inclusive)
  const char *fallback;  ///< default as YAML text, NULL = required, "" = optional, left as is
  const char *const *choices;  ///< NULL-terminated words for LH_PARAM_CHOICE
  const char *meaning;         ///< one line with the symbol used in docs/theory
} LhParam;

#define LH_ROW_REAL(T, member, unit_, lo, hi, fallback_, meaning_) \
  { #member, LH_PARAM_REAL, unit_, offsetof(T, member), lo, hi, fallback_, NULL, meaning_ }
#define LH_ROW_INT(T, member, lo, hi, fallback_, meaning_) \
  { #member, LH_PARAM_INT, "1", offsetof(T, member), lo, hi, fallback_, NULL, meaning_ }
#define LH_ROW_BOOL(T, member, fallback_, meaning_) \
  { #member, LH_PARAM_BOOL, "1", offsetof(T, member), 0, 1, fallback_, NULL, meaning_ }
#define LH_ROW_TEXT(T, member, fallback_, meaning_) \
  { #member, LH_PARAM_TEXT, "1", offsetof(T, member), 0, 0, fallback_, NULL, meaning_ }
#define LH_ROW_CHOICE(T, member, choices_, fallback_, meaning_) \
  { #member, LH_PARAM_CHOICE, "1", offsetof(T, member), 0, 0, fallback_, choices_, meaning_ }
#define LH_ROW_REAL_LIST(T, member, unit_, lo, hi, fallback_, meaning_) \
  { #member, LH_PARAM_REAL_LIST, unit_, offsetof(T, member), lo, hi, fallback_, NULL, meaning_ }
#define LH_ROW_INT_LIST(T, member, lo, hi, fallback_, meaning_) \
  { #member, LH_PARAM_INT_LIST, "1", offsetof(T, member), lo, hi, fallback_, NULL, meaning_ }
#define LH_ROW_TEXT_LIST(T, member, fallback_, meaning_) \
  { #member, LH_PARAM_TEXT_LIST, "1", offsetof(T, member), 0, 0, fallback_, NULL, meaning_ }
#define LH_ROW_NODE(T, member, fallback_, meaning_) \
  { #member, LH_PARAM_NODE, "1", offsetof(T, member), 0, 0, fallback_, NULL, meaning_ }

/// A named table: what `describe`, the schema and the reference pages list.
typedef struct {
  /// Dotted path of the section, e.g. "mesh.box" or "law.j2_hencky"; "experiment:tensile" is the section
  /// `experiment` when its kind is tensile.
  const char *name;
  const char *brief;  ///< one line
  const LhParam *rows;
  PetscInt num_rows;
} LhTable;

#define LH_TABLE(name_, brief_, rows_) \
  { name_, brief_, rows_, (PetscInt)(sizeof(rows_) / sizeof((rows_)[0])) }

typedef struct _n_LhRecord
    *LhRecord;  ///< every value read: path, SI value, unit, user's text, origin

PetscErrorCode LhRecordCreate(LhRecord *record);
PetscErrorCode LhRecordDestroy(LhRecord *record);

typedef struct {
  const char *path;      ///< dotted path of the key
  const char *text;      ///< the user's words, or the default's
  const char *unit;      ///< SI unit, "1" for pure numbers and words
  PetscReal value;       ///< SI value (reals, ints, bools), NaN for words
  const char *origin;    ///< "case.yaml:12", "default", "derived" or "command line"
  const char *source;    ///< source given beside the value, or ""
  const char *evidence;  ///< evidence flag given beside the value, or ""
} LhRecordEntry;
PetscErrorCode LhRecordGetSize(LhRecord record, PetscInt *n);
PetscErrorCode LhRecordGetEntry(LhRecord record, PetscInt i, LhRecordEntry *entry);
/// Adds one entry; NULL texts become "". All texts are copied.
PetscErrorCode LhRecordAdd(LhRecord record, const LhRecordEntry *entry);
/// Adds a number the program derived (e.g. a volume fraction from stoichiometry).
PetscErrorCode LhRecordAddDerived(LhRecord record, const char path[], const char unit[],
                                  PetscReal value, const char how[]);

/// Where a reader stands: the diagnostics and the record it adds to. `record` may be NULL.
typedef struct {
  LhDiag diag;
  LhRecord record;
} LhReader;

/// Reads `map` (may be NULL: then required rows are reported missing at `parent`'s place) into
/// `params` by `table`. `path` prefixes the keys in messages ("foil.mechanics"). Unknown keys are
/// errors naming the nearest known key; all rows are checked, nothing stops at the first mistake.
PetscErrorCode LhParamsRead(const LhReader *reader, const LhTable *table, LhNode map, LhNode parent,
                            const char path[], void *params);

/// A table and the struct its rows fill.
typedef struct {
  const LhTable *table;
  void *params;
} LhParamsPart;
/// The same for a section whose keys come from several tables.
PetscErrorCode LhParamsReadParts(const LhReader *reader, PetscInt n, const LhParamsPart parts[],
                                 LhNode map, LhNode parent, const char path[]);

/// One quantity with unit, e.g. "0.5 mA/cm^2" to "A m-2"; adds a diagnostic naming `key` and returns
/// NaN in `*value` when it is not one. Works on a scalar or a {value: ...} map.
PetscErrorCode LhQuantityRead(const LhReader *reader, LhNode node, const char key[],
                              const char unit[], PetscReal lower, PetscReal upper,
                              PetscReal *value);
/// The same on bare text, without a document: `*why` (borrowed, static) says what is wrong, or NULL.
PetscErrorCode LhQuantityParse(const char text[], const char unit[], PetscReal *value,
                               const char **why);

/// Nearest of `n` words to `word` by edit distance, NULL when none is near.
const char *LhNearestWord(const char word[], PetscInt n, const char *const words[]);
