/// Checks: a wrong `mesh:` or `random:` section leads to the sentence a user needs, with its place.
/// Reference: the parameter tables of the mesh.
/// Tolerance and why: none.
/// Fails if: a mistake is accepted or reported without its key.
#include "bad_mesh_test.h"
#include "mesh/random_field.h"

#define LAYERS "layers: [{region: foil, thickness: 50 um, cells: 6}]"

static const struct {
  const char *text, *sentence;
} mistakes[] = {
    {"mesh: {}",                                                                              "mesh needs one of 'box', 'rve', 'image' and 'file', and has none"},
    {"mesh: {file: a.msh, box: {width: 1 um, depth: 1 um, cells: [1, 1], " LAYERS "}}",
     "mesh needs one of 'box', 'rve', 'image' and 'file', and has more"                                                                                         },
    {"mesh: {bocks: {}}",                                                                     "mesh.bocks"                                                      },
    {"mesh: {file: a.msh, length_unit: 1 s}",                                                 "length_unit"                                                     },
    {"mesh: {box: {depth: 1 um, cells: [1, 1], " LAYERS "}}",                                 "width"                                                           },
    {"mesh: {box: {width: 0 um, depth: 1 um, cells: [1, 1], " LAYERS "}}",                    "width"                                                           },
    {"mesh: {box: {width: 1 um, depth: 1 um, cells: [1], " LAYERS "}}",
     "mesh.box.cells needs two numbers"                                                                                                                         },
    {"mesh: {box: {width: 1 um, depth: 1 um, cells: [1, 0], " LAYERS "}}",                    "cells"                                                           },
    {"mesh: {box: {width: 1 um, depth: 1 um, cells: [1, 1], layers: []}}",
     "mesh.box.layers needs a list of 1 to 16 layers"                                                                                                           },
    {"mesh: {box: {width: 1 um, depth: 1 um, cells: [1, 1], layers: thick}}",
     "mesh.box.layers needs a list of 1 to 16 layers"                                                                                                           },
    {"mesh: {box: {width: 1 um, depth: 1 um, cells: [1, 1], layers: [{region: a, thickness: 1 "
     "um}]}}",                                                                           "mesh.box.layers[0].cells"                                        },
    {"mesh: {box: {width: 1 um, depth: 1 um, cells: [1, 1], layers: [{region: 'a|b', thickness: 1 "
     "um, cells: 2}]}}",                                                                 "'|' is kept for surfaces"                                        },
    {"mesh: {box: {width: 1 um, depth: 1 um, cells: [1, 1], cells_type: prism, " LAYERS "}}",
     "prism"                                                                                                                                                    },
    {"mesh: {box: {width: 1 um, depth: 1 um, cells: [1, 1], distort: 0.9, " LAYERS "}}",      "distort"                                                         },
    {"mesh: {box: {width: 1 um, depth: 1 um, cells: [90000, 90000], " LAYERS "}}",
     "more than integers of this build can number"                                                                                                              },
    {"mesh: {costs: {foyl: 2}, box: {width: 1 um, depth: 1 um, cells: [1, 1], " LAYERS "}}",
     "the mesh has no region 'foyl' to give a cost; did you mean 'foil'?"                                                                                       },
    {"mesh: {costs: [2], box: {width: 1 um, depth: 1 um, cells: [1, 1], " LAYERS "}}",
     "mesh.costs needs a map from regions to numbers"                                                                                                           },
    {"mesh: {costs: {foil: -2}, box: {width: 1 um, depth: 1 um, cells: [1, 1], " LAYERS "}}",
     "mesh.costs.foil"                                                                                                                                          },
    {"mesh: {file: nowhere.msh}",                                                             "folder/nowhere.msh: error: the mesh file cannot be read"         },
};

static void CheckFirst(LhDiag diag, const char sentence[]) {
  PetscInt errors;
  const char *text;
  CHECK_CALL(LhDiagGetCounts(diag, &errors, NULL));
  assert_true(errors > 0);
  CHECK_CALL(LhDiagGetText(diag, 0, NULL, &text));
  if (!strstr(text, sentence)) fail_msg("'%s' is not in '%s'", sentence, text);
}

static void TestMeshSection(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof(mistakes) / sizeof(mistakes[0]); k++) {
    LhReader reader = {0};
    LhDoc doc;
    LhNode root;
    LhMesh mesh;
    CHECK_CALL(LhDiagCreate(&reader.diag));
    CHECK_CALL(
        LhDocParse("case.yaml", mistakes[k].text, strlen(mistakes[k].text), reader.diag, &doc));
    CHECK_CALL(LhDocGetRoot(doc, &root));
    CHECK_CALL(LhMeshCreateFromCase(PETSC_COMM_WORLD, &reader, LhNodeFind(root, "mesh"), "folder",
                                    NULL, &mesh));
    CheckFirst(reader.diag, mistakes[k].sentence);
    assert_null(mesh);
    CHECK_CALL(LhDocDestroy(&doc));
    CHECK_CALL(LhDiagDestroy(&reader.diag));
  }
}

static void TestRandomSection(void **state) {
  static const struct {
    const char *text, *sentence;
  } sections[] = {
      {"random: {deviation: 0.1, seed: 1, correlation_length: [1 um]}",
       "random.correlation_length needs three lengths"                                                  },
      {"random: {deviation: 0.1, seed: 1, correlation_length: [1 um, 1 um, 1 um], clip: [1, 0]}",
       "random.clip needs a smaller and a larger number"                                                },
      {"random: {deviation: 0.1, correlation_length: [1 um, 1 um, 1 um]}",                        "seed"},
  };
  (void)state;
  for (size_t k = 0; k < sizeof(sections) / sizeof(sections[0]); k++) {
    LhRandomFieldParams params = {.mean = 0.2};
    LhReader reader = {0};
    LhRandomField field;
    LhDoc doc;
    LhNode root;
    CHECK_CALL(LhDiagCreate(&reader.diag));
    CHECK_CALL(
        LhDocParse("case.yaml", sections[k].text, strlen(sections[k].text), reader.diag, &doc));
    CHECK_CALL(LhDocGetRoot(doc, &root));
    CHECK_CALL(
        LhRandomFieldRead(&reader, LhNodeFind(root, "random"), root, "random", &params, &field));
    CheckFirst(reader.diag, sections[k].sentence);
    assert_null(field);
    CHECK_CALL(LhDocDestroy(&doc));
    CHECK_CALL(LhDiagDestroy(&reader.diag));
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestMeshSection),
    cmocka_unit_test(TestRandomSection),
};
MESH_TEST_MAIN(tests)
