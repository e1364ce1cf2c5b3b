#!/usr/bin/python3 -I
"""B2 in dolfinx 0.5: c, phi_e, phi_s on a unit cube of N^3 hexahedra, Butler-Volmer source modulated in space, backward
Euler, monolithic Newton to 1e-8, GMRES with GAMG.

usage: dolfinx_b2.py N STEPS [petsc options]     prints one JSON line
"""
import json
import resource
import sys
import time

import numpy as np
import petsc4py

petsc4py.init(sys.argv[3:])
import ufl
from dolfinx import fem, mesh
from dolfinx.fem import petsc as fp
from mpi4py import MPI
from petsc4py import PETSc

COMM = MPI.COMM_WORLD
JIT = {"cffi_extra_compile_args": ["-O3", "-march=native"]}


def forms(domain, space, ends):
    """Residual, the unknowns, and those before the step; constants are those of bench_b2.c."""
    U, before, v = fem.Function(space), fem.Function(space), ufl.TestFunction(space)
    c, pe, ps = U[0], U[1], U[2]
    x, g = ufl.SpatialCoordinate(domain), ufl.grad
    a = 1 + 0.8 * ufl.sin(2 * np.pi * x[0]) * ufl.sin(2 * np.pi * x[1])
    tp, Ac, Ae, R, Ie, Fl, M = 0.3, 0.341, 0.772, 793.0, 0.772, 0.239, 13.16
    eta = (ps - pe) / 2
    s = a * ufl.sqrt(c) * (ufl.exp(eta) - ufl.exp(-eta))
    dx = ufl.Measure("dx", domain=domain, metadata={"quadrature_degree": 2})
    ds = ufl.Measure("ds", domain=domain, subdomain_data=ends, metadata={"quadrature_degree": 2})
    F = (M * (c - before[0]) * v[0] + ufl.inner(g(c), g(v[0])) - (1 - tp) * Ac * s * v[0]) * dx - Fl * v[0] * ds(1)
    F += (c * ufl.inner(g(pe), g(v[1])) - 2 * (1 - tp) * ufl.inner(g(c), g(v[1])) - Ae * s * v[1]) * dx
    F += (R * ufl.inner(g(ps), g(v[2])) + Ae * s * v[2]) * dx + Ie * v[2] * ds(2)
    return F, U, before


def main():
    start = time.perf_counter()
    n, steps = int(sys.argv[1]), int(sys.argv[2])
    phases = dict.fromkeys(["mesh_and_setup", "elements", "preconditioner", "krylov"], 0.0)

    def lap(name, since):
        now = time.perf_counter()
        phases[name] += now - since
        return now

    domain = mesh.create_unit_cube(COMM, n, n, n, mesh.CellType.hexahedron)
    space = fem.VectorFunctionSpace(domain, ("CG", 1), dim=3)
    bottom = mesh.locate_entities_boundary(domain, 2, lambda y: np.isclose(y[2], 0))
    top = mesh.locate_entities_boundary(domain, 2, lambda y: np.isclose(y[2], 1))
    faces = np.concatenate([bottom, top]).astype(np.int32)
    values = np.concatenate([np.full(len(bottom), 1), np.full(len(top), 2)]).astype(np.int32)
    order = np.argsort(faces)
    F, U, before = forms(domain, space, mesh.meshtags(domain, 2, faces[order], values[order]))
    J = fem.form(ufl.derivative(F, U, ufl.TrialFunction(space)), jit_params=JIT)
    L = fem.form(F, jit_params=JIT)
    held = fem.locate_dofs_topological(space.sub(1), 2, bottom)
    conditions = [fem.dirichletbc(PETSc.ScalarType(0.0), held, space.sub(1))]
    A, b, du = fp.create_matrix(J), fp.create_vector(L), fem.Function(space)
    U.x.array[0::3] = 1.0
    before.x.array[:] = U.x.array
    ksp = PETSc.KSP().create(COMM)
    ksp.setOperators(A)
    ksp.setType("gmres")
    ksp.getPC().setType("gamg")
    ksp.setTolerances(rtol=1e-8, max_it=500)
    ksp.setFromOptions()
    owned = space.dofmap.index_map.size_local * 3
    held = held[held < owned]
    now = lap("mesh_and_setup", start)
    reference, newton, krylov = None, 0, 0
    for _ in range(steps):
        for k in range(16):
            now = time.perf_counter()
            with b.localForm() as local:
                local.set(0.0)
            fp.assemble_vector(b, L)
            b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
            b.array[held] = 0.0
            norm = b.norm()
            now = lap("elements", now)
            reference = reference or norm
            if norm <= 1e-8 * reference:
                break
            A.zeroEntries()
            fp.assemble_matrix(A, J, bcs=conditions)
            A.assemble()
            now = lap("elements", now)
            ksp.setOperators(A)
            ksp.setUp()
            now = lap("preconditioner", now)
            ksp.solve(b, du.vector)
            now = lap("krylov", now)
            if ksp.getConvergedReason() < 0:
                raise RuntimeError("the linear solver did not converge")
            krylov, newton = krylov + ksp.getIterationNumber(), newton + 1
            du.x.scatter_forward()
            U.x.array[:] -= du.x.array
        before.x.array[:] = U.x.array
    extreme = lambda i, local, op: COMM.allreduce(local(U.x.array[i:owned:3]), op)
    answer = [f for i in range(3) for f in (extreme(i, np.min, MPI.MIN), extreme(i, np.max, MPI.MAX))]
    memory = COMM.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, MPI.SUM)
    if COMM.rank == 0:
        print(json.dumps({"tool": "dolfinx", "case": "b2", "ranks": COMM.size, "unknowns": space.dofmap.index_map.size_global * 3,
                          "answer": answer, "seconds": time.perf_counter() - start, "memory_MB": memory, "newton": newton,
                          "krylov": krylov, "setups": newton, "phases": phases}))


main()
