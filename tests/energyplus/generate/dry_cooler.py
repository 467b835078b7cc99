"""A dry cooler with two-speed fans at many states."""

import random

from plant import Model, write

WATER, AIR, FAN = 0.02, 25.0, 5000.0  # m3/s, m3/s, W
CONDUCTANCE, LOW_CONDUCTANCE = 50e3, 30e3  # W/K
OUTPUTS = ["Cooling Tower Inlet Temperature", "Cooling Tower Outlet Temperature",
           "Cooling Tower Mass Flow Rate", "Cooling Tower Heat Transfer Rate",
           "Cooling Tower Fan Electricity Rate"]
SITE = ["Site Outdoor Air Drybulb Temperature", "Site Outdoor Air Wetbulb Temperature",
        "Site Outdoor Air Humidity Ratio", "Site Outdoor Air Barometric Pressure"]
COLUMNS = ["dry_bulb [degC]", "wet_bulb [degC]", "humidity_ratio [-]", "pressure [Pa]",
           "flow [kg/s]", "inlet [degC]", "setpoint [degC]", "outlet [degC]", "heat [W]",
           "fan_power [W]"]
KEPT = 37


def cooler(m, scale=1.0):
    m.add("OutdoorAir:Node", "air")
    m.add("FluidCooler:TwoSpeed", "cooler", water_inlet_node_name="cooler inlet",
          water_outlet_node_name="cooler outlet",
          performance_input_method="UFactorTimesAreaAndDesignWaterFlowRate",
          high_fan_speed_u_factor_times_area_value=scale * CONDUCTANCE,
          low_fan_speed_u_factor_times_area_value=scale * LOW_CONDUCTANCE,
          design_entering_water_temperature=45.0, design_entering_air_temperature=35.0,
          design_entering_air_wet_bulb_temperature=25.0, design_water_flow_rate=scale * WATER,
          high_fan_speed_air_flow_rate=scale * AIR, high_fan_speed_fan_power=scale * FAN,
          low_fan_speed_air_flow_rate=0.5 * scale * AIR,
          low_fan_speed_fan_power=0.16 * scale * FAN, outdoor_air_inlet_node_name="air")
    return [("FluidCooler:TwoSpeed", "cooler", "cooler inlet", "cooler outlet")]


def states(keep=None):
    m = Model()
    dice = random.Random("dry cooler")
    heat = [dice.uniform(100e3, 600e3) for _ in range(8760)]
    share = [dice.uniform(0.5, 1.0) for _ in range(8760)]
    setpoint = [dice.uniform(5.0, 55.0) for _ in range(8760)]
    m.loop("water", WATER, [cooler(m)], [m.load("load", WATER, heat, share)], setpoint=setpoint)
    m.output(*OUTPUTS, *SITE)
    found = m.run(keep=keep)
    own = [found[(name, "COOLER")] for name in OUTPUTS]
    columns = [found[(name, "Environment")] for name in SITE]
    columns += [own[2], own[0], setpoint, own[1], own[3], own[4]]
    write("dry-cooler.csv", f"FluidCooler:TwoSpeed; {WATER} m3/s of water, {AIR} m3/s of air, {CONDUCTANCE:.0f} and {LOW_CONDUCTANCE:.0f} W/K",
          COLUMNS, list(zip(*columns))[::KEPT])


if __name__ == "__main__":
    states()
