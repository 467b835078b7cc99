"""Whole years of three plants under the weather of Sterling, Virginia (Dulles).

(a) tower and plate exchanger, no chiller; (b) a chiller with an integrated economiser; (c) a dry
cooler. The load follows the hour of the day. Of the year every 7th hour is kept (7 and 24 have no
common divisor, so each hour of the day comes up), beside the sums over all hours.
"""

import math

from chillers import chiller
from dry_cooler import cooler
from plant import Model, write

HOURS = range(8760)
# An hour is closed where the heats along the way agree within this share: EnergyPlus takes specific heats at
# several temperatures, which differ by 0.2 %.
CLOSED = 3e-3
# Time steps an hour, of which the last is kept.
STEPS = 6
SITE = ["Site Outdoor Air Drybulb Temperature", "Site Outdoor Air Wetbulb Temperature",
        "Site Outdoor Air Humidity Ratio", "Site Outdoor Air Barometric Pressure"]
WEATHER = ["dry_bulb [degC]", "wet_bulb [degC]", "humidity_ratio [-]", "pressure [Pa]"]
# Share of the full load in each hour of the day.
DAY = [0.75 + 0.25 * math.sin((hour - 9) * math.pi / 12) for hour in range(24)]


def loads(full):
    return [round(full * DAY[hour % 24], 3) for hour in HOURS]


def tower(m, water, air, fan, cells=1):
    m.add("OutdoorAir:Node", "tower air")
    m.add("CoolingTower:VariableSpeed", "tower", water_inlet_node_name="tower inlet",
          water_outlet_node_name="tower outlet", model_type="YorkCalc",
          design_water_flow_rate=water, design_air_flow_rate=air, design_fan_power=fan,
          minimum_air_flow_rate_ratio=0.2,
          fraction_of_tower_capacity_in_free_convection_regime=0.125,
          evaporation_loss_mode="SaturatedExit", design_inlet_air_wet_bulb_temperature=25.55,
          design_approach_temperature=3.89, design_range_temperature=5.56, number_of_cells=cells,
          cell_control="MinimalCell", cell_minimum_water_flow_rate_fraction=0.75,
          cell_maximum_water_flow_rate_fraction=1.0,
          drift_loss_percent=0.005, blowdown_calculation_mode="ConcentrationRatio",
          blowdown_concentration_ratio=4.0, outdoor_air_inlet_node_name="tower air")
    return [("CoolingTower:VariableSpeed", "tower", "tower inlet", "tower outlet")]


def kept(name, what, own, columns, series, closes):
    """Writes every hour with a flag whether it closes, and the sums in the remarks; beside it the weather."""
    hours = [list(row) + [1.0 if closes[hour] else 0.0] for hour, row in enumerate(zip(*series))]
    lost = closes.count(False)
    sums = "; ".join(f"{column.split(' [')[0]} {sum(values) / 1e6:.6g} MWh"
                     for column, values in zip(columns, series) if column.endswith("[W]"))
    remark = (f"{what}\n# {lost} of the year's 8760 hours do not close their balance (closes = 0)"
              f"\n# sums of all hours: {sums}")
    write(name, remark, [*columns, "closes [-]"], hours, 8)
    write("year-weather.csv", "Weather of the hours of year-*.csv, as EnergyPlus took it", WEATHER,
          list(zip(*(own[name] for name in SITE))), 7)
    print(f"  {lost} hours do not close; sums {sums}")
    return hours


