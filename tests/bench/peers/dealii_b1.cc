/// @file
/// B1 in deal.II 9.4 as a good user would write it: FEValues and symmetric tensors, return map at the points, Newton to
/// 1e-8, Trilinos CG with smoothed aggregation on the constant modes. Prints one JSON line. Owns nothing of lihost.
///
/// usage: dealii_b1 MESH.bin     (node and cell counts as int32, coordinates, cells in VTK order; see run_bench.py)
#include <deal.II/base/quadrature_lib.h>
#include <deal.II/base/symmetric_tensor.h>
#include <deal.II/distributed/shared_tria.h>
#include <deal.II/dofs/dof_handler.h>
#include <deal.II/dofs/dof_tools.h>
#include <deal.II/fe/fe_q.h>
#include <deal.II/fe/fe_system.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/affine_constraints.h>
#include <deal.II/lac/sparsity_tools.h>
#include <deal.II/lac/trilinos_precondition.h>
#include <deal.II/lac/trilinos_solver.h>
#include <deal.II/lac/trilinos_sparse_matrix.h>
#include <deal.II/lac/trilinos_vector.h>
#include <deal.II/numerics/vector_tools.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>

using namespace dealii;

namespace {

const double young = 1e4, poisson = .3, yield = 100., hardening = 500., pull = .02;
const double G = young / 2. / (1. + poisson), K = young / 3. / (1. - 2. * poisson);
const unsigned int steps = 10;
enum { left = 1, front, bottom, top };

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct PointState {
  SymmetricTensor<2, 3> plastic;
  double alpha = 0.;
};

/// Radial return with linear hardening: stress and consistent tangent.
void ReturnMap(const SymmetricTensor<2, 3> &strain, const PointState &old, PointState &now,
               SymmetricTensor<2, 3> &stress, SymmetricTensor<4, 3> &tangent) {
  static const SymmetricTensor<4, 3> volumetric =
      outer_product(unit_symmetric_tensor<3>(), unit_symmetric_tensor<3>());
  static const SymmetricTensor<4, 3> deviatoric = deviator_tensor<3>();
  const SymmetricTensor<2, 3> trial = 2. * G * deviator(strain - old.plastic);
  const double norm = trial.norm();
  const double excess = norm - std::sqrt(2. / 3.) * (yield + hardening * old.alpha);

  now = old;
  stress = trial;
  tangent = K * volumetric + 2. * G * deviatoric;
  if (excess > 0.) {
    const double step = excess / (2. * G + 2. / 3. * hardening), theta = 2. * G * step / norm;
    const SymmetricTensor<2, 3> normal = trial / norm;
    now.plastic += step * normal;
    now.alpha += std::sqrt(2. / 3.) * step;
    stress *= 1. - theta;
    tangent = K * volumetric + 2. * G * (1. - theta) * deviatoric -
              (2. * G / (1. + hardening / 3. / G) - 2. * G * theta) * outer_product(normal, normal);
  }
  stress += K * trace(strain) * unit_symmetric_tensor<3>();
}

class Block {
 public:
  explicit Block(const char *path);
  void Pull();
  void Report(double seconds);

 private:
  void ReadMesh(const char *path);
  void MarkFaces();
  void Constrain(AffineConstraints<double> &constraints, double increment);
  void Assemble(const AffineConstraints<double> &constraints);
  void Solve(const AffineConstraints<double> &constraints, double tolerance);
  void Step();
  void Lap(const char *name);

