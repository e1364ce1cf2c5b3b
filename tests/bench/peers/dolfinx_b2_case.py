#!/usr/bin/python3 -I
"""B2 in dolfinx 0.5: the case cases/b2.yaml, equations (E1) to (E19) of docs/theory/electrochemistry.md, written out once more.

phi_s, phi_e in units of RT/F and ln c on trilinear hexahedra, transport coefficients and reactions constant in a cell (DG0),
salt lumped at the nodes, implicit Euler. Rate, current, film, content and double layer of a cell follow from its means of the
three by a scalar equation, which numpy solves for all cells at once, as it does for the faces of the lithium electrode; their
slopes enter the tangent. Newton to 1e-7 of the first residual, GMRES with GAMG.

usage: dolfinx_b2_case.py N FIELDS.h5 [petsc options]     prints one JSON line
"""
import json
import os
import resource
import sys
import time
import traceback

import numpy as np
import petsc4py

petsc4py.init(sys.argv[3:])
import h5py
import ufl
from dolfinx import fem, mesh
from dolfinx.fem import petsc as fp
from mpi4py import MPI
from petsc4py import PETSc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))
from b2_fields import ELECTRODE, SEPARATOR, WIDTH, layers

COMM = MPI.COMM_WORLD
JIT = {"cffi_extra_compile_args": ["-O3", "-march=native"]}
F, RT = 96485.33212, 8.31446261815324 * 298.15
STEPS, STEP, CURRENT, SALT = 20, 120.0, 50.0, 1000.0  # 1, s, A/m^2, mol/m^3
KAPPA, DIFFUSIVITY, TPLUS, FACTOR = 1.1, 8e-10, 0.5, 1.3  # of the liquid
HOST_PORES, SEPARATOR_PORES, MACMULLIN, NETWORK = 0.35, 0.55, 5.0, 100.0
CONTACT, FILM, FILM_CAPACITY, LAYER = 1e-6, 2e-4, 0.01, 0.2  # Ohm m^2, F/m^2: both interfaces
EXCHANGE, LITHIUM_EXCHANGE, SUPPLY, DIAMETER, FILL = 5.0, 70.6, 0.01, 1e-6, 0.95
EDGES, PLATEAUS, STAIR = [1, 0.67, 0.50, 0.40], [0.157, 0.219, 0.256, 0.30], 0.2
COLLECTOR = 1e-6  # Ohm m^2


def composition():
    """Volume share of LiZn in the dense solid, sites [mol/m^3 of it], volume of lithium in LiZn [m^3/mol]: Zn + Li -> LiZn."""
    mass = {"Zn": 1.0, "Li": 0.1063, "CNT": 0.1}
    zn = mass["Zn"] / ZINC[0]
    volume = zn * LIZN[0] / LIZN[1] + (mass["Li"] / 6.94e-3 - zn) * 6.94e-3 / 534 + mass["CNT"] / 2100
    return zn * LIZN[0] / LIZN[1] / volume, zn / volume, LIZN[0] / LIZN[1] - ZINC[0] / ZINC[1]


ZINC, LIZN = (65.38e-3, 7140.0), (72.32e-3, 3990.0)  # kg/mol, kg/m^3


def equilibrium(y):
    """(E19): potential [V] and its slope."""
    U, slope = np.full_like(y, PLATEAUS[0]), np.zeros_like(y)
    for low, high, edge in zip(PLATEAUS, PLATEAUS[1:], EDGES[1:]):
        s = 0.5 * (1 - np.tanh((y - edge) / STAIR))
        U += (high - low) * s
        slope -= (high - low) * s * (1 - s) * 2 / STAIR
    return U, slope


