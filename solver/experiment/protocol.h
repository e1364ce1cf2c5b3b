/// @file
/// The steps of a protocol, in words a battery tester's user knows:
///   strip at 0.5 mA/cm^2 until 1 V
///   plate at 0.5 mA/cm^2 for 1 h or until 3 mA.h/cm^2
///   hold at 0.1 V until 0.01 mA/cm^2
///   rest for 10 min
/// Conditions are joined by "or"; the first one met ends the step. Reads text only.
#pragma once

#include "base/param.h"

typedef enum { LH_STEP_STRIP, LH_STEP_PLATE, LH_STEP_HOLD, LH_STEP_REST } LhStepKind;

/// Unset conditions are NaN.
typedef struct {
  LhStepKind kind;
  PetscReal current_density;  ///< of strip and plate, positive [A/m^2]
  PetscReal hold_voltage;     ///< of hold [V]
  PetscReal time;             ///< end after this time [s]
  PetscReal voltage;          ///< end at this voltage [V]
  PetscReal charge;           ///< end after this charge per area in this step [C/m^2]
  PetscReal end_current;      ///< end when |i| falls to this [A/m^2]
  char text[LH_NAME_MAX];
} LhStep;

/// Reads a list of steps; mistakes become diagnostics at their place. `*steps` is freed with PetscFree().
PetscErrorCode LhProtocolRead(const LhReader *reader, LhNode list, const char path[], PetscInt *n,
                              LhStep **steps);
