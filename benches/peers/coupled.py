"""The hall of hall.toml as one sparse system: Newton with exact derivatives, scipy's SuperLU.

Unknowns, by GPU g, server s (8 a rack), rack r (8 a pod), pod p:
  m_g flow, J_g junction, O_g coolant outlet; M_s server flow, D_s pressure difference between the
  manifolds, F_s flow in the manifold segment into position s; X_r difference at the rack, H_r flow in the
  header segment into tap r; Ts, Tr, Tp coolant temperatures (supply, return, behind the pump), C_p primary
  flow, Y_p difference at the pod, G_p flow in the facility header into tap p.
Equations: loopwatt's, see the heads of src/component/{device,cold_plate,server,manifold,pump_set,
exchanger}.rs.
"""

import numpy as np
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu

KELVIN = 273.15
# hall.toml
CONDUCTANCE_FLOW, CONDUCTANCE_EXPONENT, VISCOSITY = 0.02, 0.5, 1e-3
E_FOLD, T_REFERENCE, R_JUNCTION, AIR = 45.0, 60 + KELVIN, 0.02, 0.05
B_SERVER, A_SEGMENT, B_SEGMENT, B_RACK = 6e5, 200.0, 1500.0, 6000.0
A_HEADER, B_HEADER, A_FACILITY, B_FACILITY = 20.0, 20.0, 0.02, 1e-4
SHUTOFF, B_PUMP, EFFICIENCY = 200e3, 860.0, 0.7
UA, HOT_FLOW, COLD_FLOW, B_HOT, B_COLD, FILM = 120e3, 10.0, 9.0, 480.0, 1480.0, 0.8
T_FACILITY, DP_FACILITY = 34 + KELVIN, 150e3


class Fluid:
    def __init__(self, c):
        self.t0 = c["reference_temperature"]
        for name in ("density", "specific_heat", "enthalpy", "ln_viscosity"):
            p = np.polynomial.Polynomial(c[name])
            setattr(self, "_" + name, (p, p.deriv()))

    def at(self, name, t):
        p, d = getattr(self, "_" + name)
        return p(t - self.t0), d(t - self.t0)


