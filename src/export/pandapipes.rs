//! pandapipes network, as JSON that `pandapipes.from_json` reads (written for format 0.14).
//!
//! # Equations
//! - Δp = a·ṁ + b·ṁ² is a pipe: pandapipes' default friction law λ = 64/Re + λ_turbulent adds a linear
//!   and a quadratic part, so length follows from a and the loss coefficient from b less what
//!   λ_turbulent takes (roughness is a millionth of the bore); where the law is linear that
//!   coefficient is negative;
//! - a lift is a pump of a type of its own, the parabola h₀ + c₁·ṁ + c₂·ṁ² against volume flow;
//! - a loop's return is an external grid of type `pt`: no fluid flows to or from it, since each loop is
//!   closed, and its temperature is that of the solution;
//! - heat, on request: a heat exchanger without pressure drop behind the link. Positive `qext_w` takes
//!   heat out. pandapipes' fluid has one specific heat, that at the loops' mean temperature. A closed
//!   loop's temperatures are only computed where a circulation pump holds one: then each lift is a
//!   `circ_pump_pressure` that holds the solved pressure and temperature behind it and the solved lift,
//!   which does not follow the flow, and there is no external grid;
//! - columns `loopwatt_…` hold what loopwatt found, to compare with.
//!
//! pandapipes has one fluid in a network. Without heat it only sets bores and lengths, so that loops of
//! several fluids stand in one file, with the properties of the first; pressures and mass flows are those
//! of each loop all the same.
//!
//! # Source
//! Lohmeier et al. (2020), pandapipes: an open-source piping grid calculation package, Sustainability
//! 12(23) 9899; documentation of pandapipes 0.16, components *pipe*, *pump*, *heat exchanger*.

use std::f64::consts::PI;
use std::io::{Result, Write};

use serde_json::{Value, json};

use super::law::{Law, parabola};
use super::{ExportError, Link, Model, bore};
use crate::fluid::Fluid;

/// Roughness against bore.
const ROUGHNESS: f64 = 1e-6;
/// Heat that is written, W: less does not show in any temperature.
const LEAST_HEAT: f64 = 1e-3;

/// Constant properties of the file's fluid.
struct Properties {
    name: String,
    density: f64,
    viscosity: f64,
    specific_heat: f64,
}

/// Whether the model can carry temperatures.
///
/// # Errors
/// [`ExportError::Fluids`] where its loops hold several fluids.
pub fn check_heat(model: &Model) -> std::result::Result<(), ExportError> {
    let mut fluids: Vec<&str> = model
        .circuits
        .iter()
        .map(|c| c.fluid_name.as_str())
        .collect();
    fluids.sort_unstable();
    fluids.dedup();
    if fluids.len() > 1 {
        return Err(ExportError::Fluids {
            fluids: fluids.join(", "),
            example: model
                .circuits
                .first()
                .map(|c| c.path.clone())
                .unwrap_or_default(),
        });
    }
    Ok(())
}

fn properties(model: &Model) -> Properties {
    let (mut sum, mut weight) = (0.0, 0.0);
    for link in &model.links {
        let at = |k: usize| model.junctions[k].temperature;
        sum += link.flow * 0.5 * (at(link.from) + at(link.to));
        weight += link.flow;
    }
    let mean = if weight > 0.0 { sum / weight } else { 293.15 };
    let first = model.circuits.first();
    let fluid = first.map_or_else(Fluid::water, |c| c.fluid);
    Properties {
        name: first.map(|c| c.fluid_name.clone()).unwrap_or_default(),
        density: fluid.density(mean),
        viscosity: fluid.viscosity(mean),
        specific_heat: fluid.specific_heat(mean),
    }
}

/// Length [km], bore [mm], roughness [mm] and loss coefficient of a law at a flow.
fn pipe(fluid: &Properties, flow: f64, linear: f64, quadratic: f64) -> [f64; 4] {
    let diameter = bore(flow);
    let area = PI * diameter * diameter / 4.0;
    let length = linear * fluid.density * area * diameter * diameter / (32.0 * fluid.viscosity);
    // A length of zero is refused.
    let length = length.max(1e-9 * diameter);
    let turbulent = (2.0 * (3.71 / ROUGHNESS).log10()).powi(-2);
    let loss = 2.0 * fluid.density * area * area * quadratic - turbulent * length / diameter;
    [
        length * 1e-3,
        diameter * 1e3,
        ROUGHNESS * diameter * 1e3,
        loss,
    ]
}

