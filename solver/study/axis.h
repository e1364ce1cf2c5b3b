/// @file
/// One axis of a study: one or several columns of values that are walked together.
///
/// A column is a quantity (numbers of one unit) or words; it sets one or several keys. Axes are read from the study
/// file and crossed with each other by plan.c. Numbers made here have 12 significant digits: the text is the value.
#pragma once

#include "base/param.h"
#include "base/quantity.h"

#define LH_STUDY_TEXT_MAX    256  ///< longest value or key (with NUL)
#define LH_STUDY_MAX_KEYS    8    ///< keys that one column sets
#define LH_STUDY_MAX_COLUMNS 32   ///< columns of a study

typedef struct {
  char name[LH_NAME_MAX];
  char unit[LH_UNIT_MAX];  ///< as the user wrote it, "1" for pure numbers
  PetscBool words;         ///< values are texts, not numbers
  PetscBool volumes;       ///< picks the random volume: every seed of the case follows
  PetscInt seed;           ///< of the volumes
  char in[LH_NAME_MAX];    ///< base case it is for, "" for all
  char pattern
      [LH_STUDY_TEXT_MAX];  ///< text in which {} stands for the value, "" for the value alone
  PetscInt num_keys;
  char keys[LH_STUDY_MAX_KEYS][LH_STUDY_TEXT_MAX];
  PetscInt n;
  char (*value)[LH_STUDY_TEXT_MAX];
  LhMark mark;
} LhStudyColumn;

typedef struct {
  PetscInt n;  ///< points
  PetscInt first, num_columns;
} LhAxis;

typedef struct {
  PetscInt num_axes, num_columns;
  LhAxis axes[LH_STUDY_MAX_COLUMNS];
  LhStudyColumn columns[LH_STUDY_MAX_COLUMNS];
} LhAxes;

/// Reads the list `axes:`. Mistakes become diagnostics. Free with LhAxesClear().
PetscErrorCode LhAxesRead(const LhReader *reader, LhNode list, LhNode parent, LhAxes *axes);
PetscErrorCode LhAxesClear(LhAxes *axes);
/// Tables of the section, for describe and the reference.
PetscErrorCode LhAxesGetTables(PetscInt *n, const LhTable *const **tables);