class Hall:
    def __init__(self, pods, gpus, coolant, water):
        """gpus: columns linear, quadratic, conductance, leakage, rated_power of every GPU in order."""
        self.a, self.b, self.ua, self.leak, self.rated = gpus
        self.n = (512 * pods, 64 * pods, 8 * pods, pods)
        self.coolant, self.water = coolant, water
        g, s, r, p = self.n
        sizes = [g] * 3 + [s] * 3 + [r] * 2 + [p] * 6
        self.start = np.concatenate([[0], np.cumsum(sizes)])
        self.index = [np.arange(a, b) for a, b in zip(self.start[:-1], self.start[1:])]
        self.names = ["m", "J", "O", "M", "D", "F", "X", "H", "Ts", "Tr", "Tp", "C", "Y", "G"]
        self.at = dict(zip(self.names, self.index))
        self.of_server = np.repeat(np.arange(s), 8)
        self.of_rack = np.repeat(np.arange(r), 8)
        self.of_pod = np.repeat(np.arange(p), 8)
        self.gpu_pod = np.repeat(np.arange(p), 512)

    def guess(self):
        g, s, r, p = self.n
        first = {"m": 0.02, "J": 340.0, "O": 325.0, "M": 0.16, "D": 4e4, "X": 6e4, "Ts": 313.0, "Tr": 321.0,
                 "Tp": 321.0, "C": 9.0, "Y": 1.2e5}
        x = np.empty(self.start[-1])
        for name, value in first.items():
            x[self.at[name]] = value
        left = 8 - np.arange(8)
        x[self.at["F"]] = np.tile(0.16 * left, r)
        x[self.at["H"]] = np.tile(1.28 * left, p)
        x[self.at["G"]] = 9.0 * (p - np.arange(p))
        return x

    def residual(self, x):
        """Residual, and its derivatives as rows, columns, values."""
        at, v = self.at, {name: x[i] for name, i in self.at.items()}
        f = np.empty_like(x)
        rows, columns, values = [], [], []

        def put(row, column, value):
            rows.append(row)
            columns.append(column)
            values.append(np.broadcast_to(value, row.shape))

        def drop(m, a, b):
            return a * m + b * m * np.abs(m), a + 2 * b * np.abs(m)

        # Plates: pressure.
        m, out, supply = v["m"], v["O"], v["Ts"][self.gpu_pod]
        ts = at["Ts"][self.gpu_pod]
        server = v["M"][self.of_server]
        ln, ln_t = self.coolant.at("ln_viscosity", 0.5 * (supply + out))
        a = self.a * np.exp(ln) / VISCOSITY
        common, common_m = drop(server, 0.0, B_SERVER)
        plate, plate_m = drop(m, a, self.b)
        e = at["m"]
        f[e] = v["D"][self.of_server] - common - plate
        put(e, e, -plate_m)
        put(e, at["D"][self.of_server], 1.0)
        put(e, at["M"][self.of_server], -common_m)
        by_t = -0.5 * a * m * ln_t
        put(e, at["O"], by_t)
        put(e, ts, by_t)
        # Junction: heat into the plate.
        cp, cp_t = self.coolant.at("specific_heat", supply)
        capacity = m * cp
        ua = self.ua * (m / CONDUCTANCE_FLOW) ** CONDUCTANCE_EXPONENT
        units = ua / capacity
        decay = np.exp(-units)
        k = capacity * (1 - decay)
        k_m = cp * (1 - decay) + capacity * decay * units * (CONDUCTANCE_EXPONENT - 1) / m
        k_t = cp_t * (m * (1 - decay) - m * decay * units)
        leak = self.leak * np.exp((v["J"] - T_REFERENCE) / E_FOLD)
        power, power_j = self.rated - self.leak + leak, leak / E_FOLD
        case = v["J"] - R_JUNCTION * power - supply
        e = at["J"]
        f[e] = power * (1 - AIR) - k * case
        put(e, e, power_j * (1 - AIR) - k * (1 - R_JUNCTION * power_j))
        put(e, at["m"], -k_m * case)
        put(e, ts, k - k_t * case)
        # Outlet: enthalpy.
        h_in, h_in_t = self.coolant.at("enthalpy", supply)
        h_out, h_out_t = self.coolant.at("enthalpy", out)
        e = at["O"]
        f[e] = m * (h_out - h_in) - power * (1 - AIR)
        put(e, at["m"], h_out - h_in)
        put(e, e, m * h_out_t)
        put(e, ts, -m * h_in_t)
        put(e, at["J"], -power_j * (1 - AIR))
        # Servers.
        e = at["M"]
        f[e] = v["M"] - np.bincount(self.of_server, m)
        put(e, e, 1.0)
        put(at["M"][self.of_server], at["m"], -1.0)
        self.ladder(f, v, put, "F", "M", "D", "X", self.of_rack, 8, (A_SEGMENT, B_SEGMENT), (0.0, B_RACK), drop)
        # Racks on the pod's header; the pod's pump and exchanger lie before its first tap.
        first_of_rack = at["F"][::8]
        e, flow = at["H"], v["H"]
        after = np.where(np.arange(flow.size) % 8 < 7, np.roll(flow, -1), 0.0)
        f[e] = flow - v["F"][::8] - after
        put(e, e, 1.0)
        put(e, first_of_rack, -1.0)
        inner = np.flatnonzero(np.arange(flow.size) % 8 < 7)
        put(e[inner], e[inner + 1], -1.0)
        segment, segment_m = drop(flow, A_HEADER, B_HEADER)
        e, head = at["X"], np.arange(flow.size) % 8 == 0
        rise = SHUTOFF - B_PUMP * flow * np.abs(flow) - B_HOT * flow * np.abs(flow)
        before = np.where(head, rise, np.roll(v["X"], 1))
        f[e] = before - 2 * segment - v["X"]
        put(e, e, -1.0)
        put(e, at["H"], -2 * segment_m - np.where(head, 2 * (B_PUMP + B_HOT) * np.abs(flow), 0.0))
        tail = np.flatnonzero(~head)
        put(e[tail], e[tail - 1], 1.0)
        # Pods: heat of the racks, of the pump, of the exchanger.
        whole, hs = v["H"][::8], at["H"][::8]
        h = {name: self.coolant.at("enthalpy", v[name]) for name in ("Ts", "Tr", "Tp")}
        gained = m * (h_out - h_in)
        e = at["Tr"]
        f[e] = whole * (h["Tr"][0] - h["Ts"][0]) - np.bincount(self.gpu_pod, gained)
        put(e, e, whole * h["Tr"][1])
        put(e, hs, h["Tr"][0] - h["Ts"][0])
        put(e, at["Ts"], -whole * h["Ts"][1] + np.bincount(self.gpu_pod, m * h_in_t))
        put(e[self.gpu_pod], at["m"], -(h_out - h_in))
        put(e[self.gpu_pod], at["O"], -m * h_out_t)
        density, density_t = self.coolant.at("density", v["Tr"])
        lift = SHUTOFF - B_PUMP * whole**2
        shaft = whole / density * lift / EFFICIENCY
        e = at["Tp"]
        f[e] = whole * (h["Tp"][0] - h["Tr"][0]) - shaft
        put(e, e, whole * h["Tp"][1])
        put(e, at["Tr"], -whole * h["Tr"][1] + shaft * density_t / density)
        put(e, hs, h["Tp"][0] - h["Tr"][0] - (lift - 2 * B_PUMP * whole**2) / density / EFFICIENCY)
        duty, duty_m, duty_c, duty_t = self.exchanger(whole, v["C"], v["Tp"])
        e = at["Ts"]
        f[e] = whole * (h["Tp"][0] - h["Ts"][0]) - duty
        put(e, e, -whole * h["Ts"][1])
        put(e, hs, h["Tp"][0] - h["Ts"][0] - duty_m)
        put(e, at["Tp"], whole * h["Tp"][1] - duty_t)
        put(e, at["C"], -duty_c)
        # Facility.
        cold, cold_m = drop(v["C"], 0.0, B_COLD)
        e = at["C"]
        f[e] = v["Y"] - cold
        put(e, e, -cold_m)
        put(e, at["Y"], 1.0)
        e = at["G"]
        after = np.append(v["G"][1:], 0.0)
        f[e] = v["G"] - v["C"] - after
        put(e, e, 1.0)
        put(e, at["C"], -1.0)
        put(e[:-1], e[1:], -1.0)
        segment, segment_m = drop(v["G"], A_FACILITY, B_FACILITY)
        e = at["Y"]
        f[e] = np.append(DP_FACILITY, v["Y"][:-1]) - 2 * segment - v["Y"]
        put(e, e, -1.0)
        put(e, at["G"], -2 * segment_m)
        put(e[1:], e[:-1], 1.0)
        return f, np.concatenate(rows), np.concatenate(columns), np.concatenate(values)

    def ladder(self, f, v, put, F, M, D, X, parent, n, segment, connection, drop):
        """Flows and differences along the manifolds of a rack."""
        at = self.at
        e, flow = at[F], v[F]
        place = np.arange(flow.size) % n
        f[e] = flow - v[M] - np.where(place < n - 1, np.roll(flow, -1), 0.0)
        put(e, e, 1.0)
        put(e, at[M], -1.0)
        inner = np.flatnonzero(place < n - 1)
        put(e[inner], e[inner + 1], -1.0)
        head = place == 0
        along, along_m = drop(flow, *segment)
        into, into_m = drop(flow, *connection)
        e = at[D]
        f[e] = np.where(head, v[X][parent] - into, np.roll(v[D], 1) - 2 * along) - v[D]
        put(e, e, -1.0)
        put(e, at[F], -np.where(head, into_m, 2 * along_m))
        first, tail = np.flatnonzero(head), np.flatnonzero(~head)
        put(e[first], at[X][parent[first]], 1.0)
        put(e[tail], e[tail - 1], 1.0)

    def exchanger(self, hot, cold, t):
        """Counterflow duty and its derivatives to hot flow, cold flow and hot inlet."""

        def duty(hot, cold, t):
            mean = 0.5 * (t + T_FACILITY)
            r1 = 1 / (hot * self.coolant.at("specific_heat", mean)[0])
            r2 = 1 / (cold * self.water.at("specific_heat", mean)[0])
            ua = UA / (0.5 * (hot / HOT_FLOW) ** -FILM + 0.5 * (cold / COLD_FLOW) ** -FILM)
            hot_larger = r1.real < r2.real
            low, high = np.where(hot_larger, r1, r2), np.where(hot_larger, r2, r1)
            y = ua * (high - low)
            small = np.abs(y) < 1e-9
            phi = np.where(small, 1 - y / 2, (1 - np.exp(-y)) / np.where(small, 1, y))
            g = ua * phi / (1 + ua * phi * low)
            return g * (t - T_FACILITY)

        step = 1e-30j  # complex step: exact derivatives of a handful of equations
        parts = [duty(hot + step, cold, t), duty(hot, cold + step, t), duty(hot, cold, t + step)]
        return (duty(hot + 0j, cold, t).real, *(p.imag / 1e-30 for p in parts))

    def solve(self, tolerance=1e-10, most=60):
        x = self.guess()
        temperature = np.zeros(x.size, bool)
        for name in ("J", "O", "Ts", "Tr", "Tp"):
            temperature[self.at[name]] = True
        for step in range(1, most + 1):
            f, rows, columns, values = self.residual(x)
            jacobian = csc_matrix((values, (rows, columns)), shape=(x.size, x.size))
            # The default order for columns takes ten times as long: a pod's supply temperature stands in
            # every equation of its GPUs.
            dx = splu(jacobian, permc_spec="MMD_AT_PLUS_A").solve(-f)
            flow = ~temperature
            # No flow or difference falls to less than a third in one step; no temperature moves by more than 30 K.
            worst = max(np.max(-dx[flow] / x[flow]) / 0.67, np.max(np.abs(dx[temperature])) / 30.0, 1.0)
            x = x + dx / worst
            size = np.max(np.abs(dx) / np.where(temperature, 100.0, np.abs(x)))
            if size < tolerance:
                return x, step
        raise SystemExit(f"no solution in {most} steps: last change {size:.1e}")