  MPI_Comm comm = MPI_COMM_WORLD;
  parallel::shared::Triangulation<3> mesh;
  FESystem<3> element;
  DoFHandler<3> dofs;
  IndexSet owned, relevant, pulled;
  AffineConstraints<double> moving, resting;
  TrilinosWrappers::SparseMatrix matrix;
  TrilinosWrappers::MPI::Vector residual, correction, u, u_ghosted, force;
  std::vector<PointState> old, now;
  std::vector<std::vector<bool>> modes;
  std::map<std::string, double> phases;
  double since, answer = 0.;
  unsigned int newton = 0, krylov = 0;
};

Block::Block(const char *path)
    : mesh(comm, Triangulation<3>::none, false,
           parallel::shared::Triangulation<3>::partition_metis),
      element(FE_Q<3>(1), 3),
      dofs(mesh),
      since(Now()) {
  ReadMesh(path);
  MarkFaces();
  dofs.distribute_dofs(element);
  owned = dofs.locally_owned_dofs();
  DoFTools::extract_locally_relevant_dofs(dofs, relevant);
  Constrain(moving, pull / steps);
  Constrain(resting, 0.);
  DynamicSparsityPattern pattern(relevant);
  DoFTools::make_sparsity_pattern(dofs, pattern, moving, false);
  SparsityTools::distribute_sparsity_pattern(pattern, owned, comm, relevant);
  matrix.reinit(owned, owned, pattern, comm);
  for (auto *v : {&residual, &correction, &u, &force}) v->reinit(owned, comm);
  u_ghosted.reinit(owned, relevant, comm);
  const ComponentMask along(std::vector<bool>{false, false, true});
  pulled = DoFTools::extract_boundary_dofs(dofs, along, {top}) & owned;
  old.resize(8 * mesh.n_active_cells());
  now = old;
  DoFTools::extract_constant_modes(dofs, ComponentMask(), modes);
  Lap("mesh_and_setup");
}

void Block::Lap(const char *name) {
  phases[name] += Now() - since;
  since = Now();
}

void Block::ReadMesh(const char *path) {
  const int vertex[8] = {0, 1, 3, 2, 4, 5, 7, 6};
  std::ifstream file(path, std::ios::binary);
  int count[2] = {0, 0};

  file.read(reinterpret_cast<char *>(count), sizeof(count));
  std::vector<Point<3>> points(count[0]);
  std::vector<int> corners(8 * static_cast<std::size_t>(count[1]));
  for (auto &p : points) file.read(reinterpret_cast<char *>(&p[0]), 3 * sizeof(double));
  file.read(reinterpret_cast<char *>(corners.data()), 4 * corners.size());
  AssertThrow(file.good(), ExcMessage("cannot read the mesh"));
  std::vector<CellData<3>> cells(count[1]);
  for (std::size_t c = 0; c < cells.size(); c++) {
    for (int a = 0; a < 8; a++) cells[c].vertices[a] = corners[8 * c + vertex[a]];
  }
  mesh.create_triangulation(points, cells, SubCellData());
}

void Block::MarkFaces() {
  for (const auto &cell : mesh.active_cell_iterators()) {
    for (const auto &face : cell->face_iterators()) {
      if (!face->at_boundary()) continue;
      const Point<3> centre = face->center();
      for (unsigned int d = 0; d < 3; d++) {
        if (std::abs(centre[d]) < 1e-9) face->set_boundary_id(left + d);
      }
      if (std::abs(centre[2] - 1.) < 1e-9) face->set_boundary_id(top);
    }
  }
}

void Block::Constrain(AffineConstraints<double> &constraints, double increment) {
  constraints.reinit(relevant);
  for (unsigned int id = left; id <= top; id++) {
    ComponentMask mask(3, false);
    mask.set(id == top ? 2 : id - left, true);
    VectorTools::interpolate_boundary_values(
        dofs, id, Functions::ConstantFunction<3>(id == top ? increment : 0., 3), constraints, mask);
  }
  constraints.close();
}

void Block::Assemble(const AffineConstraints<double> &constraints) {
  const QGauss<3> rule(2);
  FEValues<3> values(element, rule, update_gradients | update_JxW_values);
  const FEValuesExtractors::Vector displacement(0);
  const unsigned int n = element.dofs_per_cell;
  FullMatrix<double> cell_matrix(n, n);
  Vector<double> cell_force(n);
  std::vector<types::global_dof_index> index(n);
  std::vector<SymmetricTensor<2, 3>> strain(rule.size()), B(n), DB(n);
  SymmetricTensor<2, 3> stress;
  SymmetricTensor<4, 3> tangent;

  matrix = 0., residual = 0., force = 0.;
  for (const auto &cell : dofs.active_cell_iterators()) {
    if (!cell->is_locally_owned()) continue;
    values.reinit(cell);
    cell_matrix = 0., cell_force = 0.;
    values[displacement].get_function_symmetric_gradients(u_ghosted, strain);
    cell->get_dof_indices(index);
    for (unsigned int q = 0; q < rule.size(); q++) {
      const std::size_t at = 8 * cell->active_cell_index() + q;
      ReturnMap(strain[q], old[at], now[at], stress, tangent);
      for (unsigned int i = 0; i < n; i++) {
        B[i] = values[displacement].symmetric_gradient(i, q);
        DB[i] = (tangent * B[i]) * values.JxW(q);
      }
      for (unsigned int i = 0; i < n; i++) {
        for (unsigned int j = 0; j <= i; j++) cell_matrix(i, j) += DB[i] * B[j];
        cell_force(i) -= stress * B[i] * values.JxW(q);
      }
    }
    for (unsigned int i = 0; i < n; i++) {
      for (unsigned int j = i + 1; j < n; j++) cell_matrix(i, j) = cell_matrix(j, i);
      force(index[i]) -= cell_force(i);
    }
    constraints.distribute_local_to_global(cell_matrix, cell_force, index, matrix, residual);
  }
  matrix.compress(VectorOperation::add);
  residual.compress(VectorOperation::add);
  force.compress(VectorOperation::add);
  Lap("elements");
}

void Block::Solve(const AffineConstraints<double> &constraints, double tolerance) {
  TrilinosWrappers::PreconditionAMG amg;
  TrilinosWrappers::PreconditionAMG::AdditionalData data;
  SolverControl control(2000, tolerance);
  TrilinosWrappers::SolverCG cg(control);

  data.constant_modes = modes;
  data.elliptic = true;
  data.higher_order_elements = false;
  data.smoother_sweeps = 2;
  data.aggregation_threshold = .02;
  amg.initialize(matrix, data);
  Lap("preconditioner");
  correction = 0.;
  cg.solve(matrix, correction, residual, amg);
  krylov += control.last_step();
  constraints.distribute(correction);
  u += correction;
  u_ghosted = u;
  Lap("krylov");
}

void Block::Step() {
  double first = 0.;

  for (unsigned int k = 0; k < 30; k++) {
    const AffineConstraints<double> &constraints = k == 0 ? moving : resting;
    Assemble(constraints);
    const double norm = residual.l2_norm();
    if (k == 0) first = norm;
    if (k > 0 && norm <= 1e-8 * first) break;
    Solve(constraints, 1e-6 * norm);
    newton++;
  }
  old = now;
  double sum = 0.;
  for (const auto i : pulled) sum += force(i);
  answer = Utilities::MPI::sum(sum, comm);
}

void Block::Pull() {
  for (unsigned int step = 0; step < steps; step++) Step();
}

void Block::Report(double seconds) {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const double memory = Utilities::MPI::sum(usage.ru_maxrss / 1024., comm);
  if (Utilities::MPI::this_mpi_process(comm) != 0) return;
  std::printf(
      "{\"tool\": \"deal.II\", \"case\": \"b1\", \"ranks\": %u, \"unknowns\": %u, "
      "\"answer\": %.9g, \"seconds\": %.3f, \"memory_MB\": %.0f, \"newton\": %u, "
      "\"krylov\": %u, \"setups\": %u, \"phases\": {",
      Utilities::MPI::n_mpi_processes(comm), dofs.n_dofs(), answer, seconds, memory, newton, krylov,
      newton);
  const char *separator = "";
  for (const auto &phase : phases) {
    std::printf("%s\"%s\": %.3f", separator, phase.first.c_str(), phase.second);
    separator = ", ";
  }
  std::printf("}}\n");
}

}  // namespace

int main(int argc, char **argv) {
  Utilities::MPI::MPI_InitFinalize mpi(argc, argv, 1);
  const double start = Now();

  AssertThrow(argc == 2, ExcMessage("usage: dealii_b1 MESH.bin"));
  Block block(argv[1]);
  block.Pull();
  block.Report(Now() - start);
  return 0;
}
