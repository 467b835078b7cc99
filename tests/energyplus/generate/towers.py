"""Open cooling towers at many states: YorkCalc, CoolTools crossflow and Merkel.

Weather of Dulles through the year, random heat, water flow and set-point in every hour; of these
hours every so many are kept.
"""

import random

from plant import Model, write

WATER = 0.1  # m3/s
RANGE, APPROACH, WET_BULB = 5.56, 3.89, 25.55
AIR, FAN = 80.0, 30000.0
OUTPUTS = ["Cooling Tower Inlet Temperature", "Cooling Tower Outlet Temperature",
           "Cooling Tower Mass Flow Rate", "Cooling Tower Heat Transfer Rate",
           "Cooling Tower Fan Electricity Rate",
           "Cooling Tower Water Evaporation Volume Flow Rate",
           "Cooling Tower Make Up Water Volume Flow Rate"]
SITE = ["Site Outdoor Air Drybulb Temperature", "Site Outdoor Air Wetbulb Temperature",
        "Site Outdoor Air Humidity Ratio", "Site Outdoor Air Barometric Pressure"]
COLUMNS = ["dry_bulb [degC]", "wet_bulb [degC]", "humidity_ratio [-]", "pressure [Pa]",
           "flow [kg/s]", "inlet [degC]", "setpoint [degC]", "outlet [degC]", "heat [W]",
           "fan_power [W]", "air_ratio [-]", "evaporation [m3/s]", "make_up [m3/s]"]
KEPT = 37


def common(kind):
    m = Model()
    m.add("OutdoorAir:Node", "air")
    fields = dict(
        water_inlet_node_name="tower inlet", water_outlet_node_name="tower outlet",
        design_water_flow_rate=WATER, design_air_flow_rate=AIR, design_fan_power=FAN,
        minimum_air_flow_rate_ratio=0.2, evaporation_loss_mode="SaturatedExit",
        design_inlet_air_wet_bulb_temperature=WET_BULB, design_approach_temperature=APPROACH,
        design_range_temperature=RANGE, drift_loss_percent=0.005,
        blowdown_calculation_mode="ConcentrationRatio", blowdown_concentration_ratio=4.0,
        outdoor_air_inlet_node_name="air")
    return m, kind, fields


def empirical(model):
    m, kind, fields = common("CoolingTower:VariableSpeed")
    m.add(kind, "tower", model_type=model, fraction_of_tower_capacity_in_free_convection_regime=0.125,
          **fields)
    return m, kind


def merkel():
    m, kind, fields = common("CoolingTower:VariableSpeed:Merkel")
    # Corrections of LBNL Modelica Buildings; the last over its value at nominal flow.
    third = [0.1082, 1.667, -0.7713]
    at_one = sum(third)
    m.add("Curve:Linear", "wet bulb", coefficient1_constant=1.0, coefficient2_x=0.0081,
          minimum_value_of_x=-10, maximum_value_of_x=25)
    m.add("Curve:Quadratic", "air", coefficient1_constant=0.0, coefficient2_x=1.3,
          coefficient3_x_2=-0.3, minimum_value_of_x=0.2, maximum_value_of_x=1.0)
    m.add("Curve:Quadratic", "water", coefficient1_constant=third[0] / at_one,
          coefficient2_x=third[1] / at_one, coefficient3_x_2=third[2] / at_one,
          minimum_value_of_x=0.3, maximum_value_of_x=1.0)
    m.add("Curve:Cubic", "fan", coefficient1_constant=0, coefficient2_x=0, coefficient3_x_2=0,
          coefficient4_x_3=1, minimum_value_of_x=0, maximum_value_of_x=1)
    m.add(kind, "tower", performance_input_method="UFactorTimesAreaAndDesignWaterFlowRate",
          design_air_flow_rate_u_factor_times_area_value=CONDUCTANCE,
          free_convection_regime_u_factor_times_area_value=0.05 * CONDUCTANCE,
          free_convection_regime_air_flow_rate=0.125 * AIR,
          design_inlet_air_dry_bulb_temperature=35.0,
          fan_power_modifier_function_of_air_flow_rate_ratio_curve_name="fan",
          u_factor_times_area_modifier_function_of_air_flow_ratio_curve_name="air",
          u_factor_times_area_modifier_function_of_wetbulb_temperature_difference_curve_name="wet bulb",
          u_factor_times_area_modifier_function_of_water_flow_ratio_curve_name="water", **fields)
    return m, kind


# Conductance, W/K, that loopwatt finds for the rating: 120.516 kg/s times the specific heat of the rated air.
# EnergyPlus gets it as it is, since its own rating takes another pressure.
CONDUCTANCE = 120.516 * (1004.84 + 1858.95 * 0.016758)
# Heat of the rating, with EnergyPlus' own water at 5.05 degC for the flow and 35 degC for its heat.
NOMINAL = 99.9898 * 4180.0 * RANGE


def states(name, what, made, least_share, keep=None):
    m, kind = made
    dice = random.Random(name)
    heat, share, setpoint = [], [], []
    for hour in range(8760):
        heat.append(NOMINAL * dice.uniform(0.2, 0.9))
        share.append(dice.uniform(least_share, 1.0))
        # Seasonal, so that many hours are controlled and many are not.
        season = 18 - 10 * (abs(hour / 8760 - 0.55) < 0.25)
        setpoint.append(dice.uniform(4.0, 40.0 - season))
    m.loop("water", WATER, [[(kind, "tower", "tower inlet", "tower outlet")]],
           [m.load("load", WATER, heat, share)], setpoint=setpoint)
    ratio = "Cooling Tower Fan Speed Ratio" if name.endswith("merkel") else "Cooling Tower Air Flow Rate Ratio"
    m.output(*OUTPUTS, ratio, *SITE)
    found = m.run(keep=keep)
    columns = [found[(name, "Environment")] for name in SITE]
    own = {name: found[(name, "TOWER")] for name in [*OUTPUTS, ratio]}
    columns += [own["Cooling Tower Mass Flow Rate"], own["Cooling Tower Inlet Temperature"], setpoint,
                own["Cooling Tower Outlet Temperature"], own["Cooling Tower Heat Transfer Rate"],
                own["Cooling Tower Fan Electricity Rate"], own[ratio],
                own["Cooling Tower Water Evaporation Volume Flow Rate"],
                own["Cooling Tower Make Up Water Volume Flow Rate"]]
    rows = list(zip(*columns))[::KEPT]
    write(f"{name}.csv", what, COLUMNS, rows)


if __name__ == "__main__":
    rating = f"wet bulb {WET_BULB} degC, approach {APPROACH} K, range {RANGE} K"
    states("tower-york", f"CoolingTower:VariableSpeed, YorkCalc; {rating}", empirical("YorkCalc"), 0.76)
    states("tower-cooltools", f"CoolingTower:VariableSpeed, CoolToolsCrossFlow; {rating}",
           empirical("CoolToolsCrossFlow"), 0.76)
    states("tower-merkel", f"CoolingTower:VariableSpeed:Merkel; {rating}", merkel(), 0.4)
