//! Per-asset tables: a row for every distinct GPU, server, rack or CDU, with the number of assets
//! that it stands for (`count`); identical assets are one row.

use super::gpus::{path, points};
use crate::network::{Network, path_text};
use crate::solve::Solution;
use crate::table::{Column, Table};

/// Names of the device status codes.
pub const STATUS: [&str; 5] = [
    "normal",
    "capped",
    "throttled_core",
    "throttled_memory",
    "shut_down",
];

fn number(name: &str, values: Vec<f64>) -> (String, Column) {
    (name.to_owned(), Column::Number(values))
}

fn celsius(t: f64) -> f64 {
    t - 273.15
}

/// A row for each distinct GPU.
pub fn gpu_table(network: &Network, solution: &Solution) -> Table {
    let points = points(network, solution);
    let column = |name: &str, value: &dyn Fn(&super::GpuPoint) -> f64| {
        number(name, points.iter().map(value).collect())
    };
    Table {
        columns: vec![
            (
                "asset".into(),
                Column::Text(points.iter().map(|p| path(network, p)).collect()),
            ),
            (
                "count".into(),
                Column::Integer(points.iter().map(|p| i64::from(p.count)).collect()),
            ),
            column("junction_temperature [degC]", &|p| celsius(p.junction)),
            column("memory_temperature [degC]", &|p| celsius(p.memory)),
            column("case_temperature [degC]", &|p| celsius(p.case)),
            column("coolant_inlet_temperature [degC]", &|p| {
                celsius(p.coolant_inlet)
            }),
            column("coolant_outlet_temperature [degC]", &|p| {
                celsius(p.coolant_outlet)
            }),
            column("power [W]", &|p| p.power),
            column("flow [kg/s]", &|p| p.flow),
            column("margin [K]", &|p| p.margin),
            column("work [-]", &|p| p.work),
            (
                "status".into(),
                Column::Text(
                    points
                        .iter()
                        .map(|p| {
                            STATUS
                                .get(p.status as usize)
                                .copied()
                                .unwrap_or("unknown")
                                .to_owned()
                        })
                        .collect(),
                ),
            ),
        ],
    }
}

/// A row for each distinct server: flow, heat and power.
pub fn server_table(network: &Network, solution: &Solution) -> Table {
    let (mut asset, mut count, mut values) = (Vec::new(), Vec::new(), [const { Vec::new() }; 4]);
    for (index, rack) in network.racks.iter().enumerate() {
        for server in 0..rack.design.servers {
            asset.push(format!("{}.server.{server}", path_text(&rack.path)));
            count.push(i64::from(rack.multiplicity));
            let totals = solution.rack(index).server_totals(server);
            for (column, value) in values.iter_mut().zip(totals) {
                column.push(value);
            }
        }
    }
    let [flow, liquid, air, power] = values;
    Table {
        columns: vec![
            ("asset".into(), Column::Text(asset)),
            ("count".into(), Column::Integer(count)),
            number("flow [kg/s]", flow),
            number("heat_to_liquid [W]", liquid),
            number("heat_to_air [W]", air),
            number("power [W]", power),
        ],
    }
}

/// A row for each distinct rack: flow, temperatures, heat and power.
pub fn rack_table(network: &Network, solution: &Solution) -> Table {
    let mut hottest = vec![f64::NAN; network.racks.len()];
    for point in points(network, solution) {
        let h = &mut hottest[point.rack as usize];
        *h = h.max(celsius(point.junction));
    }
    let racks = || network.racks.iter().enumerate();
    let linear = |value: fn(&crate::solve::rack::RackLinear) -> f64| -> Vec<f64> {
        racks()
            .map(|(i, _)| value(&solution.rack(i).linear()))
            .collect()
    };
    Table {
        columns: vec![
            (
                "asset".into(),
                Column::Text(racks().map(|(_, r)| path_text(&r.path)).collect()),
            ),
            (
                "count".into(),
                Column::Integer(racks().map(|(_, r)| i64::from(r.multiplicity)).collect()),
            ),
            number("flow [kg/s]", linear(|l| l.flow[0])),
            number(
                "return_temperature [degC]",
                racks()
                    .map(|(i, _)| celsius(solution.rack(i).return_temperature()))
                    .collect(),
            ),
            number("heat_to_liquid [W]", linear(|l| l.liquid[0])),
            number("heat_to_air [W]", linear(|l| l.air[0])),
            number("power [W]", linear(|l| l.power[0])),
            number("hottest_gpu [degC]", hottest),
        ],
    }
}

/// A row for each distinct CDU: temperatures, flows, heat and power.
pub fn cdu_table(network: &Network, solution: &Solution) -> Table {
    let parts = super::gather::gather(network, solution);
    let cdus: Vec<_> = parts.iter().filter(|p| p.kind == "cdu").collect();
    let column = |name: &str, value: &dyn Fn(&super::gather::Part<'_>) -> f64| {
        number(name, cdus.iter().map(|p| value(p)).collect())
    };
    let node = |part: &super::gather::Part<'_>, variable: usize| {
        let state = &solution.state.blocks[part.block_index];
        let index = part.stamp.variables[variable] as usize;
        let n = part.block.structure.unknowns;
        celsius(if index < n {
            state.x[index]
        } else {
            state.u[index - n]
        })
    };
    Table {
        columns: vec![
            (
                "asset".into(),
                Column::Text(cdus.iter().map(|p| p.path.clone()).collect()),
            ),
            (
                "count".into(),
                Column::Integer(cdus.iter().map(|p| p.count as i64).collect()),
            ),
            column("primary_flow [kg/s]", &|p| p.flow[0]),
            column("primary_inlet_temperature [degC]", &|p| node(p, 2)),
            column("secondary_flow [kg/s]", &|p| p.flow[1]),
            column("secondary_return_temperature [degC]", &|p| node(p, 7)),
            column("secondary_supply_temperature [degC]", &|p| node(p, 8)),
            column("heat_to_primary [W]", &|p| p.heat[0]),
            column("power [W]", &|p| p.drawn),
        ],
    }
}
