/// Checks: plain text, Markdown and JSON Schema of nested tables.
/// Reference: texts written by hand; the schema is read back by our own YAML reader (JSON is YAML).
/// Tolerance and why: none.
/// Fails if: a row, bound, default or choice is missing, a section is misplaced, the JSON is broken.
#include <stdio.h>
#include <stdlib.h>

#include "base/describe.h"
#include "unit/base/base_test.h"

typedef struct {
  PetscReal thickness, share;
  PetscInt cells, solver;
  LhTextList names;
  LhNode foil, regions, steps, free;
} All;

static const char *const solvers[] = {"direct", "amg", NULL};
static const LhParam top[] = {
    LH_ROW_NODE(All, foil, NULL, "the foil"), LH_ROW_NODE(All, regions, "", "regions by name"),
    LH_ROW_NODE(All, steps, NULL, "what is done"), LH_ROW_NODE(All, free, "", "anything")};
static const LhParam foil[] = {
    LH_ROW_REAL(All, thickness, "m", 1e-6, 1e-3, NULL, "thickness L | of the foil"),
    LH_ROW_INT(All, cells, 1, 99, "40", "cells")};
static const LhParam region[] = {LH_ROW_REAL(All, share, "1", 0, 1, "10 %", "share of CNT")};
static const LhParam step[] = {LH_ROW_CHOICE(All, solver, solvers, "amg", "linear solver"),
                               LH_ROW_TEXT_LIST(All, names, "", "names")};
static const LhTable tables[] = {LH_TABLE("", "a case", top), LH_TABLE("foil", "the foil", foil),
                                 LH_TABLE("regions.*", "a region", region),
                                 LH_TABLE("steps.[]", "a step", step),
                                 LH_TABLE("loose.part", "without rows above", region)};

typedef PetscErrorCode (*Writer)(FILE *);

static char *Write(Writer writer) {
  char *text = NULL;
  size_t size;
  FILE *stream = open_memstream(&text, &size);
  OK(writer(stream));
  fclose(stream);
  return text;
}

