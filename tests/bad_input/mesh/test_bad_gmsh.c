/// Checks: broken Gmsh files lead to the sentence a user needs, files cut or flipped anywhere to no crash.
/// Reference: good files of Gmsh (tests/unit/mesh/data) with one mistake put in.
/// Tolerance and why: none.
/// Fails if: a mistake is accepted, reported without its place or name, or stops the program.
#include "bad_mesh_test.h"

#define TEXT_22   "tests/unit/mesh/data/box_hex_22_text.msh"
#define TEXT_41   "tests/unit/mesh/data/box_hex_41_text.msh"
#define TETS_22   "tests/unit/mesh/data/box_tet_22_text.msh"
#define BINARY_22 "tests/unit/mesh/data/box_hex_22_binary.msh"
#define BINARY_41 "tests/unit/mesh/data/box_hex_41_binary.msh"

/// In `file`, the first `find` becomes `put`.
static const struct {
  const char *file, *find, *put, *sentence;
} mistakes[] = {
    {TEXT_22,   "$MeshFormat",                   "# a mesh",                                       "not a Gmsh mesh: it does not begin with $MeshFormat"     },
    {TEXT_22,   "2.2 0 8",                       "1 0 8",                                          "Gmsh format 1 is not read; save the mesh as 4.1 or 2.2"  },
    {TEXT_41,   "4.1 0 8",                       "4 0 8",                                          "Gmsh format 4 is not read"                               },
    {TEXT_22,   "2.2 0 8",                       "2.2 0 4",                                        "numbers of 4 bytes are not read"                         },
    {TEXT_22,   "2 3 0 0",                       "2 three 0 0",                                    ":14:3: error: 'three' is not a number, in section $Nodes"},
    {TEXT_22,   "\n18\n1 0 0 0",                 "\n17\n1 0 0 0",
     "section $Nodes should end here with $EndNodes, but '18' follows"                                                                                       },
    {TEXT_22,   "$Nodes\n18",                    "$Nodes\n19",                                     "'$EndNodes' is not a number, in section $Nodes"          },
    {TEXT_41,   "$EndEntities",                  "",                                               "section $Entities should end here with $EndEntities"     },
    {TEXT_41,   "12 20 11 2",                    "12 20 99999999 2",
     "section $Entities announces 99999999 items, more than the file holds"                                                                                  },
    {TEXT_22,   "$EndPhysicalNames",             "$EndPhysicalNames\nrubbish",
     "'rubbish' stands where a section ($...) should begin"                                                                                                  },
    {TEXT_22,   "3 2 \"high\"",                  "3 2 \"hi|gh\"",
     "the name 'hi|gh' holds '|', which is kept for surfaces between regions"                                                                                },
    {TEXT_22,   "3 2 \"high\"",                  "3 9 \"high\"",
     "physical volume 2 has no name; write Physical Volume(\"name\", 2)"                                                                                     },
    {TEXT_22,   "2 4 \"middle\"",                "2 8 \"middle\"",
     "physical surface 4 has no name; write Physical Surface(\"name\", 4)"                                                                                   },
    {TEXT_22,   "$PhysicalNames\n4",             "$PhysicalNames\n5\n3 7 \"lid\"",
     "region 'lid' has a name but no elements"                                                                                                               },
    {TEXT_22,   "$PhysicalNames\n4",             "$PhysicalNames\n5\n2 7 \"lid\"",
     "surface 'lid' has a name but no elements"                                                                                                              },
    {TEXT_22,   "6 5 2 1 1 13",                  "6 5 2 0 1 13",
     "element 6 belongs to no physical volume; write Physical Volume(\"name\")"                                                                              },
    {TEXT_22,   "6 5 2 1 1 13 2 4 14 15 6 7 16", "6 6 2 1 1 13 2 4 15 6 7",
     "element 6 is a prism; only hexahedra or tetrahedra are solved"                                                                                         },
    {TEXT_22,   "6 5 2 1 1 13 2 4 14 15 6 7 16", "6 7 2 1 1 13 2 4 14 15",
     "element 6 is a pyramid; only hexahedra or tetrahedra are solved"                                                                                       },
    {TEXT_22,   "6 5 2 1 1 13 2 4 14 15 6 7 16", "6 4 2 1 1 13 2 4 15",
     "element 6 is a tetrahedron but the ones before are of type hexahedron"                                                                                 },
    {TEXT_22,   "6 5 2 1 1 13 2 4 14 15 6 7 16", "6 92 2 1 1 13 2 4 14 15",
     "elements of Gmsh type 92 are not known"                                                                                                                },
    {TEXT_22,   "6 5 2 1 1 13 2 4 14 15 6 7 16", "6 5 2 1 1 13 2 4 14 15 6 7 61",
     "element 6 refers to node 61, which the file does not have"                                                                                             },
    {TEXT_22,   "6 5 2 1 1 13 2 4 14 15 6 7 16", "6 5 2 1 1 15 6 7 16 13 2 4 14",
     "cell 1 (element 6 of the file) at (2.25e+06, 1e+06, 750000) um is inverted"                                                                            },
    {TEXT_22,   "6 5 2 1 1 13 2 4 14 15 6 7 16", "6 5 2 1 1 13 2 4 14 15 6 7 14",
     "cell 1 (element 6 of the file) at (2.25e+06, 1e+06, 562500) um is degenerate"                                                                          },
    {TEXT_22,   "$Elements\n8\n",                "$Elements\n9\n9 5 2 2 2 5 15 16 8 9 17 18 12\n",
     "and a third one: cells overlap"                                                                                                                        },
    {TEXT_22,   "18 1.5 2 2.2",                  "18 1.5 2 nan",
     "cell 2 (element 7 of the file) at (750000, 1e+06, nan) um has a vertex that is not"                                                                    },
    {TEXT_22,   "18 1.5 2 2.2",                  "17 1.5 2 2.2",                                   "node 17 is defined twice"                                },
    {TEXT_22,   "1 3 2 3 5 1 13 14 3",           "1 3 2 3 5 1 13 14 5",
     "surface 'floor' has a face that no cell of the mesh has"                                                                                               },
    {TEXT_22,   "1 3 2 3 5 1 13 14 3",           "1 3 2 3 5 13 2 4 14",
     "surface 'floor' lists the same face twice"                                                                                                             },
    {TEXT_22,   "1 3 2 3 5 1 13 14 3",           "1 3 2 3 5 13 14 16 15",
     "surface 'floor' has a face inside region 'low part'"                                                                                                   },
    {TEXT_22,   "1 3 2 3 5 1 13 14 3",           "1 2 2 3 5 1 13 14",
     "element 1 of surface 'floor' is not a side of any cell"                                                                                                },
    {TEXT_22,   "$EndElements",                  "",                                               "section $Elements should end here with $EndElements"     },
    {TEXT_22,   "$Nodes\n",                      "$Rest\n$EndRust\n$Nodes\n",                      "section $Rest does not end with $EndRest"                },
    {BINARY_22, "2.2 1 8\n\1",                   "2.2 1 8\n\7",                                    "the byte order mark of the binary file is broken"        },
};