class Cells:
    """The unknowns of the electrode's cells, and transport coefficients of all."""

    def __init__(self, host, cnt, alloy):
        self.host, n = host, len(host)
        share, sites, self.molar = composition()
        dense = 1 - HOST_PORES
        self.sites, self.area = dense * alloy * sites, dense * alloy * 6 * share / DIAMETER
        self.inert = dense - self.molar * FILL * self.sites
        self.network = NETWORK * dense * cnt
        self.content, self.film, self.layer = FILL * self.sites, np.zeros(host.sum()), np.zeros(host.sum())
        self.pores = np.full(n, SEPARATOR_PORES)
        self.pores[host] = 1 - self.inert - self.molar * self.content
        self.trial = self.content

    def rate(self, v, content, lnc):
        """(E4), (E14), (E15), (E19): rate and its slopes by v, content, ln c."""
        U, slope = equilibrium(content / self.sites)
        base, f = EXCHANGE * np.exp(0.5 * (lnc - np.log(1000.0))), 0.5 * F / RT
        a, c = base * np.exp(f * (v - U)), base * np.exp(-f * (v - U))
        n, by_v = self.area * (a - c), self.area * f * (a + c)
        S = np.where(n > 0, content, self.sites - content) * F / SUPPLY
        total, sign = np.abs(n) + np.maximum(S, 0) + 1e-30, np.where(n > 0, 1, -1)
        share, by_S = np.where(S > 0, (S / total) ** 2, 0), np.where(S > 0, sign * (n / total) ** 2, sign)
        by_content = -share * by_v * slope / self.sites + by_S * sign * F / SUPPLY
        return np.where(S > 0, n * S / total, sign * S), share * by_v, by_content, share * 0.5 * n

    def solve(self, drop, lnc):
        """Currents of the cells [A/m^3], contents, and the slopes of both by drop of potential [V] and ln c: (E4) to (E8) as
        one equation for the content, which falls with it; Newton's method between bounds."""
        held, by_time = FILM * FILM_CAPACITY / STEP, F / STEP
        g = self.area / (CONTACT + FILM / (1 + held))
        store = LAYER * self.area / STEP
        given = drop - self.film * held / (1 + held)
        N, low, high = self.trial, np.zeros_like(self.sites), self.sites.copy()
        for _ in range(100):
            r = by_time * (self.content - N)
            v = (g * given + store * self.layer - r) / (g + store)
            rate, by_v, by_content, by_lnc = self.rate(v, N, lnc)
            slope = -by_time - by_v * by_time / (g + store) - by_content
            low, high = np.where(rate < r, N, low), np.where(rate < r, high, N)
            better = N - (r - rate) / slope
            better = np.where((better > low) & (better < high), better, 0.5 * (low + high))
            done = np.abs(better - N) <= 1e-14 * self.sites
            if done.all():
                break
            N = np.where(done, N, better)
        self.trial, q = N, g * (given - v)
        self.next = N, (held * self.film + FILM * q / self.area) / (1 + held), v
        dN = np.array([by_v * g / (g + store), by_lnc]) / slope
        return q, N, np.array([g * store / (g + store) - g * by_time / (g + store) * dN[0], -g * by_time / (g + store) * dN[1]]), dN

    def accept(self):
        self.content, self.film, self.layer = self.next
        self.pores[self.host] = 1 - self.inert - self.molar * self.content


def lithium_faces(phi, lnc, j):
    """Current density of the lithium faces and its slopes by phi_e [V] and ln c: (E9), in the form of decision 0016."""
    f, R, scale = 0.5 * F / RT, FILM + CONTACT, 2 * LITHIUM_EXCHANGE
    root = np.exp(0.5 * (lnc - np.log(1000.0)))
    for _ in range(60):
        eta = -phi - R * j
        current = scale * root * np.sinh(f * eta)
        by_eta, damp = scale * root * f * np.cosh(f * eta), 1 / np.hypot(1, current / scale)
        slope = 1 / np.hypot(1, j / scale) + damp * by_eta * R
        move = scale * (np.arcsinh(j / scale) - np.arcsinh(current / scale)) / slope
        j = j - move
        if np.abs(move).max(initial=0) < 1e-12:
            break
    return j, -by_eta / (1 + by_eta * R), 0.5 * current / (1 + by_eta * R)