def free_cooling(keep=None):
    """(a) Facility water at 0.1 m3/s, 2.3 MW at most, through a plate exchanger of 600 kW/K to a tower."""
    m = Model(steps=STEPS)
    m.add("HeatExchanger:FluidToFluid", "plates", loop_supply_side_inlet_node_name="plates hot inlet",
          loop_supply_side_outlet_node_name="plates hot outlet",
          loop_demand_side_inlet_node_name="plates cold inlet",
          loop_demand_side_outlet_node_name="plates cold outlet",
          loop_demand_side_design_flow_rate=0.1, loop_supply_side_design_flow_rate=0.1,
          heat_exchange_model_type="CounterFlow", heat_exchanger_u_factor_times_area_value=600e3,
          control_type="UncontrolledOn", heat_transfer_metering_end_use_type="FreeCooling")
    heat = loads(2.2e6)
    kind = "HeatExchanger:FluidToFluid"
    m.loop("facility", 0.1, [[(kind, "plates", "plates hot inlet", "plates hot outlet")]],
           [m.load("load", 0.1, heat)], setpoint=15.0, scheme="Uncontrolled")
    m.loop("tower water", 0.1, [tower(m, 0.1, 80.0, 30e3)],
           [[(kind, "plates", "plates cold inlet", "plates cold outlet")]], kind="CondenserLoop",
           setpoint=20.0)
    # 4 K above the wet bulb, not below 18 degC.
    del m.objects["SetpointManager:Scheduled"]["tower water supply outlet manager"]
    m.add("SetpointManager:FollowOutdoorAirTemperature", "follow", control_variable="Temperature",
          reference_temperature_type="OutdoorAirWetBulb", offset_temperature_difference=4.0,
          maximum_setpoint_temperature=80.0, minimum_setpoint_temperature=18.0,
          setpoint_node_or_nodelist_name="tower water supply outlet")
    outputs = ["Fluid Heat Exchanger Loop Supply Side Inlet Temperature",
               "Fluid Heat Exchanger Loop Supply Side Outlet Temperature",
               "Fluid Heat Exchanger Heat Transfer Rate", "Cooling Tower Outlet Temperature",
               "Cooling Tower Heat Transfer Rate", "Cooling Tower Fan Electricity Rate",
               "Cooling Tower Water Evaporation Volume Flow Rate",
               "Fluid Heat Exchanger Loop Supply Side Mass Flow Rate", "Cooling Tower Mass Flow Rate",
               "Cooling Tower Inlet Temperature"]
    m.output(*outputs, *SITE)
    found = m.run(keep=keep)
    own = {name: values for (name, _), values in found.items()}
    supply = own["Fluid Heat Exchanger Loop Supply Side Outlet Temperature"]
    plates, rejected = own["Fluid Heat Exchanger Heat Transfer Rate"], own["Cooling Tower Heat Transfer Rate"]
    closes = [abs(plates[h] / heat[h] - 1) < CLOSED and abs(rejected[h] / heat[h] - 1) < CLOSED for h in HOURS]
    columns = ["heat [W]", "supply [degC]", "fan_power [W]"]
    series = [heat, supply, own["Cooling Tower Fan Electricity Rate"]]
    print("  flows", own["Fluid Heat Exchanger Loop Supply Side Mass Flow Rate"][4000],
          own["Cooling Tower Mass Flow Rate"][4000])
    return kept("year-free-cooling.csv", "Tower and plate exchanger without chiller", own, columns, series, closes)


def dry(keep=None):
    """(c) Four of the dry coolers of `dry_cooler.py`, 30 degC water asked for."""
    m = Model(steps=STEPS)
    heat = loads(1.6e6)
    m.loop("water", 0.08, [cooler(m, 4.0)], [m.load("load", 0.08, heat)], setpoint=30.0)
    outputs = ["Cooling Tower Inlet Temperature", "Cooling Tower Outlet Temperature",
               "Cooling Tower Heat Transfer Rate", "Cooling Tower Fan Electricity Rate",
               "Cooling Tower Mass Flow Rate"]
    m.output(*outputs, *SITE)
    found = m.run(keep=keep)
    own = {name: values for (name, _), values in found.items()}
    rejected = own["Cooling Tower Heat Transfer Rate"]
    closes = [abs(rejected[h] / heat[h] - 1) < CLOSED for h in HOURS]
    print("  flow", own["Cooling Tower Mass Flow Rate"][4000])
    columns = ["heat [W]", "supply [degC]", "fan_power [W]"]
    series = [heat, own["Cooling Tower Outlet Temperature"], own["Cooling Tower Fan Electricity Rate"]]
    return kept("year-dry-cooler.csv", "Four dry coolers with two-speed fans", own, columns, series, closes)


