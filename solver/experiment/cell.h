/// @file
/// The electrochemical cell a case describes: what kinds of experiment with a current share. Its parts lie in LhCase.
#pragma once

#include "experiment/experiment.h"

/// Sections of a case file that describe the cell.
typedef struct {
  LhNode electrolyte, electrodes, mechanics, coupling, numerics;
} LhCellSections;

/// Rows of those sections, for the table of a kind whose struct T begins with LhCellSections.
#define LH_CELL_ROWS                                                                              \
  LH_ROW_NODE(LhCellSections, electrolyte, NULL, "the liquid in all pores"),                      \
      LH_ROW_NODE(LhCellSections, electrodes, NULL, "the two terminals of the cell"),             \
      LH_ROW_NODE(LhCellSections, mechanics, "",                                                  \
                  "how the foil is held and pressed; left out: it stays undeformed"),             \
      LH_ROW_NODE(LhCellSections, coupling, "", "how electrochemistry and mechanics take turns"), \
      LH_ROW_NODE(LhCellSections, numerics, "", "numerical settings")

/// Tables of these sections.
PetscErrorCode LhCellGetTables(PetscInt *n, const LhTable *const **tables);
PetscErrorCode LhCellRead(LhCase c, const LhReader *reader, LhNode root,
                          const LhCellSections *sections);
/// Builds problems, solvers and coupling of a cell that LhCellCheck() found right; `*ok` false after mistakes. Collective.
PetscErrorCode LhCellSetUp(LhCase c, PetscBool *ok);
PetscErrorCode LhCellDestroy(LhCase c);

/// Mistakes that show only when file and mesh are seen together: kinds and places of electrodes. Collective.
PetscErrorCode LhCellCheck(LhCase c);
/// Adds the derived numbers of cell and steps. Collective.
PetscErrorCode LhCellDerive(LhCase c);
/// Warns where the model leaves its validity, from the derived numbers.
PetscErrorCode LhCellJudge(LhCase c);
/// Largest current density of the steps, 0 without any [A/m^2].
PetscReal LhCellLargestCurrent(LhCase c);
/// Material of the first host region of the mesh (`*region` its index), NULL without one.
const LhMaterialData *LhCellFirstHost(LhCase c, PetscInt *region);