/// Replaces the first `find` of `bytes`; caller frees.
static Bytes Replace(Bytes bytes, const char find[], const char put[]) {
  const size_t gone = strlen(find), come = strlen(put);
  size_t at = 0;
  while (at + gone <= bytes.size && memcmp(bytes.data + at, find, gone)) at++;
  if (at + gone > bytes.size) fail_msg("'%s' is not in the good file", find);
  Bytes changed = {malloc(bytes.size + come), bytes.size - gone + come};
  memcpy(changed.data, bytes.data, at);
  memcpy(changed.data + at, put, come);
  memcpy(changed.data + at + come, bytes.data + at + gone, bytes.size - at - gone);
  return changed;
}

static void TestMistakes(void **state) {
  const char *path = Scratch("mesh.msh");
  (void)state;
  for (size_t k = 0; k < sizeof(mistakes) / sizeof(mistakes[0]); k++) {
    Bytes good = LoadBytes(SourcePath(mistakes[k].file));
    Bytes bad = Replace(good, mistakes[k].find, mistakes[k].put);
    SaveBytes(path, bad.data, bad.size);
    ReadBad(path, mistakes[k].sentence);
    free(good.data);
    free(bad.data);
  }
  RemoveScratch(path);
}

static void TestFilesThatAreNone(void **state) {
  const char *path = Scratch("empty.msh");
  (void)state;
  SaveBytes(path, "", 0);
  ReadBad(path, "not a Gmsh mesh");
  ReadBad("no_such_file.msh", "the mesh file cannot be read");
  ReadBad("no_such_file.vtk",
          "the mesh file is of no known kind; Gmsh's .msh and lihost's .h5 are read");
  ReadBad("no_such_file", "the mesh file is of no known kind");
  RemoveScratch(path);
}

/// Cut before its end tag a file is refused wherever it is cut.
static void TestCutAnywhere(void **state) {
  static const char *const files[] = {TEXT_22, TEXT_41, BINARY_22, BINARY_41};
  const char *path = Scratch("cut.msh");
  (void)state;
  for (int k = 0; k < 4; k++) {
    Bytes good = LoadBytes(SourcePath(files[k]));
    for (size_t size = 0; size + 14 < good.size; size += 7) {
      SaveBytes(path, good.data, size);
      assert_true(ReadBad(path, NULL) > 0);
    }
    free(good.data);
  }
  RemoveScratch(path);
}

/// Flipped bits may give another valid mesh, but never a crash, nor a mesh with an error.
static void TestFlippedBits(void **state) {
  static const char *const files[] = {TEXT_22, TEXT_41, BINARY_22, BINARY_41, TETS_22};
  const char *path = Scratch("flip.msh");
  unsigned random = 12345;
  PetscInt refused = 0;
  (void)state;
  for (int k = 0; k < 5; k++) {
    Bytes good = LoadBytes(SourcePath(files[k]));
    for (int trial = 0; trial < 300; trial++) {
      random = random * 1103515245u + 12345u;
      const size_t at = (random >> 8) % good.size;
      const char old = good.data[at];
      good.data[at] = (char)(old ^ (1 << (random >> 4 & 7)));
      SaveBytes(path, good.data, good.size);
      refused += ReadBad(path, NULL) > 0;
      good.data[at] = old;
    }
    free(good.data);
  }
  assert_true(refused > 300);
  RemoveScratch(path);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestMistakes),
    cmocka_unit_test(TestFilesThatAreNone),
    cmocka_unit_test(TestCutAnywhere),
    cmocka_unit_test(TestFlippedBits),
};
MESH_TEST_MAIN(tests)