def integrated(keep=None):
    """(b) Chilled water at 8 degC: plate economiser, then a chiller, in series on the chilled water and in
    parallel on the condenser water, each with a cell's flow."""
    m = Model(steps=STEPS)
    chilled, condenser = 0.10094, 0.15142
    machine, _, _ = chiller(m, "ElectricEIRChiller York YK 2771kW/6.84COP/VSD")
    plates = "HeatExchanger:FluidToFluid"
    m.add(plates, "plates", loop_supply_side_inlet_node_name="chilled inlet",
          loop_supply_side_outlet_node_name="chiller inlet",
          loop_demand_side_inlet_node_name="plates cold inlet",
          loop_demand_side_outlet_node_name="plates cold outlet",
          loop_demand_side_design_flow_rate=condenser, loop_supply_side_design_flow_rate=chilled,
          heat_exchange_model_type="CounterFlow", heat_exchanger_u_factor_times_area_value=600e3,
          control_type="CoolingDifferentialOnOff",
          minimum_temperature_difference_to_activate_heat_exchanger=0.01,
          heat_transfer_metering_end_use_type="FreeCooling")
    heat = loads(2.2e6)
    m.loop("chilled water", chilled, [[(plates, "plates", "chilled inlet", "chiller inlet"), machine]],
           [m.load("load", chilled, heat)], setpoint=8.0, scheme="Uncontrolled",
           setpoints=[(machine[0], "chiller", "chiller inlet", "chiller outlet", chilled)])
    m.loop("condenser water", 2 * condenser, [tower(m, 2 * condenser, 240.0, 90e3, 2)],
           [[(plates, "plates", "plates cold inlet", "plates cold outlet")],
            [(machine[0], "chiller", "condenser inlet", "condenser outlet")]], kind="CondenserLoop",
           setpoint=20.0)
    del m.objects["SetpointManager:Scheduled"]["condenser water supply outlet manager"]
    m.add("SetpointManager:FollowOutdoorAirTemperature", "follow", control_variable="Temperature",
          reference_temperature_type="OutdoorAirWetBulb", offset_temperature_difference=3.0,
          maximum_setpoint_temperature=80.0, minimum_setpoint_temperature=5.0,
          setpoint_node_or_nodelist_name="condenser water supply outlet")
    outputs = ["Fluid Heat Exchanger Heat Transfer Rate", "Cooling Tower Outlet Temperature",
               "Cooling Tower Heat Transfer Rate", "Cooling Tower Fan Electricity Rate",
               "Cooling Tower Mass Flow Rate", "Chiller Electricity Rate",
               "Chiller Evaporator Cooling Rate", "Chiller Evaporator Outlet Temperature",
               "Chiller Evaporator Mass Flow Rate", "Chiller Part Load Ratio",
               "Chiller False Load Heat Transfer Rate", "Chiller Condenser Heat Transfer Rate",
               "Fluid Heat Exchanger Loop Supply Side Inlet Temperature",
               "Fluid Heat Exchanger Loop Supply Side Outlet Temperature"]
    m.output(*outputs, *SITE)
    found = m.run(keep=keep)
    own = {name: values for (name, _), values in found.items()}
    plates, evaporator = own["Fluid Heat Exchanger Heat Transfer Rate"], own["Chiller Evaporator Cooling Rate"]
    condensed, rejected = own["Chiller Condenser Heat Transfer Rate"], own["Cooling Tower Heat Transfer Rate"]
    closes = [abs((plates[h] + evaporator[h]) / heat[h] - 1) < CLOSED
              and abs(rejected[h] / (plates[h] + condensed[h]) - 1) < CLOSED for h in HOURS]
    # What leaves the chiller that is off is what leaves the plates.
    supply = [out if power > 0 else plates_out for out, power, plates_out in zip(
        own["Chiller Evaporator Outlet Temperature"], own["Chiller Electricity Rate"],
        own["Fluid Heat Exchanger Loop Supply Side Outlet Temperature"])]
    columns = ["heat [W]", "supply [degC]", "plates_heat [W]", "chiller_power [W]", "fan_power [W]"]
    series = [heat, supply, plates, own["Chiller Electricity Rate"],
              own["Cooling Tower Fan Electricity Rate"]]
    flows = own["Cooling Tower Mass Flow Rate"]
    print("  condenser flows", sorted({round(flow, 2) for flow in flows}))
    return kept("year-chiller-economiser.csv", "Chiller with integrated economiser", own, columns, series,
                closes)


if __name__ == "__main__":
    free_cooling()
    integrated()
    dry()
