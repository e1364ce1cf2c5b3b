/// @file
/// Owns the JSON Schema (draft-07) of parameter tables, for editors that complete and check YAML.
///
/// The schema is a little more lenient than the reader where JSON Schema cannot say it: quantities
/// are texts, their bounds stand in the description. Must never refuse what the reader accepts.
#include <string.h>

#include "base/describe.h"
#include "base/param_value.h"
#include "base/quantity.h"

#define ORIGIN    "#/definitions/with_origin"
#define UNBOUNDED 1e300

typedef struct {
  PetscInt n;
  const LhTable *tables;
  LhJson json;
} Schema;

static PetscErrorCode WriteSection(const Schema *schema, const char key[], const char path[],
                                   const char about[]);

// Where `name` goes on below `path`, or NULL: part by part, `*` in a name stands for any key.
static const char *Below(const char name[], const char path[]) {
  while (*path) {
    const size_t n = strcspn(name, "."), p = strcspn(path, ".");
    const PetscBool any = n == 1 && *name == '*' && *path != '[' ? PETSC_TRUE : PETSC_FALSE;
    if (!n || (!any && (n != p || strncmp(name, path, n)))) return NULL;
    path += path[p] ? p + 1 : p;
    name += name[n] ? n + 1 : n;
    if (*path && !*name) return NULL;
  }
  return name;
}

// The table of this very path comes before one that has `*` there.
static const LhTable *FindTable(const Schema *schema, const char path[]) {
  for (PetscInt i = 0; i < schema->n; i++) {
    if (!strcmp(schema->tables[i].name, path)) return &schema->tables[i];
  }
  for (PetscInt i = 0; i < schema->n; i++) {
    const char *rest = Below(schema->tables[i].name, path);
    if (*schema->tables[i].name && rest && !*rest) return &schema->tables[i];
  }
  return NULL;
}

// Word behind the colon when table i is a variant of the section, else NULL.
static const char *Variant(const Schema *schema, PetscInt i, const char path[]) {
  const char *name = schema->tables[i].name;
  const size_t n = strlen(path);

  return strncmp(name, path, n) || name[n] != ':' ? NULL : name + n + 1;
}

