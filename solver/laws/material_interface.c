/// @file
/// Owns the series circuit of an interface: contact, film, charge transfer (physics.md C.3).
#include <math.h>
#include <string.h>

#include "laws/material_read.h"

typedef struct {
  PetscReal contact_resistance;
  PetscReal film_resistance;
  PetscReal film_activation_energy;
  PetscReal film_capacitance;
  PetscReal double_layer_capacitance;
  LhNode kinetics;
  char like[LH_NAME_MAX];
} Params;

static const LhParam rows[] = {
    LH_ROW_REAL(Params, contact_resistance, "Ohm m2", 1e-12, 1, NULL,
                "electronic contact resistance R_0 of the interface, per interface area"),
    LH_ROW_REAL(Params, film_resistance, "Ohm m2", 0, 10, NULL,
                "resistance R_f of the surface film at 298.15 K"),
    LH_ROW_REAL(Params, film_activation_energy, "J mol-1", 0, 5e5, NULL,
                "E_a of R_f(T) = R_ref (T/T_ref) exp[E_a/R (1/T - 1/T_ref)]"),
    LH_ROW_REAL(Params, film_capacitance, "F m-2", 0, 100, NULL,
                "capacitance C_f in parallel with the film; 0 = none"),
    LH_ROW_REAL(Params, double_layer_capacitance, "F m-2", 1e-6, 100, NULL,
                "double-layer capacitance C_dl in parallel with the charge transfer"),
    LH_ROW_NODE(Params, kinetics, NULL, "law of the charge transfer"),
    LH_ROW_TEXT(Params, like, "", "phase file whose interface gives what is not said here"),
};
const LhTable lh_interface_table = LH_TABLE("interface", "contact, film and charge transfer", rows);

// `like: lithium` takes the interface of that phase file as the base of this map; `*merged` is NULL
// after a diagnostic.
static PetscErrorCode Inherit(const LhReader *reader, LhNode map, LhDoc scratch, LhDoc *file,
                              LhNode *merged) {
  const LhMaterialContext context = {PETSC_COMM_WORLD, reader, "", scratch};
  const LhNode like = LhNodeFind(map, "like");
  LhNode root = NULL, base;

  PetscFunctionBeginUser;
  *file = NULL;
  *merged = map;
  if (!like) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMaterialOpen(&context, like, "the phase", file, &root));
  base = LhNodeFind(LhNodeFind(root, "reaction"), "interface");
  if (root && !base) {
    const LhMark mark = LhNodeGetMark(like);

    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "'%s' has no reaction with an interface to be like", LhNodeGetText(like)));
  }
  PetscCall(LhNodeOverlay(scratch, base, map, "law", merged));
  if (!base) *merged = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadParams(const LhReader *reader, LhNode map, LhNode parent,
                                 const char path[], LhInterface *interface) {
  Params params = {.like = ""};
  char kinetics_path[LH_MATERIAL_PATH];
  const void *law;

  PetscFunctionBeginUser;
  PetscCall(LhParamsRead(reader, &lh_interface_table, map, parent, path, &params));
  PetscCall(PetscSNPrintf(kinetics_path, sizeof(kinetics_path), "%s.kinetics", path));
  if (params.kinetics) {
    const LhLawSection section = {
        .family = LH_LAW_KINETICS, .map = params.kinetics, .parent = map, .path = kinetics_path};

    PetscCall(LhLawRead(reader, &section, &law, &interface->kinetics_params));
    interface->kinetics = law;
  }
  interface->contact_resistance = params.contact_resistance;
  interface->film_resistance = params.film_resistance;
  interface->film_activation_energy = params.film_activation_energy;
  interface->film_capacitance = params.film_capacitance;
  interface->double_layer_capacitance = params.double_layer_capacitance;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhInterfaceRead(const LhReader *reader, LhNode map, LhNode parent, const char path[],
                               LhInterface *interface) {
  LhDoc scratch, file;
  LhNode merged;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(interface, sizeof(*interface)));
  PetscCall(LhDocParse("", "{}", 2, reader->diag, &scratch));
  PetscCall(Inherit(reader, map, scratch, &file, &merged));
  if (merged || !map) PetscCall(ReadParams(reader, merged, parent, path, interface));
  PetscCall(LhDocDestroy(&file));
  PetscCall(LhDocDestroy(&scratch));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhInterfaceDestroy(LhInterface *interface) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree(interface->kinetics_params));
  interface->kinetics = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

double LhInterfaceFilmResistance(const LhInterface *interface, double temperature) {
  const double ratio = temperature / LH_REFERENCE_TEMPERATURE;
  const double inverse = 1. / temperature - 1. / LH_REFERENCE_TEMPERATURE;

  return interface->film_resistance * ratio *
         exp(interface->film_activation_energy / LH_GAS_CONSTANT * inverse);
}