class Problem:
    """Lengths in units of the width, currents in units of KAPPA RT/F times it."""

    def __init__(self, n, path):
        self.layers = layers(n)
        self.domain = mesh.create_box(COMM, [np.zeros(3), np.array([1.0, 1.0, float(n)])], [n, n, n], mesh.CellType.hexahedron)
        x = self.domain.geometry.x
        k = np.round(x[:, 2])
        low, high = np.minimum(k, self.layers[0]), np.maximum(k - self.layers[0], 0)
        x[:, 2] = (low * ELECTRODE / self.layers[0] + high * SEPARATOR / self.layers[1]) / WIDTH
        self.top = (ELECTRODE + SEPARATOR) / WIDTH
        self.space = fem.VectorFunctionSpace(self.domain, ("CG", 1), dim=3)
        self.constant = fem.FunctionSpace(self.domain, ("DG", 0))
        self.nodes = self.space.dofmap.list.array.reshape(-1, 8)
        at = self.space.tabulate_dof_coordinates()
        self.centre = at[self.nodes].mean(1)
        host = self.centre[:, 2] * WIDTH < ELECTRODE
        self.cells = Cells(host, *self.read(path, n, host))
        height = at[self.nodes][:, :, 2]
        self.faces = np.flatnonzero(np.isclose(height.max(1), self.top))
        self.face_nodes = np.array([c[z > self.top - 1e-9] for c, z in zip(self.nodes[self.faces], height[self.faces])], dtype=int).reshape(-1, 4)
        self.density = np.zeros(len(self.faces))
        self.U, self.before = fem.Function(self.space), fem.Function(self.space)
        self.U.x.array[2::3] = np.log(SALT)
        inside = np.isclose(at[:, 2] * WIDTH, ELECTRODE) | (at[:, 2] * WIDTH < ELECTRODE)
        self.held = (3 * np.flatnonzero(~inside)).astype(np.int32)
        self.U.x.array[0::3] = np.where(inside, equilibrium(np.full(1, FILL))[0] * F / RT, 0)  # Newton's method begins near equilibrium
        self.forms()

    def read(self, path, n, host):
        """The two factors in the cells of the electrode."""
        at = self.centre[host] * WIDTH / [WIDTH / n, WIDTH / n, ELECTRODE / self.layers[0]]
        i, j, k = np.floor(at).astype(int).T
        with h5py.File(path, "r") as f:
            return [f[name][:].astype(float)[k, j, i] for name in ("cnt", "alloy")]

    def field(self):
        return fem.Function(self.constant)

    def forms(self):
        ends = mesh.locate_entities_boundary(self.domain, 2, lambda y: np.isclose(y[2], 0))
        top = mesh.locate_entities_boundary(self.domain, 2, lambda y: np.isclose(y[2], self.top))
        faces, values = np.concatenate([ends, top]), np.concatenate([np.full(len(ends), 1), np.full(len(top), 2)])
        order = np.argsort(faces)
        tags = mesh.meshtags(self.domain, 2, faces[order].astype(np.int32), values[order].astype(np.int32))
        dx = ufl.Measure("dx", domain=self.domain, metadata={"quadrature_degree": 2})
        mid = ufl.Measure("dx", domain=self.domain, metadata={"quadrature_degree": 1})
        corners = [[i & 1, i >> 1 & 1, i >> 2] for i in range(8)]  # FFCx 0.5 has no vertex rule for hexahedra
        rule = {"quadrature_rule": "custom", "quadrature_points": corners, "quadrature_weights": [0.125] * 8}
        lump = ufl.Measure("dx", domain=self.domain, metadata=rule)
        ds = ufl.Measure("ds", domain=self.domain, subdomain_data=tags, metadata={"quadrature_degree": 1})
        v, d, g = ufl.TestFunction(self.space), ufl.TrialFunction(self.space), ufl.grad
        s, e, w = self.U[0], self.U[1], self.U[2]
        self.sigma, self.kappa, self.diffusion, self.q, self.pores, self.j = (self.field() for _ in range(6))
        self.dq, self.dkappa, self.ddiffusion = ([self.field(), self.field()] for _ in range(3))
        self.dj = [self.field(), self.field()]
        along = 2 * (1 - TPLUS) * FACTOR  # kappa_D over kappa RT/F
        flux = (ufl.inner(g(s), g(v[0])), ufl.inner(g(e) - along * g(w), g(v[1])), ufl.inner(g(w), g(v[2])))
        into, enters = v[0] - v[1] - (1 - TPLUS) * v[2], v[1] + (1 - TPLUS) * v[2]
        storage = F * WIDTH**2 / (STEP * KAPPA * RT / F)
        L = (self.sigma * flux[0] + self.kappa * flux[1] + self.diffusion * flux[2]) * dx + self.q * into * mid
        L += storage * self.pores * (ufl.exp(w) - ufl.exp(self.before[2])) * v[2] * lump
        L += -CURRENT * WIDTH / (KAPPA * RT / F) * v[0] * ds(1) - self.j * enters * ds(2)
        drop = d[0] - d[1]
        through = lambda c: c[0] * drop + c[1] * d[2]
        J = (self.sigma * ufl.inner(g(d[0]), g(v[0])) + self.kappa * ufl.inner(g(d[1]) - along * g(d[2]), g(v[1]))) * dx
        J += self.diffusion * ufl.inner(g(d[2]), g(v[2])) * dx + storage * self.pores * ufl.exp(w) * d[2] * v[2] * lump
        J += (through(self.dq) * into + through(self.dkappa) * flux[1] + through(self.ddiffusion) * flux[2]) * mid
        J += -(self.dj[0] * d[1] + self.dj[1] * d[2]) * enters * ds(2)
        self.L, self.J = fem.form(L, jit_params=JIT), fem.form(J, jit_params=JIT)
        self.mean = fem.form(s * ds(1), jit_params=JIT)
        self.sigma.x.array[:] = 1e-30
        self.sigma.x.array[self.cells.host] = self.cells.network / KAPPA

    def update(self):
        """Cells and faces for the present nodes, with their slopes."""
        host, cells, unit = self.cells.host, self.cells, RT / F
        values = self.U.x.array.reshape(-1, 3)
        s, e, w = values[self.nodes].mean(1).T
        q, content, dq, dcontent = cells.solve(unit * (s - e)[host], w[host])
        scale = WIDTH**2 / (KAPPA * unit)
        self.q.x.array[host] = q * scale
        porosity = np.maximum(1 - cells.inert - cells.molar * content, 1e-4)
        factor, c = np.full(len(host), 1 / MACMULLIN), np.exp(w)
        factor[host] = porosity**1.5
        salt = F * DIFFUSIVITY / (KAPPA * unit)
        self.kappa.x.array[:], self.diffusion.x.array[:] = factor, salt * factor * c
        self.ddiffusion[1].x.array[:] = salt * factor * c
        for k, to in ((0, unit), (1, 1.0)):
            bruggeman = -1.5 * np.sqrt(porosity) * cells.molar * dcontent[k] * to
            self.dq[k].x.array[host], self.dkappa[k].x.array[host] = dq[k] * scale * to, bruggeman
            self.ddiffusion[k].x.array[host] = salt * c[host] * (bruggeman + (factor[host] if k else 0))
        at = values[self.face_nodes].mean(1)
        self.density, by_phi, by_lnc = lithium_faces(unit * at[:, 1], at[:, 2], self.density)
        scale = WIDTH / (KAPPA * unit)
        self.j.x.array[self.faces] = self.density * scale
        self.dj[0].x.array[self.faces], self.dj[1].x.array[self.faces] = by_phi * unit * scale, by_lnc * scale

    def begin(self):
        self.before.x.array[:] = self.U.x.array
        self.pores.x.array[:] = self.cells.pores

    def answer(self):
        """Voltage [V], smallest and largest concentration [mol/L]."""
        owned = self.space.dofmap.index_map.size_local * 3
        c, unit = np.exp(self.U.x.array[2:owned:3]), RT / F
        voltage = COMM.allreduce(fem.assemble_scalar(self.mean), MPI.SUM) * unit + CURRENT * COLLECTOR
        return [voltage, COMM.allreduce(c.min(), MPI.MIN) / 1000, COMM.allreduce(c.max(), MPI.MAX) / 1000]