static PetscBool HasVariants(const Schema *schema, const char path[]) {
  for (PetscInt i = 0; i < schema->n; i++) {
    if (Variant(schema, i, path)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

// First part of the name of table i below `path`, or false when it does not lie below.
static PetscBool ChildName(const Schema *schema, PetscInt i, const char path[], char child[]) {
  const char *name = Below(schema->tables[i].name, path);
  const size_t length = name ? strcspn(name, ".:") : 0;

  if (!length || length >= LH_NAME_MAX) return PETSC_FALSE;
  memcpy(child, name, length);
  child[length] = 0;
  return PETSC_TRUE;
}

static PetscBool HasChildren(const Schema *schema, const char path[]) {
  char child[LH_NAME_MAX];
  for (PetscInt i = 0; i < schema->n; i++) {
    if (ChildName(schema, i, path, child)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscErrorCode WriteType(LhJson json, const char type[]) {
  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "type", type));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteNumber(LhJson json, const char type[], const LhParam *row) {
  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "type", type));
  if (row->lower > -UNBOUNDED) PetscCall(LhJsonReal(json, "minimum", row->lower));
  if (row->upper < UNBOUNDED) PetscCall(LhJsonReal(json, "maximum", row->upper));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// A quantity is text; a pure number may also be written as 10 % or 0.1.
static PetscErrorCode WriteReal(LhJson json, const LhParam *row) {
  PetscFunctionBeginUser;
  if (!strcmp(row->unit, "1")) PetscCall(WriteNumber(json, "number", row));
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "type", "string"));
  PetscCall(LhJsonText(json, "pattern", "^\\s*[-+.0-9\xe2\x88\x92]"));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteInt(LhJson json, const LhParam *row) {
  PetscFunctionBeginUser;
  PetscCall(WriteNumber(json, "integer", row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteBool(LhJson json, const LhParam *row) {
  PetscFunctionBeginUser;
  (void)row;
  PetscCall(WriteType(json, "boolean"));
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonBeginArray(json, "enum"));
  for (int i = 0; i < 4; i++) {
    static const char *const words[] = {"yes", "no", "on", "off"};
    PetscCall(LhJsonText(json, NULL, words[i]));
  }
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Names may look like numbers: `name: 2024`.
static PetscErrorCode WriteText(LhJson json, const LhParam *row) {
  PetscFunctionBeginUser;
  (void)row;
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "type", "string"));
  PetscCall(LhJsonInt(json, "maxLength", LH_NAME_MAX - 1));
  PetscCall(LhJsonEnd(json));
  PetscCall(WriteType(json, "number"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteChoice(LhJson json, const LhParam *row) {
  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonBeginArray(json, "enum"));
  for (PetscInt i = 0; row->choices[i]; i++) PetscCall(LhJsonText(json, NULL, row->choices[i]));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef PetscErrorCode (*Alternatives)(LhJson, const LhParam *);

static PetscErrorCode WriteOrigin(LhJson json) {
  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "$ref", ORIGIN));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteList(LhJson json, const LhParam *row, Alternatives item) {
  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "type", "array"));
  PetscCall(LhJsonInt(json, "maxItems", LH_LIST_MAX));
  PetscCall(LhJsonBeginObject(json, "items"));
  PetscCall(LhJsonBeginArray(json, "anyOf"));
  PetscCall(item(json, row));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// "meaning; a length (m), e.g. 50 um; 1e-06 m to 0.001 m"
static PetscErrorCode WriteDescription(LhJson json, const LhParam *row) {
  char text[2048], expect[1024], bounds[256];

  PetscFunctionBeginUser;
  PetscCall(LhValueExpect(row, expect, sizeof(expect)));
  PetscCall(LhDescribeBounds(row, bounds, sizeof(bounds)));
  snprintf(text, sizeof(text), "%s; %s%s%s", row->meaning, expect, *bounds ? "; " : "", bounds);
  PetscCall(LhJsonText(json, "description", text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteRow(LhJson json, const LhParam *row) {
  static const Alternatives items[] = {
      [LH_PARAM_REAL] = WriteReal,     [LH_PARAM_INT] = WriteInt,
      [LH_PARAM_BOOL] = WriteBool,     [LH_PARAM_TEXT] = WriteText,
      [LH_PARAM_CHOICE] = WriteChoice, [LH_PARAM_REAL_LIST] = WriteReal,
      [LH_PARAM_INT_LIST] = WriteInt,  [LH_PARAM_TEXT_LIST] = WriteText,
      [LH_PARAM_NODE] = NULL};
  const PetscBool list = row->kind == LH_PARAM_REAL_LIST || row->kind == LH_PARAM_INT_LIST ||
                                 row->kind == LH_PARAM_TEXT_LIST
                             ? PETSC_TRUE
                             : PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, row->name));
  PetscCall(WriteDescription(json, row));
  if (row->fallback && *row->fallback) PetscCall(LhJsonText(json, "default", row->fallback));
  if (items[row->kind]) {
    PetscCall(LhJsonBeginArray(json, "anyOf"));
    PetscCall(items[row->kind](json, row));
    if (list) PetscCall(WriteList(json, row, items[row->kind]));
    PetscCall(WriteOrigin(json));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool HasRow(const LhTable *table, const char name[]) {
  for (PetscInt k = 0; table && k < table->num_rows; k++) {
    if (!strcmp(table->rows[k].name, name)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

// Whether the section's own table or one of its variants before table `end` has a row of this name.
static PetscBool IsListed(const Schema *schema, const char path[], const LhTable *own, PetscInt end,
                          const char name[]) {
  if (HasRow(own, name)) return PETSC_TRUE;
  for (PetscInt i = 0; i < end; i++) {
    if (Variant(schema, i, path) && HasRow(&schema->tables[i], name)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

// Sections that have a table but no row in the table above.
static PetscErrorCode WriteLooseChildren(const Schema *schema, const LhTable *table,
                                         const char path[]) {
  char child[LH_NAME_MAX], other[LH_NAME_MAX], below[LH_PATH_MAX];

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < schema->n; i++) {
    PetscInt first = 0;
    if (!ChildName(schema, i, path, child)) continue;
    if (IsListed(schema, path, table, schema->n, child)) continue;
    if (!strcmp(child, "*") || !strcmp(child, "[]")) continue;
    while (!ChildName(schema, first, path, other) || strcmp(other, child)) first++;
    if (first < i) continue;
    LhPathJoin(path, child, below);
    PetscCall(WriteSection(schema, child, below, NULL));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteKey(const Schema *schema, const LhParam *row, const char path[]) {
  char below[LH_PATH_MAX];

  PetscFunctionBeginUser;
  LhPathJoin(path, row->name, below);
  if (row->kind == LH_PARAM_NODE &&
      (FindTable(schema, below) || HasChildren(schema, below) || HasVariants(schema, below))) {
    PetscCall(WriteSection(schema, row->name, below, row->meaning));
  } else {
    PetscCall(WriteRow(schema->json, row));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Keys of `table`; when it is the section's own table, those of its variants too.
static PetscErrorCode WriteProperties(const Schema *schema, const LhTable *table,
                                      const char path[]) {
  const PetscBool is_variant = table && strchr(table->name, ':') ? PETSC_TRUE : PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(schema->json, "properties"));
  for (PetscInt k = 0; table && k < table->num_rows; k++)
    PetscCall(WriteKey(schema, &table->rows[k], path));
  for (PetscInt i = 0; !is_variant && i < schema->n; i++) {
    const LhTable *variant = Variant(schema, i, path) ? &schema->tables[i] : NULL;

    for (PetscInt k = 0; variant && k < variant->num_rows; k++) {
      if (!IsListed(schema, path, table, i, variant->rows[k].name))
        PetscCall(WriteKey(schema, &variant->rows[k], path));
    }
  }
  PetscCall(WriteLooseChildren(schema, table, path));
  PetscCall(LhJsonEnd(schema->json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteRequired(LhJson json, const LhTable *table) {
  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginArray(json, "required"));
  for (PetscInt k = 0; table && k < table->num_rows; k++) {
    if (!table->rows[k].fallback) PetscCall(LhJsonText(json, NULL, table->rows[k].name));
  }
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Entries of a list stand for the whole section; otherwise it is an object.
static PetscErrorCode WriteBody(const Schema *schema, const LhTable *table, const char path[]) {
  char any[LH_PATH_MAX], item[LH_PATH_MAX];

  PetscFunctionBeginUser;
  LhPathJoin(path, "*", any);
  LhPathJoin(path, "[]", item);
  if (FindTable(schema, item) || HasChildren(schema, item)) {
    PetscCall(LhJsonText(schema->json, "type", "array"));
    PetscCall(WriteSection(schema, "items", item, NULL));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhJsonText(schema->json, "type", "object"));
  PetscCall(WriteProperties(schema, table, path));
  PetscCall(WriteRequired(schema->json, table));
  // Keys that a table lists are all there are; `*` then stands for their sections.
  if (!(table && table->num_rows) && (FindTable(schema, any) || HasChildren(schema, any))) {
    PetscCall(WriteSection(schema, "additionalProperties", any, NULL));
  } else {
    PetscCall(LhJsonBool(schema->json, "additionalProperties", PETSC_FALSE));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// A section that only has variants is one of them.
static PetscErrorCode WriteVariants(const Schema *schema, const char path[]) {
  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginArray(schema->json, "anyOf"));
  for (PetscInt i = 0; i < schema->n; i++) {
    if (!Variant(schema, i, path)) continue;
    PetscCall(LhJsonBeginObject(schema->json, NULL));
    PetscCall(LhJsonText(schema->json, "description", schema->tables[i].brief));
    PetscCall(WriteBody(schema, &schema->tables[i], path));
    PetscCall(LhJsonEnd(schema->json));
  }
  PetscCall(LhJsonEnd(schema->json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteSection(const Schema *schema, const char key[], const char path[],
                                   const char about[]) {
  const LhTable *table = FindTable(schema, path);

  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(schema->json, key));
  if (!about && table) about = table->brief;
  if (about) PetscCall(LhJsonText(schema->json, "description", about));
  if (!table && HasVariants(schema, path))
    PetscCall(WriteVariants(schema, path));
  else
    PetscCall(WriteBody(schema, table, path));
  PetscCall(LhJsonEnd(schema->json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// The variant is chosen when the key has its word; a key with a default may be missing.
static PetscErrorCode WriteCondition(const Schema *schema, const char section[], const char key[],
                                     const char word[]) {
  char name[LH_PATH_MAX];
  const LhTable *table;
  LhJson json = schema->json;

  PetscFunctionBeginUser;
  snprintf(name, sizeof(name), "%s:%s", section, word);
  table = FindTable(schema, name);
  PetscCall(LhJsonBeginObject(json, "properties"));
  PetscCall(LhJsonBeginObject(json, section));
  PetscCall(LhJsonBeginObject(json, "properties"));
  PetscCall(LhJsonBeginObject(json, key));
  PetscCall(LhJsonText(json, "const", word));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonBeginArray(json, "required"));
  for (PetscInt k = 0; table && k < table->num_rows; k++) {
    if (!strcmp(table->rows[k].name, key) && !table->rows[k].fallback)
      PetscCall(LhJsonText(json, NULL, key));
  }
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// What each variant of the file's top requires.
static PetscErrorCode WriteConditions(const Schema *schema, const char section[],
                                      const char key[]) {
  LhJson json = schema->json;

  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginArray(json, "allOf"));
  for (PetscInt i = 0; i < schema->n; i++) {
    const char *word = Variant(schema, i, "");

    if (!word) continue;
    PetscCall(LhJsonBeginObject(json, NULL));
    PetscCall(LhJsonBeginObject(json, "if"));
    PetscCall(WriteCondition(schema, section, key, word));
    PetscCall(LhJsonEnd(json));
    PetscCall(LhJsonBeginObject(json, "then"));
    PetscCall(WriteRequired(json, &schema->tables[i]));
    PetscCall(LhJsonEnd(json));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteOriginDefinition(LhJson json) {
  static const char *const keys[][2] = {
      {"source",   "where the value comes from: DOI, book, file"},
      {"evidence", "how well the value is known"                },
      {"note",     "anything else worth saying"                 }
  };

  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, "definitions"));
  PetscCall(LhJsonBeginObject(json, "with_origin"));
  PetscCall(LhJsonText(json, "description", "a value with its origin"));
  PetscCall(LhJsonText(json, "type", "object"));
  PetscCall(LhJsonBeginObject(json, "properties"));
  PetscCall(LhJsonBeginObject(json, "value"));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonBeginObject(json, "range"));
  PetscCall(LhJsonText(json, "description", "lowest and highest value that can be defended"));
  PetscCall(LhJsonText(json, "type", "array"));
  PetscCall(LhJsonInt(json, "minItems", 2));
  PetscCall(LhJsonInt(json, "maxItems", 2));
  PetscCall(LhJsonEnd(json));
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    PetscCall(LhJsonBeginObject(json, keys[i][0]));
    PetscCall(LhJsonText(json, "description", keys[i][1]));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonBeginArray(json, "required"));
  PetscCall(LhJsonText(json, NULL, "value"));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonBool(json, "additionalProperties", PETSC_FALSE));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDescribeSchema(PetscInt n, const LhTable tables[], const char title[],
                                const char section[], const char key[], LhJson json) {
  const Schema schema = {.n = n, .tables = tables, .json = json};

  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "$schema", "http://json-schema.org/draft-07/schema#"));
  PetscCall(LhJsonText(json, "title", title));
  PetscCall(WriteOriginDefinition(json));
  PetscCall(WriteBody(&schema, FindTable(&schema, ""), ""));
  if (HasVariants(&schema, "")) PetscCall(WriteConditions(&schema, section, key));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}
