/// @file
/// Materials: data files (materials/<name>.yaml) bound to laws.
///
/// A region of a case has one material: a *host* (composite with reactions), a *porous* inert
/// layer (separator; free electrolyte is a porous layer of porosity 1), or a *solid*, one phase of a
/// resolved volume. The liquid in all pores is
/// one *electrolyte*. All values are SI; each keeps source and evidence in the record.
#pragma once

#include "laws/composition.h"
#include "laws/equilibrium_law.h"
#include "laws/kinetics_law.h"
#include "laws/mech_law.h"
#include "laws/transport_law.h"

#define LH_MAX_REACTIONS   3
#define LH_MAX_MECH_PHASES 4

typedef enum {
  LH_MATERIAL_HOST,
  LH_MATERIAL_POROUS,
  LH_MATERIAL_ELECTROLYTE,
  LH_MATERIAL_SOLID  ///< one phase of a resolved volume: mechanics only
} LhMaterialKind;

typedef enum {
  LH_CONTENT_METAL,  ///< free lithium: opens pores when stripped, limited by pore space when plated
  LH_CONTENT_SITES   ///< sites of an alloy or intercalate: between 0 and `capacity`
} LhContentKind;

/// The series circuit of one interface: contact resistance, film (R_f || C_f), charge transfer (kinetics || C_dl).
typedef struct {
  double contact_resistance;  ///< R_0 > 0 [Ohm m^2]
  double film_resistance;     ///< R_f at the reference temperature [Ohm m^2]
  double
      film_activation_energy;  ///< E_a of R_f(T) = R_ref (T/T_ref) exp[E_a/R (1/T - 1/T_ref)] [J/mol]
  double film_capacitance;     ///< C_f [F/m^2], 0 = none
  double double_layer_capacitance;  ///< C_dl > 0 [F/m^2]
  const LhKineticsLaw *kinetics;
  void *kinetics_params;
} LhInterface;

/// One lithium reservoir of a host and the reaction that fills or empties it. Per volume of dense composite.
typedef struct {
  char name[LH_NAME_MAX];
  LhContentKind kind;
  double initial;       ///< content as rolled [mol/m^3]
  double capacity;      ///< most it can hold [mol/m^3]; PETSC_INFINITY for metal
  double molar_volume;  ///< volume of the host solid per mol of Li in it [m^3/mol]
  double
      transmission;  ///< beta in [0,1]: share of the volume change that is macroscopic growth [1]
  double area;       ///< A0, interface area per volume when full [1/m]
  double area_exponent;    ///< A = A0 (theta + theta_nuc)^exponent [1]
  double nucleation_area;  ///< A where the reservoir is empty [1/m]
  double supply_time;      ///< tau_s of the rate-limited supply [s]
  LhInterface interface;
  const LhEquilibriumLaw *equilibrium;
  void *equilibrium_params;
} LhReaction;

/// One load-bearing phase of the parallel (iso-strain) mixture.
typedef enum {
  LH_WEIGHT_ONE,
  LH_WEIGHT_LITHIUM,
  LH_WEIGHT_VOID
} LhMechWeight;  ///< whole volume, v_Li = V_Li N_Li, or 1 - v_Li
typedef struct {
  const LhMechLaw *law;
  void *params;
  LhMechWeight weight;
  char name[LH_NAME_MAX];
} LhMechPhase;

typedef struct _n_LhMaterial *LhMaterial;

typedef struct {
  char name[LH_NAME_MAX];
  LhMaterialKind kind;
  // host
  LhPrecursors precursors;
  LhPhaseData phases;
  LhComposition composition;
  PetscInt num_reactions;
  LhReaction reactions[LH_MAX_REACTIONS];
  double inert_volume;  ///< Zn (delithiated) + Li3N + CNT volume per dense composite volume [1]
  double min_porosity;  ///< eps_min kept open when plating fills pores [1]
  double network_conductivity;  ///< electronic, of the CNT network (phi_C sigma_C / 3) [S/m]
  double metal_conductivity;    ///< electronic, of lithium metal [S/m]
  double bridge_conductivity;   ///< ionic, of the Li3N network (phi_N kappa_N / 3) [S/m]
  double bridge_exchange;       ///< A_N / R_N between it and the liquid [S/m^3], 0 = equilibrium
  double strengthening;         ///< factor on the flow resistance of lithium [1]
  // pores of host and porous layer
  double porosity;      ///< as made [1]
  double bruggeman;     ///< exponent b: kappa_eff = kappa eps^b; 0 when macmullin is used
  double macmullin;     ///< N_M: kappa_eff = kappa / N_M; 0 when bruggeman is used
  double permeability;  ///< Darcy [m^2], 0 = not given
  double thickness;     ///< of a porous layer as supplied [m], 0 = not given
  // of a solid, from its phase file
  double electronic_conductivity, ionic_conductivity;  ///< 0 = not given [S/m]
  // mechanics
  PetscInt num_mech;
  LhMechPhase mech[LH_MAX_MECH_PHASES];
  // electrolyte
  const LhTransportLaw *transport;
  void *transport_params;
  double concentration;  ///< initial salt concentration [mol/m^3]
  double viscosity;      ///< [Pa s], 0 = not given
  double density;        ///< of the liquid [kg/m^3], 0 = not given
} LhMaterialData;

/// Reads a material. `name` is a file beside the case, the name of a shipped material, or a map with
/// the whole material; `overrides` (may be NULL) is the map of keys the case changes, merged key by
/// key (a map that names another `law` replaces the old one). Paths in messages and in the record
/// begin with `material.<name>`. NULL after a diagnostic. Collective.
PetscErrorCode LhMaterialRead(MPI_Comm comm, const LhReader *reader, LhNode name, LhNode overrides,
                              const char case_dir[], LhMaterial *material);
PetscErrorCode LhMaterialDestroy(LhMaterial *material);
PetscErrorCode LhMaterialGetData(LhMaterial material, const LhMaterialData **data);
/// Reads an LhInterface (for a planar lithium electrode in a case) from a map; its key `like` names
/// a phase file (e.g. lithium) that gives what the map does not. Collective on PETSC_COMM_WORLD.
PetscErrorCode LhInterfaceRead(const LhReader *reader, LhNode map, LhNode parent, const char path[],
                               LhInterface *interface);
PetscErrorCode LhInterfaceDestroy(LhInterface *interface);
/// R_f at a temperature [Ohm m^2].
double LhInterfaceFilmResistance(const LhInterface *interface, double temperature);
/// Tables of all sections and laws, for describe and schema.
PetscErrorCode LhMaterialGetTables(PetscInt *n, const LhTable *const **tables);
/// Directory of shipped materials, set once at start-up to the installed one or the source tree's.
/// $LIHOST_DATA/materials comes before it, $LIHOST_SOURCE_DIR/materials after it.
PetscErrorCode LhMaterialSetDirectory(const char directory[]);
PetscErrorCode LhMaterialGetDirectory(char directory[], size_t size);
