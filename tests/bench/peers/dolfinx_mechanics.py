#!/usr/bin/python3 -I
"""B1 and B3 in dolfinx 0.5, as a good user would write them: quadrature elements with a vectorised numpy return map (B1)
or an energy differentiated by UFL (B3), Newton to 1e-8, PETSc CG with GAMG on the rigid-body modes.

usage: dolfinx_mechanics.py b1|b3 MESH.npz [petsc options]     prints one JSON line
"""
import json
import resource
import sys
import time

import numpy as np
import petsc4py

petsc4py.init(sys.argv[3:])
import ufl
from basix import CellType, make_quadrature
from dolfinx import fem, mesh
from dolfinx.fem import petsc as fp
from mpi4py import MPI
from petsc4py import PETSc

COMM = MPI.COMM_WORLD
JIT = {"cffi_extra_compile_args": ["-O3", "-march=native"]}
DEGREE = 2
phases = {}


class Phase:
    """Adds the time between enter and exit to a phase."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.start = time.perf_counter()

    def __exit__(self, *_):
        phases[self.name] = phases.get(self.name, 0.0) + time.perf_counter() - self.start


def read_mesh(path):
    data = np.load(path)
    x, cells = data["x"], data["cells"][:, [0, 1, 3, 2, 4, 5, 7, 6]].astype(np.int64)
    if COMM.rank:
        x, cells = x[:0], cells[:0]
    return mesh.create_mesh(COMM, cells, x, ufl.Mesh(ufl.VectorElement("Lagrange", "hexahedron", 1)))


def plane(domain, axis, value):
    return mesh.locate_entities_boundary(domain, 2, lambda y: np.isclose(y[axis], value))


def rigid_modes(space, matrix):
    owned = space.dofmap.index_map.size_local
    x = space.tabulate_dof_coordinates()[:owned] - 0.5
    modes = np.zeros((6, owned, 3))
    for i in range(3):
        modes[i, :, i] = 1
        modes[3 + i, :, (i + 1) % 3], modes[3 + i, :, (i + 2) % 3] = -x[:, (i + 2) % 3], x[:, (i + 1) % 3]
    basis = []
    for mode in modes:
        v = matrix.createVecRight()
        v.array[:] = mode.ravel()
        for other in basis:
            v.axpy(-v.dot(other), other)
        v.normalize()
        basis.append(v)
    matrix.setNearNullSpace(PETSc.NullSpace().create(vectors=basis))


class Plasticity:
    """Small-strain J2 with linear hardening: stress and tangent at quadrature points as functions."""

    def __init__(self, space):
        domain, cell = space.mesh, space.mesh.ufl_cell()
        tensor = fem.FunctionSpace(domain, ufl.VectorElement("Quadrature", cell, degree=DEGREE, dim=6, quad_scheme="default"))
        scalar = fem.FunctionSpace(domain, ufl.FiniteElement("Quadrature", cell, degree=DEGREE, quad_scheme="default"))
        self.E, self.nu, self.Y, self.H = 1e4, 0.3, 100.0, 500.0
        self.G, self.K = self.E / 2 / (1 + self.nu), self.E / 3 / (1 - 2 * self.nu)
        self.u = fem.Function(space)
        self.stress, self.normal = fem.Function(tensor), fem.Function(tensor)
        self.lam, self.mu, self.beta = (fem.Function(scalar) for _ in range(3))
        du, v = ufl.TrialFunction(space), ufl.TestFunction(space)
        eps = lambda w: ufl.sym(ufl.grad(w))
        voigt = lambda s: ufl.as_matrix([[s[0], s[3], s[5]], [s[3], s[1], s[4]], [s[5], s[4], s[2]]])
        dx = ufl.Measure("dx", domain=domain, metadata={"quadrature_degree": DEGREE, "quadrature_scheme": "default"})
        n = voigt(self.normal)
        dstress = self.lam * ufl.tr(eps(du)) * ufl.Identity(3) + 2 * self.mu * eps(du) - self.beta * ufl.inner(n, eps(du)) * n
        self.tangent = fem.form(ufl.inner(eps(v), dstress) * dx, jit_params=JIT)
        self.force = fem.form(ufl.inner(eps(v), voigt(self.stress)) * dx, jit_params=JIT)
        points, _ = make_quadrature(CellType.hexahedron, DEGREE)
        e = eps(self.u)
        self.strain = fem.Expression(ufl.as_vector([e[0, 0], e[1, 1], e[2, 2], e[0, 1], e[1, 2], e[0, 2]]), points, jit_params=JIT)
        cells = domain.topology.index_map(3)
        self.cells = np.arange(cells.size_local + cells.num_ghosts, dtype=np.int32)
        self.points = scalar.dofmap.list.array
        self.plastic, self.alpha = np.zeros((len(self.points), 6)), np.zeros(len(self.points))
        self.trial = None

    def update(self):
        eps = self.strain.eval(self.cells).reshape(-1, 6)
        s = eps - self.plastic
        s[:, :3] -= (s[:, :3].sum(1) / 3)[:, None]
        s *= 2 * self.G
        norm = np.sqrt((s[:, :3] ** 2).sum(1) + 2 * (s[:, 3:] ** 2).sum(1))
        excess = norm - np.sqrt(2 / 3) * (self.Y + self.H * self.alpha)
        step = np.where(excess > 0, excess / (2 * self.G + 2 / 3 * self.H), 0.0)
        inverse = np.where(excess > 0, 1 / np.maximum(norm, 1e-300), 0.0)
        theta, n = 2 * self.G * step * inverse, s * inverse[:, None]
        self.trial = self.plastic + step[:, None] * n, self.alpha + np.sqrt(2 / 3) * step
        s *= (1 - theta)[:, None]
        s[:, :3] += (self.K * eps[:, :3].sum(1))[:, None]
        at = self.points
        self.stress.x.array.reshape(-1, 6)[at], self.normal.x.array.reshape(-1, 6)[at] = s, n
        self.lam.x.array[at] = self.K - 2 / 3 * self.G * (1 - theta)
        self.mu.x.array[at] = self.G * (1 - theta)
        self.beta.x.array[at] = np.where(excess > 0, 2 * self.G / (1 + self.H / 3 / self.G) - 2 * self.G * theta, 0.0)

    def accept(self):
        self.plastic, self.alpha = self.trial


class NeoHooke:
    """W = 1/2 (J^(-2/3) tr C - 3) + 5/2 (J - 1)^2."""

    def __init__(self, space):
        self.u = fem.Function(space)
        v, w = ufl.TestFunction(space), ufl.TrialFunction(space)
        F = ufl.variable(ufl.Identity(3) + ufl.grad(self.u))
        J = ufl.det(F)
        W = 0.5 * (J ** (-2.0 / 3) * ufl.tr(F.T * F) - 3) + 2.5 * (J - 1) ** 2
        dx = ufl.Measure("dx", domain=space.mesh, metadata={"quadrature_degree": DEGREE})
        R = ufl.inner(ufl.diff(W, F), ufl.grad(v)) * dx
        self.force, self.tangent = fem.form(R, jit_params=JIT), fem.form(ufl.derivative(R, self.u, w), jit_params=JIT)

    def update(self):
        pass

    accept = update


def supports(case, space, pull):
    """Conditions, the owned pulled unknowns, and all prescribed ones."""
    domain, zero = space.mesh, PETSc.ScalarType(0.0)
    held = [(0, 2), (0, 0), (0, 1)] if case == "b3" else [(2, 2), (0, 0), (1, 1)]
    conditions, all_dofs = [], []
    for axis, component in held:
        dofs = fem.locate_dofs_topological(space.sub(component), 2, plane(domain, 2 if case == "b3" else axis, 0.0))
        conditions.append(fem.dirichletbc(zero, dofs, space.sub(component)))
        all_dofs.append(dofs)
    for component in range(3) if case == "b3" else (2,):
        dofs = fem.locate_dofs_topological(space.sub(component), 2, plane(domain, 2, 1.0))
        conditions.append(fem.dirichletbc(pull if component == 2 else zero, dofs, space.sub(component)))
        all_dofs.append(dofs)
    return conditions, dofs if case == "b1" else all_dofs[-1], np.unique(np.concatenate(all_dofs))


def main():
    start = time.perf_counter()
    case, steps = sys.argv[1], 10
    increment = (0.5 if case == "b3" else 0.02) / steps
    with Phase("mesh_and_setup"):
        domain = read_mesh(sys.argv[2])
        space = fem.VectorFunctionSpace(domain, ("CG", 1))
        model = NeoHooke(space) if case == "b3" else Plasticity(space)
        pull = fem.Constant(domain, PETSc.ScalarType(0.0))
        conditions, top, prescribed = supports(case, space, pull)
        A, b = fp.create_matrix(model.tangent), fp.create_vector(model.force)
        rigid_modes(space, A)
        A.setOption(PETSc.Mat.Option.SPD, True)
        ksp = PETSc.KSP().create(COMM)
        ksp.setType("cg")
        ksp.getPC().setType("gamg")
        ksp.setTolerances(rtol=1e-6, max_it=2000)
        ksp.setOperators(A)
        # GAMG's own estimate of eigenvalues is kept from the aggregation: with it the cycle was indefinite at N = 56, one rank.
        for name, value in (("pc_gamg_use_sa_esteig", 0), ("mg_levels_esteig_ksp_type", "cg"), ("mg_levels_esteig_ksp_max_it", 20)):
            if not PETSc.Options().hasName(name):
                PETSc.Options().setValue(name, value)
        ksp.setFromOptions()
        du = fem.Function(space)
    owned = space.dofmap.index_map.size_local * 3
    top, fixed = top[top < owned], prescribed[prescribed < owned]
    newton = krylov = 0
    force = 0.0
    for _ in range(steps):
        first, k = 0.0, 0
        while True:
            with Phase("elements"):
                model.update()
                pull.value = increment if k == 0 else 0.0
                with b.localForm() as local:
                    local.set(0.0)
                fp.assemble_vector(b, model.force)
                b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
                force = COMM.allreduce(b.array[top].sum(), MPI.SUM)
                A.zeroEntries()
                fp.assemble_matrix(A, model.tangent, bcs=conditions)
                A.assemble()
                with b.localForm() as local:
                    local.set(0.0)
                fp.assemble_vector(b, model.force)
                with b.localForm() as local:
                    local.scale(-1.0)
                fp.apply_lifting(b, [model.tangent], [conditions])
                b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
                fp.set_bc(b, conditions)
                free = b.copy()
                free.array[fixed] = 0.0
                norm = free.norm()
            first = norm if k == 0 else first
            if k and norm <= 1e-8 * first:
                break
            with Phase("preconditioner"):
                ksp.setOperators(A)
                ksp.setUp()
            with Phase("krylov"):
                ksp.solve(b, du.vector)
            if ksp.getConvergedReason() < 0:
                raise RuntimeError("the linear solver did not converge")
            krylov += ksp.getIterationNumber()
            du.x.array[prescribed] = 0.0
            fem.set_bc(du.x.array, conditions)
            du.x.scatter_forward()
            model.u.x.array[:] += du.x.array
            k += 1
            if k > 30:
                raise RuntimeError("Newton's method did not converge")
        model.accept()
        newton += k
    memory = COMM.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, MPI.SUM)
    if COMM.rank == 0:
        print(json.dumps({"tool": "dolfinx", "case": case, "ranks": COMM.size, "unknowns": space.dofmap.index_map.size_global * 3,
                          "answer": force, "seconds": time.perf_counter() - start, "memory_MB": memory, "newton": newton,
                          "krylov": krylov, "setups": newton, "phases": phases}))


main()