/// A table, as pandas writes it.
fn table(columns: &[(&str, &str)], rows: &[Value]) -> Value {
    let names: Vec<&str> = columns.iter().map(|c| c.0).collect();
    let index: Vec<usize> = (0..rows.len()).collect();
    let dtype: serde_json::Map<String, Value> = columns
        .iter()
        .map(|(name, dtype)| ((*name).to_owned(), json!(dtype)))
        .collect();
    json!({
        "_module": "pandas.core.frame",
        "_class": "DataFrame",
        "_object": json!({"columns": names, "index": index, "data": rows}).to_string(),
        "orient": "split",
        "dtype": dtype,
        "is_multiindex": false,
        "is_multicolumn": false,
    })
}

/// An object of a pandapipes class.
fn object(module: &str, class: &str, fields: &Value) -> Value {
    json!({
        "_module": format!("pandapipes.{module}"),
        "_class": class,
        "_object": fields.to_string(),
    })
}

/// Writes the model; with `heat` each link's heat too.
///
/// # Errors
/// The writer's own.
pub fn write(model: &Model, heat: bool, out: &mut dyn Write) -> Result<()> {
    let fluid = properties(model);
    let bar = 1e-5;
    let mut junctions: Vec<Value> = Vec::with_capacity(model.junctions.len());
    let mut places: Vec<Value> = Vec::with_capacity(model.junctions.len());
    for j in &model.junctions {
        junctions.push(json!([
            j.name,
            j.pressure * bar,
            j.temperature,
            0.0,
            true,
            "junction"
        ]));
        places.push(json!([j.place[0], -j.place[1]]));
    }
    let (mut pipes, mut pumps, mut exchangers) = (Vec::new(), Vec::new(), Vec::new());
    let mut circulation = Vec::new();
    let mut types = serde_json::Map::new();
    for (k, link) in model.links.iter().enumerate() {
        let mut to = link.to;
        if let Law::Lift { rise, .. } = link.law
            && heat
        {
            let j = &model.junctions[to];
            circulation.push(json!([
                link.name,
                link.from,
                to,
                j.pressure * bar,
                j.temperature,
                rise * bar,
                true,
                "pt",
                link.flow
            ]));
            continue;
        }
        if heat && link.heat.abs() > LEAST_HEAT && link.law != Law::Closed {
            to = junctions.len();
            let (a, b) = (&model.junctions[link.from], &model.junctions[link.to]);
            junctions.push(json!([
                format!("{} before heat", link.name),
                b.pressure * bar,
                a.temperature,
                0.0,
                true,
                "junction"
            ]));
            places.push(json!([
                0.5 * (a.place[0] + b.place[0]),
                -0.5 * (a.place[1] + b.place[1])
            ]));
            exchangers.push(json!([
                link.name,
                to,
                link.to,
                bore(link.flow) * 1e3,
                -link.heat,
                0.0,
                true,
                "heat_exchanger",
                link.flow,
                link.outlet
            ]));
        }
        match link.law {
            Law::Lift { .. } => {
                let name = format!("L{k} {}", link.name);
                pumps.push(json!([
                    link.name, link.from, to, name, true, "pump", link.flow
                ]));
                types.insert(name.clone(), pump(&fluid, link, &name));
            }
            Law::Passive { .. } | Law::Closed => {
                let (linear, quadratic, open) = match link.law {
                    Law::Passive { linear, quadratic } => (linear, quadratic, true),
                    _ => (1e6, 0.0, false),
                };
                let [length, bore, roughness, loss] =
                    pipe(&fluid, link.flow.max(1e-6), linear, quadratic);
                pipes.push(json!([
                    link.name, link.from, to, null, length, bore, bore, roughness, loss, 0.0,
                    293.15, 1, open, "pipe", link.flow
                ]));
            }
        }
    }
    let grids: Vec<Value> = (model.circuits.iter())
        .filter(|_| !heat)
        .map(|c| {
            let j = &model.junctions[c.reference];
            json!([
                c.path,
                c.reference,
                j.pressure * bar,
                j.temperature,
                true,
                "pt"
            ])
        })
        .collect();
    let constant = |value: f64| {
        let fields = json!({"value": value, "warn_dependent_variables": false});
        object("properties.fluids", "FluidPropertyConstant", &fields)
    };
    let component = |file: &str, class: &str| {
        object(
            &format!("component_models.{file}_component"),
            class,
            &json!({}),
        )
    };
    let ends = [
        ("name", "object"),
        ("from_junction", "uint32"),
        ("to_junction", "uint32"),
    ];
    let ours = ("loopwatt_mdot_kg_per_s", "float64");
    let with = |more: &[(&'static str, &'static str)]| [&ends[..], more].concat();
    let net = json!({
        "fluid": object("properties.fluids", "Fluid", &json!({
            "name": fluid.name,
            "fluid_type": "liquid",
            "is_gas": false,
            "all_properties": {
                "density": constant(fluid.density),
                "viscosity": constant(fluid.viscosity),
                "heat_capacity": constant(fluid.specific_heat),
            },
        })),
        "converged": false,
        "name": model.name,
        "version": "0.16.0",
        "format_version": "0.14.0",
        "component_list": [
            component("junction", "Junction"),
            component("pipe", "Pipe"),
            component("pump", "Pump"),
            component("heat_exchanger", "HeatExchanger"),
            component("circulation_pump_pressure", "CirculationPumpPressure"),
            component("ext_grid", "ExtGrid"),
        ],
        "sector": "all",
        "junction": table(&[
            ("name", "object"), ("pn_bar", "float64"), ("tfluid_k", "float64"), ("height_m", "float64"),
            ("in_service", "bool"), ("type", "object"),
        ], &junctions),
        "junction_geodata": table(&[("x", "float64"), ("y", "float64")], &places),
        "pipe": table(&with(&[
            ("std_type", "object"), ("length_km", "float64"), ("inner_diameter_mm", "float64"),
            ("outer_diameter_mm", "float64"), ("k_mm", "float64"), ("loss_coefficient", "float64"),
            ("u_w_per_m2k", "float64"), ("text_k", "float64"), ("sections", "uint32"), ("in_service", "bool"),
            ("type", "object"), ours,
        ]), &pipes),
        "pipe_geodata": table(&[("coords", "object")], &[]),
        "pump": table(&with(&[
            ("std_type", "object"), ("in_service", "bool"), ("type", "object"), ours,
        ]), &pumps),
        "heat_exchanger": table(&with(&[
            ("inner_diameter_mm", "float64"), ("qext_w", "float64"), ("loss_coefficient", "float64"),
            ("in_service", "bool"), ("type", "object"), ours, ("loopwatt_t_outlet_k", "float64"),
        ]), &exchangers),
        "circ_pump_pressure": table(&[
            ("name", "object"), ("return_junction", "uint32"), ("flow_junction", "uint32"),
            ("p_flow_bar", "float64"), ("t_flow_k", "float64"), ("plift_bar", "float64"),
            ("in_service", "bool"), ("type", "object"), ours,
        ], &circulation),
        "ext_grid": table(&[
            ("name", "object"), ("junction", "uint32"), ("p_bar", "float64"), ("t_k", "float64"),
            ("in_service", "bool"), ("type", "object"),
        ], &grids),
        "std_types": {"pump": types, "pipe": {}},
        "user_pf_options": {"max_iter_hyd": 100, "max_iter_therm": 100},
    });
    serde_json::to_writer(
        &mut *out,
        &json!({"_module": "pandapipes.pandapipes_net", "_class": "pandapipesNet", "_object": net}),
    )?;
    writeln!(out)
}

/// The pump's type: its parabola in bar against m³/h.
fn pump(fluid: &Properties, link: &Link, name: &str) -> Value {
    let Law::Lift {
        shutoff,
        rise,
        slope,
    } = link.law
    else {
        return Value::Null;
    };
    let (c1, c2) = parabola(link.flow, shutoff, rise, slope);
    let flow = fluid.density / 3600.0;
    let coefficients = [c2 * flow * flow * 1e-5, c1 * flow * 1e-5, shutoff * 1e-5];
    object(
        "std_types.std_type_class",
        "PumpStdType",
        &json!({
            "name": name,
            "component": "pump",
            "sector": "all",
            "reg_par": coefficients,
            "_x_values": null,
            "_y_values": null,
            "_reg_polynomial_degree": 2,
        }),
    )
}
