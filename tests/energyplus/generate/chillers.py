"""Water-cooled chillers of EnergyPlus' own data set at many states within the range of their curves.

Chilled water at a random set-point with a random load, condenser water at a random temperature from
a source, full flow on both sides; one hour is one state.
"""

import random

from plant import Model, data_set, write

EIR = [
    "DOE-2 Centrifugal/5.50COP",
    "ElectricEIRChiller York YT 2233kW/9.54COP/VSD",
    "ElectricEIRChiller Trane CVHF 2317kW/6.33COP/VSD",
    "ElectricEIRChiller Carrier 19XR 2391kW/6.44COP/VSD",
    "ElectricEIRChiller Trane CVHF 2567kW/11.77COP/VSD",
    "ElectricEIRChiller York YK 2771kW/6.84COP/VSD",
    "ElectricEIRChiller Carrier 19XR 1143kW/6.57COP/VSD",
    "ElectricEIRChiller McQuay PFH 4020kW/7.35COP/Vanes",
    "ElectricEIRChiller Trane CVHF 4610kW/6.34COP/Vanes",
    "ElectricEIRChiller York YK 4969kW/7.14COP/Vanes",
    "ElectricEIRChiller Carrier 19EX 5208kW/6.88COP/Vanes",
    "ElectricEIRChiller York YK 5465kW/6.94COP/Vanes",
    "ElectricEIRChiller Carrier 19FA 5651kW/5.50COP/Vanes",
]
REFORMULATED = [
    "ReformEIRChiller York YK 2771kW/6.84COP/VSD",
    "ReformEIRChiller McQuay PFH 4020kW/7.35COP/Vanes",
    "ReformEIRChiller York YK 5465kW/6.94COP/Vanes",
    "ReformEIRChiller Trane CVHG670-44&86 2490kW/6.5COP",
]
# Capacity and flows that the DOE-2 machine, autosized in the data set, has in the library.
OWN = {"DOE-2 Centrifugal/5.50COP": (2.5e6, 0.107, 0.125)}
COLUMNS = ["chiller", "load [W]", "chilled_flow [kg/s]", "chilled_inlet [degC]",
           "chilled_outlet [degC]", "condenser_flow [kg/s]", "condenser_inlet [degC]",
           "condenser_outlet [degC]", "power [W]", "rejected [W]"]
KEPT = 12
BIQUADRATIC = ["coefficient1_constant", "coefficient2_x", "coefficient3_x_2", "coefficient4_y",
               "coefficient5_y_2", "coefficient6_x_y"]
BICUBIC = [*BIQUADRATIC, "coefficient7_x_3", "coefficient8_y_3", "coefficient9_x_2_y",
           "coefficient10_x_y_2"]
QUADRATIC = ["coefficient1_constant", "coefficient2_x", "coefficient3_x_2"]
OUTPUTS = ["Chiller Electricity Rate", "Chiller Evaporator Cooling Rate",
           "Chiller Evaporator Inlet Temperature", "Chiller Evaporator Outlet Temperature",
           "Chiller Evaporator Mass Flow Rate", "Chiller Condenser Inlet Temperature",
           "Chiller Condenser Outlet Temperature", "Chiller Condenser Mass Flow Rate",
           "Chiller Condenser Heat Transfer Rate"]


def curve(m, kind, name, names):
    values = [float(text) for text in data_set(f"Curve:{kind}", name)[:len(names) + 4]]
    fields = dict(zip(names, values))
    limits = ["minimum_value_of_x", "maximum_value_of_x"]
    if kind != "Quadratic":
        limits += ["minimum_value_of_y", "maximum_value_of_y"]
    fields.update(zip(limits, values[len(names):]))
    m.add(f"Curve:{kind}", name, **fields)
    return fields


def chiller(m, name, reformulated=False):
    """Adds the chiller; gives its fields and curves."""
    kind = "Chiller:Electric:ReformulatedEIR" if reformulated else "Chiller:Electric:EIR"
    f = data_set(kind, name)
    capft, eirft = f[6], f[7]
    eirfplr, ratios = (f[9], f[10:14]) if reformulated else (f[8], f[9:13])
    capacity, chilled, condenser = OWN.get(name) or (float(f[0]), float(f[4]), float(f[5]))
    curves = [curve(m, "Biquadratic", capft, BIQUADRATIC), curve(m, "Biquadratic", eirft, BIQUADRATIC),
              curve(m, "Bicubic", eirfplr, BICUBIC) if reformulated
              else curve(m, "Quadratic", eirfplr, QUADRATIC)]
    fields = dict(
        reference_capacity=capacity, reference_cop=float(f[1]),
        reference_leaving_chilled_water_temperature=float(f[2]),
        cooling_capacity_function_of_temperature_curve_name=capft,
        electric_input_to_cooling_output_ratio_function_of_temperature_curve_name=eirft,
        electric_input_to_cooling_output_ratio_function_of_part_load_ratio_curve_name=eirfplr,
        minimum_part_load_ratio=float(ratios[0]), maximum_part_load_ratio=float(ratios[1]),
        optimum_part_load_ratio=float(ratios[2]), minimum_unloading_ratio=float(ratios[3]),
        chilled_water_inlet_node_name="chiller inlet", chilled_water_outlet_node_name="chiller outlet",
        condenser_inlet_node_name="condenser inlet", condenser_outlet_node_name="condenser outlet",
        reference_chilled_water_flow_rate=chilled,
        fraction_of_compressor_electric_consumption_rejected_by_condenser=1.0,
        leaving_chilled_water_lower_temperature_limit=2.0)
    if reformulated:
        fields.update(
            electric_input_to_cooling_output_ratio_function_of_part_load_ratio_curve_type=f[8],
            reference_leaving_condenser_water_temperature=float(f[3]),
            reference_condenser_water_flow_rate=condenser, chiller_flow_mode_type="ConstantFlow")
    else:
        fields.update(
            reference_entering_condenser_fluid_temperature=float(f[3]),
            reference_condenser_fluid_flow_rate=condenser, condenser_type="WaterCooled",
            chiller_flow_mode="ConstantFlow")
    m.add(kind, "chiller", **fields)
    return (kind, "chiller", "chiller inlet", "chiller outlet"), fields, curves