static PetscErrorCode WriteFoil(FILE *stream) {
  PetscInt found;
  PetscFunctionBeginUser;
  PetscCall(LhDescribeText(5, tables, "foil", stream, &found));
  assert_int_equal(found, 1);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteMarkdown(FILE *stream) {
  PetscFunctionBeginUser;
  PetscCall(LhDescribeMarkdown(2, tables, stream));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void test_text(void **state) {
  char *text = Write(WriteFoil);
  (void)state;
  assert_string_equal(text,
                      "foil: the foil\n  thickness (required)\n      thickness L | of the foil\n"
                      "      a length (m), e.g. 50 um; 1e-06 m to 0.001 m\n"
                      "  cells (default 40)\n      cells\n      a whole number; 1 to 99\n");
  free(text);
}

static void test_markdown(void **state) {
  char *text = Write(WriteMarkdown);
  (void)state;
  assert_non_null(
      strstr(text, "## `(top level)`\n\na case\n\n| key | meaning | value | allowed | |\n"));
  assert_non_null(strstr(text,
                         "| `thickness` | thickness L \\| of the foil | a length (m), e.g. 50 um | "
                         "1e-06 m to 0.001 m | required |\n"));
  free(text);
}

static LhNode At(LhNode node, const char path[]) {
  char copy[256];
  strcpy(copy, path);
  for (char *key = strtok(copy, "/"); key; key = strtok(NULL, "/")) {
    node = LhNodeGetKind(node) == LH_NODE_LIST ? LhNodeGetItem(node, atoi(key))
                                               : LhNodeFind(node, key);
    if (!node) fail_msg("%s is missing at '%s'", path, key);
  }
  return node;
}

static void test_schema(void **state) {
  static const char *const expected[][2] = {
      {"$schema",                                                               "http://json-schema.org/draft-07/schema#"},
      {"title",                                                                 "A case"                                 },
      {"required/0",                                                            "foil"                                   },
      {"required/1",                                                            "steps"                                  },
      {"additionalProperties",                                                  "false"                                  },
      {"properties/foil/description",                                           "the foil"                               },
      {"properties/foil/required/0",                                            "thickness"                              },
      {"properties/foil/additionalProperties",                                  "false"                                  },
      {"properties/foil/properties/thickness/description",
       "thickness L | of the foil; a length (m), e.g. 50 um; 1e-06 m to 0.001 m"                                         },
      {"properties/foil/properties/thickness/anyOf/0/type",                     "string"                                 },
      {"properties/foil/properties/thickness/anyOf/1/$ref",                     "#/definitions/with_origin"              },
      {"properties/foil/properties/cells/anyOf/0/minimum",                      "1"                                      },
      {"properties/foil/properties/cells/anyOf/0/maximum",                      "99"                                     },
      {"properties/foil/properties/cells/default",                              "40"                                     },
      {"properties/regions/additionalProperties/properties/share/anyOf/0/type", "number"                                 },
      {"properties/steps/type",                                                 "array"                                  },
      {"properties/steps/items/properties/solver/anyOf/0/enum/1",               "amg"                                    },
      {"properties/steps/items/properties/names/anyOf/2/type",                  "array"                                  },
      {"properties/loose/properties/part/properties/share/default",             "10 %"                                   },
      {"properties/free/description",                                           "anything; a nested section"             },
      {"definitions/with_origin/required/0",                                    "value"                                  },
  };
  LhJson json;
  Sample sample;
  const char *text;
  (void)state;
  OK(LhJsonCreate(&json));
  OK(LhDescribeSchema(5, tables, "A case", "experiment", "kind", json));
  OK(LhJsonGetText(json, &text, NULL));
  SampleOpen(&sample, text);
  assert_non_null(sample.root);
  for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
    assert_string_equal(LhNodeGetText(At(sample.root, expected[i][0])), expected[i][1]);
  }
  assert_null(LhNodeFind(At(sample.root, "properties/free"), "anyOf"));
  assert_int_equal(LhNodeGetSize(At(sample.root, "required")), 2);
  SampleClose(&sample);
  OK(LhJsonDestroy(&json));
}

// `*` in a name stands for the keys a table lists: both ends share one table, and there is no third end.
static void test_schema_of_listed_keys(void **state) {
  static const LhParam ends[] = {LH_ROW_NODE(All, foil, NULL, "one end"),
                                 LH_ROW_NODE(All, free, "", "other end")};
  static const LhTable list[] = {LH_TABLE("ends", "both ends", ends),
                                 LH_TABLE("ends.*", "an end", region),
                                 LH_TABLE("ends.*.deep", "below an end", foil)};
  LhJson json;
  Sample sample;
  const char *text;
  (void)state;
  OK(LhJsonCreate(&json));
  OK(LhDescribeSchema(3, list, "A case", "experiment", "kind", json));
  OK(LhJsonGetText(json, &text, NULL));
  SampleOpen(&sample, text);
  const LhNode node = At(sample.root, "properties/ends");
  assert_string_equal(LhNodeGetText(At(node, "additionalProperties")), "false");
  for (int k = 0; k < 2; k++) {
    const LhNode end = At(node, k ? "properties/free" : "properties/foil");
    assert_string_equal(LhNodeGetText(At(end, "properties/share/default")), "10 %");
    assert_string_equal(LhNodeGetText(At(end, "properties/deep/required/0")), "thickness");
  }
  SampleClose(&sample);
  OK(LhJsonDestroy(&json));
}

// Tables "a:x" are variants: they add keys to the file's top, and a section that has nothing else is one of them.
static void test_schema_of_variants(void **state) {
  static const LhParam file[] = {LH_ROW_NODE(All, steps, NULL, "what is done")};
  static const LhParam cell[] = {LH_ROW_NODE(All, foil, NULL, "the foil")};
  static const LhParam none[] = {LH_ROW_NODE(All, free, "", "anything")};
  static const char *const pull[] = {"pull", NULL}, *const push[] = {"push", NULL};
  static const LhParam pulled[] = {LH_ROW_CHOICE(All, solver, pull, NULL, "kind")};
  static const LhParam pushed[] = {LH_ROW_CHOICE(All, solver, push, "push", "kind")};
  static const LhTable list[] = {LH_TABLE("", "a file", file), LH_TABLE(":pull", "to pull", cell),
                                 LH_TABLE("steps:pull", "pulled", pulled),
                                 LH_TABLE(":push", "to push", none),
                                 LH_TABLE("steps:push", "pushed", pushed)};
  static const char *const expected[][2] = {
      {"required/0",                                                "steps"                     },
      {"allOf/0/if/properties/steps/properties/solver/const",       "pull"                      },
      {"allOf/0/if/properties/steps/required/0",                    "solver"                    },
      {"allOf/0/then/required/0",                                   "foil"                      },
      {"allOf/1/if/properties/steps/properties/solver/const",       "push"                      },
      {"properties/foil/description",                               "the foil; a nested section"},
      {"properties/steps/anyOf/0/properties/solver/anyOf/0/enum/0", "pull"                      },
      {"properties/steps/anyOf/1/properties/solver/anyOf/0/enum/0", "push"                      },
      {"properties/steps/anyOf/0/additionalProperties",             "false"                     },
  };
  LhJson json;
  Sample sample;
  const char *text;
  (void)state;
  OK(LhJsonCreate(&json));
  OK(LhDescribeSchema(5, list, "A case", "steps", "solver", json));
  OK(LhJsonGetText(json, &text, NULL));
  SampleOpen(&sample, text);
  for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
    assert_string_equal(LhNodeGetText(At(sample.root, expected[i][0])), expected[i][1]);
  }
  assert_int_equal(LhNodeGetSize(At(sample.root, "allOf/1/if/properties/steps/required")), 0);
  assert_non_null(LhNodeFind(At(sample.root, "properties"), "free"));
  SampleClose(&sample);
  OK(LhJsonDestroy(&json));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_text), cmocka_unit_test(test_markdown), cmocka_unit_test(test_schema),
      cmocka_unit_test(test_schema_of_listed_keys), cmocka_unit_test(test_schema_of_variants)};
  return RunTests(argc, argv, tests);
}
