/// @file
/// Private to laws/material*.c: how material files are opened and their sections read.
#pragma once

#include "laws/material.h"

#define LH_MATERIAL_PATH 256  ///< longest dotted path of a section (with NUL)

/// One family of laws as the reader sees it: names and tables, without the functions.
typedef enum {
  LH_LAW_KINETICS,
  LH_LAW_EQUILIBRIUM,
  LH_LAW_TRANSPORT,
  LH_LAW_MECHANICS,
  LH_LAW_FIBRE,
  LH_LAW_DAMAGE,
  LH_NUM_LAW_FAMILIES
} LhLawFamily;

typedef struct {
  const void *law;  ///< LhKineticsLaw, LhEquilibriumLaw, ..., by family
  const char *name, *brief;
  const LhParam *rows;
  PetscInt num_rows;
  size_t size;
  const char *(*check)(const void *params);  ///< NULL when the rows say everything
} LhLawShape;

/// Name of a family in messages and table names ("kinetics").
const char *LhLawFamilyName(LhLawFamily family);
/// All laws of a family; `shapes` holds LH_LIST_MAX.
PetscErrorCode LhLawGetShapes(LhLawFamily family, PetscInt *n, LhLawShape shapes[]);
/// The shape of the law called `name`, `shape->law` NULL when there is none.
PetscErrorCode LhLawFindShape(LhLawFamily family, const char name[], LhLawShape *shape);

/// A section `{law: <name>, <parameters>}`; `extra` rows (may be NULL) may stand beside them.
typedef struct {
  LhLawFamily family;
  LhNode map, parent;
  const char *path;
  const LhTable *extra;
  void *extra_params;
  size_t extra_size;
} LhLawSection;

/// Reads a law and its parameters; `*law` and `*params` are NULL after a diagnostic. The caller
/// frees `*params`.
PetscErrorCode LhLawRead(const LhReader *reader, const LhLawSection *section, const void **law,
                         void **params);

typedef struct {
  MPI_Comm comm;
  const LhReader *reader;
  const char *case_dir;
  LhDoc owner;  ///< where overlays live
} LhMaterialContext;
/// A file of the material library, or a map in its place. `what` stands for the node in messages.
/// `*doc` (NULL for a map) owns `*root`; both are NULL after a diagnostic. Collective.
PetscErrorCode LhMaterialOpen(const LhMaterialContext *context, LhNode name, const char what[],
                              LhDoc *doc, LhNode *root);

/// What a host takes from the file of one phase (materials/lithium.yaml). Absent numbers are 0.
typedef struct {
  LhDoc doc;
  LhNode root, laws, reaction;
  PetscReal molar_mass, density, rate_sensitivity;
  PetscReal electronic_conductivity, ionic_conductivity;
  PetscReal pristine_spacing, lithiated_spacing;
} LhPhaseFile;
/// `name` is a file name, or a map of changes with an optional key `file` (default: `key`).
PetscErrorCode LhPhaseRead(const LhMaterialContext *context, LhNode name, const char key[],
                           const char path[], LhPhaseFile *phase);
PetscErrorCode LhPhaseDestroy(LhPhaseFile *phase);
/// `map`, a section `{law: ...}`, on top of what the phase file says about this law: its section `laws.<law>`, then its
/// equally named properties.
PetscErrorCode LhPhaseInherit(const LhMaterialContext *context, const LhPhaseFile *phase,
                              LhLawFamily family, LhNode map, LhNode *merged);

/// Sections shared by hosts and porous layers.
PetscErrorCode LhTortuosityRead(const LhReader *reader, LhNode map, LhNode parent,
                                const char path[], LhMaterialData *data);
/// `phases` (may be NULL) are what a mechanical phase may refer to, in the order of LhPhase.
PetscErrorCode LhMechanicsRead(const LhMaterialContext *context, LhNode map, const char path[],
                               const LhPhaseFile phases[], LhMaterialData *data);
PetscErrorCode LhMechPhaseRead(const LhMaterialContext *context, LhNode map, const char path[],
                               const LhPhaseFile phases[], LhMechPhase *phase);
/// The rest of a file of kind `host`.
PetscErrorCode LhHostRead(const LhMaterialContext *context, LhNode root, const char path[],
                          LhMaterialData *data);
/// The rest of a file of kind `solid`.
PetscErrorCode LhSolidRead(const LhMaterialContext *context, LhNode root, const char path[],
                           LhMaterialData *data);
PetscErrorCode LhReactionsRead(const LhMaterialContext *context, LhNode map, const char path[],
                               const LhPhaseFile phases[], LhMaterialData *data);

/// All tables of material files, for describe.
extern const LhTable lh_interface_table, lh_phase_table, lh_mech_table, lh_reaction_table,
    lh_host_table, lh_reported_table, lh_recipe_table, lh_phases_table, lh_tortuosity_table,
    lh_porous_table, lh_electrolyte_table, lh_solid_table;

/// Keys of the phases in files, in the order of LhPhase.
extern const char *const lh_phase_keys[LH_NUM_PHASES + 1];
