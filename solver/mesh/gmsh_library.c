/// @file
/// Loads Gmsh's library at run time. See gmsh_library.h.
#include "mesh/gmsh_library.h"

#ifdef LIHOST_GMSH
#include <dlfcn.h>
#include <string.h>

#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)
#define VERSION    TEXT(GMSH_API_VERSION_MAJOR) "." TEXT(GMSH_API_VERSION_MINOR)
#define LIBRARY    "libgmsh.so." VERSION

/// Stores the address of a call; ISO C has no cast from an object's to a function's pointer.
static PetscBool Find(void *library, const char name[], size_t size, void *call) {
  void *address = dlsym(library, name);
  memcpy(call, &address, size);
  return (PetscBool)(address != NULL);
}

static PetscBool FindAll(void *library, LhGmsh *gmsh) {
  PetscBool all = PETSC_TRUE;
#define CALL(name) \
  if (!Find(library, "gmsh" #name, sizeof(gmsh->name), &gmsh->name)) all = PETSC_FALSE;
  LH_GMSH_CALLS(CALL)
#undef CALL
  return all;
}

/// The same mesh on every machine and run, and no word on the terminal.
static void SetOptions(const LhGmsh *gmsh) {
  static const struct {
    const char *name;
    double value;
  } options[] = {
      {"General.Terminal",   0},
      {"General.NumThreads", 1},
      {"Mesh.Algorithm",     6}, // frontal Delaunay
      {"Mesh.Algorithm3D",   1}, // Delaunay
      {"Mesh.Optimize",      1},
  };
  int error = 0;
  for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++)
    gmsh->OptionSetNumber(options[k].name, options[k].value, &error);
}

PetscErrorCode LhGmshOpen(LhMeshProblems *problems, LhGmsh **gmsh) {
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  int error = 0;

  PetscFunctionBeginUser;
  *gmsh = NULL;
  if (!library) {
    LhMeshProblemAdd(problems, 0,
                     "tetrahedra need Gmsh's library (%s, Debian package libgmsh-dev), which is "
                     "not installed here; elements: voxels needs none",
                     LIBRARY);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscNew(gmsh));
  if (FindAll(library, *gmsh)) {
    (*gmsh)->Initialize(0, NULL, 0, &error);
    SetOptions(*gmsh);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  LhMeshProblemAdd(problems, 0, "Gmsh's library %s lacks calls of version " VERSION, LIBRARY);
  PetscCall(PetscFree(*gmsh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhGmshClose(LhGmsh **gmsh) {
  int error = 0;

  PetscFunctionBeginUser;
  if (!*gmsh) PetscFunctionReturn(PETSC_SUCCESS);
  (*gmsh)->Finalize(&error);
  PetscCall(PetscFree(*gmsh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscBool LhGmshFailed(const LhGmsh *gmsh, const char what[], int error, LhMeshProblems *problems) {
  char *words = NULL;
  int silent = 0;

  if (!error) return PETSC_FALSE;
  gmsh->LoggerGetLastError(&words, &silent);
  LhMeshProblemAdd(problems, 0, "Gmsh cannot %s: %.200s. Another seed, or voxels, may do", what,
                   words ? words : "no reason given");
  return PETSC_TRUE;
}
#endif