def solver(matrix):
    ksp = PETSc.KSP().create(COMM)
    ksp.setOperators(matrix)
    ksp.setType("gmres")
    ksp.getPC().setType("gamg")
    ksp.setTolerances(rtol=1e-4, max_it=500)
    ksp.setFromOptions()
    return ksp


def march(p, phases):
    """Steps of Newton's method; counts of iterations."""
    A, b, du = fp.create_matrix(p.J), fp.create_vector(p.L), fem.Function(p.space)
    conditions = [fem.dirichletbc(PETSc.ScalarType(0.0), p.held, p.space.sub(0))]
    held = p.held[p.held < p.space.dofmap.index_map.size_local * 3]
    ksp, reference, newton, krylov = solver(A), None, 0, 0
    for _ in range(STEPS):
        p.begin()
        for k in range(30):
            now = time.perf_counter()
            p.update()
            with b.localForm() as local:
                local.set(0.0)
            fp.assemble_vector(b, p.L)
            b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
            b.array[held] = 0.0
            norm = b.norm()
            reference = reference or norm
            if norm <= 1e-7 * reference:
                phases["elements"] += time.perf_counter() - now
                break
            A.zeroEntries()
            fp.assemble_matrix(A, p.J, bcs=conditions)
            A.assemble()
            ready = time.perf_counter()
            ksp.setOperators(A)
            ksp.setUp()
            up = time.perf_counter()
            ksp.solve(b, du.vector)
            end = time.perf_counter()
            phases["elements"] += ready - now
            phases["preconditioner"] += up - ready
            phases["krylov"] += end - up
            if ksp.getConvergedReason() < 0:
                raise RuntimeError("the linear solver did not converge")
            krylov, newton = krylov + ksp.getIterationNumber(), newton + 1
            du.x.scatter_forward()
            p.U.x.array[:] -= du.x.array
        else:
            raise RuntimeError("Newton's method did not converge")
        p.cells.accept()
    return newton, krylov


def main():
    start = time.perf_counter()
    phases = dict.fromkeys(["mesh_and_setup", "elements", "preconditioner", "krylov"], 0.0)
    p = Problem(int(sys.argv[1]), sys.argv[2])
    phases["mesh_and_setup"] = time.perf_counter() - start
    newton, krylov = march(p, phases)
    answer = p.answer()
    memory = COMM.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, MPI.SUM)
    if COMM.rank == 0:
        print(json.dumps({"tool": "dolfinx", "case": "b2", "ranks": COMM.size, "unknowns": p.space.dofmap.index_map.size_global * 3,
                          "answer": answer, "seconds": time.perf_counter() - start, "memory_MB": memory, "newton": newton,
                          "krylov": krylov, "setups": newton, "phases": phases}))


try:
    main()
except BaseException:  # the other ranks would wait for ever
    traceback.print_exc()
    COMM.Abort(1)