def polynomial(fields, names, x, y):
    """A curve's value, clamped to its range as EnergyPlus does it."""
    x = min(max(x, fields["minimum_value_of_x"]), fields["maximum_value_of_x"])
    if "minimum_value_of_y" in fields:
        y = min(max(y, fields["minimum_value_of_y"]), fields["maximum_value_of_y"])
    terms = [1, x, x * x, y, y * y, x * y, x**3, y**3, x * x * y, x * y * y]
    return sum(fields[name] * term for name, term in zip(names, terms))


def own_power(f, curves, load, chilled, condenser):
    """Power by EnergyPlus' own curves at the temperatures that it reports at the end."""
    capacity = f["reference_capacity"] * polynomial(curves[0], BIQUADRATIC, chilled, condenser)
    part = max(load / capacity, f["minimum_unloading_ratio"])
    bicubic = "coefficient7_x_3" in curves[2]
    by_part = (polynomial(curves[2], BICUBIC, condenser, part) if bicubic
               else polynomial(curves[2], QUADRATIC, part, 0))
    ratio = polynomial(curves[1], BIQUADRATIC, chilled, condenser)
    return capacity / f["reference_cop"] * ratio * by_part


def states(name, reformulated=False, beyond=False, keep=None):
    m = Model(months=1)
    hours = 744
    dice = random.Random(name)
    branch, f, curves = chiller(m, name, reformulated)
    kind = branch[0]
    chilled = f["reference_chilled_water_flow_rate"]
    condenser = f["reference_condenser_water_flow_rate" if reformulated else
                  "reference_condenser_fluid_flow_rate"]
    capacity = f["reference_capacity"]
    limits, part_load = curves[0], curves[2]
    x = (limits["minimum_value_of_x"], limits["maximum_value_of_x"])
    y = (limits["minimum_value_of_y"], limits["maximum_value_of_y"])
    if reformulated:
        # The curve of part load has its own range of leaving condenser water.
        y = (max(y[0], part_load["minimum_value_of_x"]), min(y[1], part_load["maximum_value_of_x"]))
    if beyond:
        x, y = (12.0, 24.0), (20.0, 40.0)
    cold = [dice.uniform(*x) for _ in range(hours)]
    load = [capacity * dice.uniform(0.3, 0.85) for _ in range(hours)]
    # By leaving water the entering water is colder by the rise, near 1.2 loads.
    rise = [1.2 * watts / (condenser * 4.18e6) if reformulated else 0.0 for watts in load]
    warm = [max(dice.uniform(*y) - one, 2.0) for one in rise]
    m.loop("chilled", chilled, [[branch]], [m.load("load", chilled, load)], setpoint=cold)
    m.loop("condensing", condenser, [m.source("source", condenser, warm)],
           [[(kind, "chiller", "condenser inlet", "condenser outlet")]], kind="CondenserLoop",
           setpoint=20.0, scheme="Uncontrolled")
    m.output(*OUTPUTS)
    found = m.run(keep=keep)
    own = [found[(name, "CHILLER")] for name in OUTPUTS]
    power, heat, inlet, outlet, flow, warm_in, warm_out, warm_flow, rejected = own
    rows, unsettled, loose = [], 0, 0
    for hour in range(hours):
        lies = x[0] <= outlet[hour] <= x[1]
        at = (warm_out if reformulated else warm_in)[hour]
        lies &= y[0] <= at <= y[1]
        if not (lies and heat[hour] > 0):
            continue
        # Both sides must balance with the water's own heat capacity, 4,180 to 4,210 J/(kg K).
        given = heat[hour] / (flow[hour] * (inlet[hour] - outlet[hour]))
        taken = rejected[hour] / (warm_flow[hour] * (warm_out[hour] - warm_in[hour]))
        if not (4170 < given < 4215 and 4170 < taken < 4215
                and abs(outlet[hour] - cold[hour]) < 1e-3):
            unsettled += 1
            continue
        # EnergyPlus ends its search for the leaving condenser water at 0.1 mK, worth up to 1e-5 of power.
        if abs(own_power(f, curves, heat[hour], outlet[hour], at) / power[hour] - 1) > 3e-7:
            loose += 1
            continue
        rows.append([name, heat[hour], flow[hour], inlet[hour], outlet[hour], warm_flow[hour],
                     warm_in[hour], warm_out[hour], power[hour], rejected[hour]])
    step = max(1, len(rows) // KEPT)
    print(f"{name}: {len(rows)} hours, {unsettled} unsettled, {loose} ended early")
    return rows[::step][:KEPT]


if __name__ == "__main__":
    write("chiller-eir.csv", "Chiller:Electric:EIR of Chillers.idf within the range of the curves",
          COLUMNS, [row for name in EIR for row in states(name)])
    write("chiller-reformulated-eir.csv",
          "Chiller:Electric:ReformulatedEIR of Chillers.idf within the range of the curves",
          COLUMNS, [row for name in REFORMULATED for row in states(name, True)])
    beyond = [*EIR[:3], *REFORMULATED[:1]]
    write("chiller-clamped.csv", "Chillers of Chillers.idf far beyond their curves' range, 12 to 24 degC leaving",
          COLUMNS, [row for name in beyond for row in states(name, name in REFORMULATED, True)])
