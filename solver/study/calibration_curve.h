/// @file
/// Columns of CSV files with units in their headers ("strain [1],stress [MPa]"), measured or written by a run.
#pragma once

#include "study/calibration.h"

/// Two columns by name, with unit or without; rows that hold no two numbers are left out. Values in SI units; `*why` is a
/// sentence when the file, a column or a unit is missing, else NULL. Free both with PetscFree2(*x, *y).
PetscErrorCode LhCalCurveReadFile(const char path[], const char x[], const char y[],
                                  LhCalCurve *curve, char unit_y[LH_UNIT_MAX], char why[512]);
/// The measured curve of a target, relative to the calibration file; mistakes become diagnostics at the target.
PetscErrorCode LhCalCurveReadMeasured(const char beside[], LhCalTarget *target, LhDiag diag);
/// y at a place, linear between points; `*inside` false beyond the last one, where its last value is given.
PetscReal LhCalCurveAt(const LhCalCurve *curve, PetscReal x, PetscBool *inside);
