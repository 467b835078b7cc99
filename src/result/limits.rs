//! Limits: what the hall must hold, what it holds, and by what margin; the worst of each group.

mod surroundings;

use serde::{Serialize, Serializer};

use super::gather::Part;
use super::gpus::{self, GpuPoint, JUNCTION, MEMORY, hottest_of, path};
use super::survey::{RackSurvey, Survey};
use super::ties::Worst;
use super::{Gpus, Warning, shown};
use crate::component::{Bound, Severity, cold_plate, device};
use crate::curve::Validity;
use crate::hall::model::{DeviceRole, SUPPLY};
use crate::network::rack::RackDesign;
use crate::network::{Network, Rack, path_text, same_groups};
use crate::solve::Solution;
use crate::units::Dimension;

/// Severity as results write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SeverityName {
    /// A protective device acts.
    Trip,
    /// Outside a rating.
    Rating,
    /// Outside good practice.
    Advisory,
}

impl From<Severity> for SeverityName {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Trip => Self::Trip,
            Severity::Rating => Self::Rating,
            Severity::Advisory => Self::Advisory,
        }
    }
}

/// Whether a limit holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitStatus {
    /// It holds.
    Ok,
    /// It does not.
    Broken,
    /// It cannot be known; never counts as holding.
    Unknown,
}

/// A limit.
#[derive(Debug, Clone, Serialize)]
pub struct Limit {
    /// Path of the worst instance.
    pub path: String,
    /// What is limited.
    pub what: String,
    /// Value found; null where it cannot be known.
    #[serde(serialize_with = "finite")]
    pub value: Option<f64>,
    /// Limit.
    pub limit: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// How far the value is on the right side of the limit, in the same unit (kelvin for
    /// temperatures).
    #[serde(serialize_with = "finite")]
    pub margin: Option<f64>,
    /// Severity.
    pub severity: SeverityName,
    /// Status.
    pub status: LimitStatus,
    /// Instances that break it.
    pub broken_count: u64,
    /// Dimension, for display in other units.
    #[serde(skip)]
    pub dimension: Dimension,
}

impl Limit {
    /// Margin as a share of the limit, of temperatures as a share of 10 K; `None` where the value is unknown.
    pub fn relative_margin(&self) -> Option<f64> {
        let scale = match self.dimension {
            Dimension::Temperature | Dimension::TemperatureDifference => 10.0,
            _ => self.limit.abs().max(1e-12),
        };
        self.margin.map(|margin| margin / scale)
    }
}

// serde hands the field over by reference.
#[allow(clippy::ref_option)]
fn finite<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    value.filter(|v| v.is_finite()).serialize(serializer)
}

/// Lowest supply temperature that the water classes of ASHRAE TC 9.9 allow, K (2 °C).
const CLASS_MINIMUM: f64 = 275.15;

/// Temperatures this close to a limit count as on it, K: a control holds what it computes from heat and
/// flow, and the node behind it differs by some 1e-5 K with the slope of the fluid's specific heat.
const TEMPERATURE_SLACK: f64 = 1e-3;

/// Collects limits, keeping the worst of each group.
#[derive(Default)]
struct Collector {
    rows: Vec<Row>,
}

struct Row {
    group: String,
    what: String,
    broken_count: u64,
    worst: Worst<Limit>,
}

struct Finding<'a> {
    group: &'a str,
    path: &'a dyn Fn() -> String,
    what: &'a str,
    value: Option<f64>,
    limit: f64,
    dimension: Dimension,
    bound: Bound,
    severity: Severity,
    count: u64,
}

impl Collector {
    fn add(&mut self, found: &Finding<'_>) {
        let margin = found.value.map(|value| match found.bound {
            Bound::AtMost => found.limit - value,
            Bound::AtLeast => value - found.limit,
        });
        let slack = slack(found.limit).max(match found.dimension {
            Dimension::Temperature => TEMPERATURE_SLACK,
            _ => 0.0,
        });
        let status = match margin {
            None => LimitStatus::Unknown,
            Some(margin) if margin >= -slack => LimitStatus::Ok,
            Some(_) => LimitStatus::Broken,
        };
        let broken = if status == LimitStatus::Broken {
            found.count
        } else {
            0
        };
        let place = self
            .rows
            .iter()
            .position(|row| row.group == found.group && row.what == found.what)
            .unwrap_or_else(|| {
                self.rows.push(Row {
                    group: found.group.to_owned(),
                    what: found.what.to_owned(),
                    broken_count: 0,
                    worst: Worst::default(),
                });
                self.rows.len() - 1
            });
        let row = &mut self.rows[place];
        row.broken_count += broken;
        row.worst
            .offer(margin.unwrap_or(f64::INFINITY), slack, found.path, |path| {
                row_of(found, path, margin, status)
            });
    }

    fn limits(self) -> Vec<Limit> {
        self.rows
            .into_iter()
            .filter_map(|row| {
                Some(Limit {
                    broken_count: row.broken_count,
                    ..row.worst.worst()?
                })
            })
            .collect()
    }
}

fn row_of(found: &Finding<'_>, path: &str, margin: Option<f64>, status: LimitStatus) -> Limit {
    let (limit, unit) = shown(found.dimension, found.limit);
    Limit {
        path: path.to_owned(),
        what: found.what.to_owned(),
        value: found.value.map(|value| shown(found.dimension, value).0),
        limit,
        unit,
        margin,
        severity: found.severity.into(),
        status,
        broken_count: 0,
        dimension: found.dimension,
    }
}

/// Judges all limits.
pub fn judge(
    network: &Network,
    solution: &Solution,
    parts: &[Part<'_>],
    survey: &Survey,
    gpus: &Gpus,
) -> (Vec<Limit>, Vec<Warning>) {
    let mut all = Collector::default();
    let mut warnings = Vec::new();
    gpu_limits(network, solution, survey, gpus, &mut all);
    rack_limits(network, solution, survey, &mut all, &mut warnings);
    block_limits(network, solution, &mut all, &mut warnings);
    surroundings::judge(network, solution, &mut all);
    warnings.extend(super::runaway::warnings(network, solution, survey));
    for part in parts {
        for limit in &part.report.limits {
            all.add(&Finding {
                group: &part.group,
                path: &|| part.path.clone(),
                what: limit.what,
                value: limit.value,
                limit: limit.limit,
                dimension: limit.dimension,
                bound: limit.bound,
                severity: limit.severity,
                count: part.count as u64,
            });
        }
        for control in part
            .report
            .controls
            .iter()
            .filter(|c| c.required && c.saturated)
        {
            // A set-point that must be met and is not, on the side that matters.
            all.add(&Finding {
                group: &part.group,
                path: &|| part.path.clone(),
                what: &format!("{} set-point", control.what),
                value: Some(control.actual),
                limit: control.setpoint,
                dimension: control.dimension,
                bound: if control.dimension == Dimension::Temperature
                    || control.actual > control.setpoint
                {
                    Bound::AtMost
                } else {
                    Bound::AtLeast
                },
                severity: Severity::Rating,
                count: part.count as u64,
            });
        }
    }
    (all.limits(), warnings)
}

fn gpu_limits(
    network: &Network,
    solution: &Solution,
    survey: &Survey,
    summed: &Gpus,
    all: &mut Collector,
) {
    for worst in worst_points(network, solution, survey) {
        let d = &worst.device;
        let by_junction = (&worst.junction, JUNCTION);
        let by_memory = (&worst.memory, MEMORY);
        for (what, (point, (value, highest)), limit, severity) in [
            (
                "GPU junction, design limit",
                by_junction,
                d.design_limit,
                Severity::Advisory,
            ),
            (
                "GPU junction, software slowdown",
                by_junction,
                d.software_slowdown,
                Severity::Rating,
            ),
            (
                "GPU junction, hardware slowdown",
                by_junction,
                d.hardware_slowdown,
                Severity::Rating,
            ),
            (
                "GPU junction, shutdown",
                by_junction,
                d.shutdown,
                Severity::Trip,
            ),
            (
                "GPU memory temperature",
                by_memory,
                d.memory_limit,
                Severity::Rating,
            ),
        ] {
            let Some(limit) = limit else { continue };
            let breaks = |value: f64| limit - value < -slack(limit);
            let count = if breaks(value(point)) {
                let hot = |rack: &Rack, found: RackSurvey<'_>| {
                    std::ptr::eq(&raw const *rack.design, worst.design) && breaks(highest(&found))
                };
                gpus::picked(network, solution, survey, hot)
                    .filter(|p| breaks(value(p)))
                    .map(|p| u64::from(p.count))
                    .sum()
            } else {
                0
            };
            all.add(&Finding {
                group: "gpus",
                path: &|| path(network, point),
                what,
                value: Some(value(point)),
                limit,
                dimension: Dimension::Temperature,
                bound: Bound::AtMost,
                severity,
                count,
            });
        }
    }
    for (what, number, severity) in [
        ("GPUs throttled", summed.throttled, Severity::Rating),
        ("GPUs shut down", summed.shut_down, Severity::Trip),
    ] {
        if summed.count > 0 {
            all.add(&Finding {
                group: "gpus",
                path: &|| "gpus".to_owned(),
                what,
                value: Some(number as f64),
                limit: 0.0,
                dimension: Dimension::Dimensionless,
                bound: Bound::AtMost,
                severity,
                count: number,
            });
        }
    }
}

/// The hottest GPUs of a rack design.
struct OfDesign<'a> {
    design: &'a RackDesign,
    device: device::Parameters<f64>,
    junction: GpuPoint,
    memory: GpuPoint,
}

/// The hottest GPUs of each rack design: limits are the design's, so no other can be worse.
fn worst_points<'a>(
    network: &'a Network,
    solution: &Solution,
    survey: &Survey,
) -> Vec<OfDesign<'a>> {
    let mut designs: Vec<&RackDesign> = Vec::new();
    for rack in &network.racks {
        if !(designs.iter()).any(|known| std::ptr::eq(*known, &raw const *rack.design)) {
            designs.push(&rack.design);
        }
    }
    let worst = |design: &'a RackDesign| {
        let set = design.sets.iter().find(|set| set.role == DeviceRole::Gpu)?;
        let hottest = |by| hottest_of(network, solution, survey, Some(design), by);
        Some(OfDesign {
            design,
            device: device::Parameters::load(&set.device_theta),
            junction: hottest(JUNCTION)?,
            memory: hottest(MEMORY)?,
        })
    };
    designs.into_iter().filter_map(worst).collect()
}

/// Round-off must not break a limit that is met exactly (a throttled GPU sits on its own).
fn slack(limit: f64) -> f64 {
    1e-9 * limit.abs().max(1e-9)
}

fn rack_limits(
    network: &Network,
    solution: &Solution,
    survey: &Survey,
    all: &mut Collector,
    warnings: &mut Vec<Warning>,
) {
    let mut group = String::new();
    let mut grouped: Option<&[(String, u32)]> = None;
    let mut out_of_range: Vec<(String, f64, (f64, f64), u64)> = Vec::new();
    for (index, rack) in network.racks.iter().enumerate() {
        // Most racks are of the same group as the one before.
        if !grouped.is_some_and(|known| same_groups(known, &rack.path)) {
            grouped = Some(&rack.path);
            let names = rack.path.iter().map(|(name, _)| format!("{name}.*"));
            group = names.collect::<Vec<_>>().join(".");
        }
        let found = solution.rack(index);
        let linear = found.linear();
        let manifold = &rack.parameters.manifold;
        let n = u64::from(rack.multiplicity);
        let sums = survey.rack(index);
        let mut add = |what: &str,
                       value: f64,
                       limit: f64,
                       dimension: Dimension,
                       severity: Severity,
                       count: u64| {
            all.add(&Finding {
                group: &group,
                path: &|| path_text(&rack.path),
                what,
                value: Some(value),
                limit,
                dimension,
                bound: Bound::AtMost,
                severity,
                count,
            });
        };
        if let Some(limit) = manifold.power_limit {
            add(
                "rack power",
                linear.power[0],
                limit,
                Dimension::Power,
                Severity::Rating,
                n,
            );
        }
        let density = rack.design.fluid.density(found.return_temperature());
        if let Some(bore) = manifold.bore {
            let velocity =
                linear.flow[0].abs() / density / (0.25 * std::f64::consts::PI * bore * bore);
            add(
                "manifold velocity",
                velocity,
                manifold.velocity_limit,
                Dimension::Velocity,
                Severity::Advisory,
                n,
            );
        }
        // The rating is that of the output: what the supplies lose comes off the input. Servers have
        // no path of their own here, so the worst one speaks for the rack.
        let (mut worst, mut fastest): (Option<(f64, f64)>, Option<(f64, f64)>) = (None, None);
        let mut broken = 0;
        for (s, numbers) in rack.parameters.servers.iter().enumerate() {
            if numbers.coupling_area.is_finite() {
                let [flow, ..] = found.server_totals(s);
                let velocity = flow.abs() / density / numbers.coupling_area;
                let limit = numbers.coupling_velocity_limit;
                if fastest.is_none_or(|(value, most)| limit - velocity < most - value) {
                    fastest = Some((velocity, limit));
                }
            }
            let rating = numbers.supply_rating;
            if rating.is_finite() {
                let by_air = numbers.air_cooled_power + numbers.fan_power;
                let direct = sums.server_power(s) + by_air;
                broken += u64::from(rating - direct < -slack(rating));
                if worst.is_none_or(|(value, limit)| rating - direct < limit - value) {
                    worst = Some((direct, rating));
                }
            }
        }
        if let Some((value, limit)) = fastest {
            add(
                "quick disconnect velocity",
                value,
                limit,
                Dimension::Velocity,
                Severity::Advisory,
                n,
            );
        }
        if let Some((value, limit)) = worst {
            let (dimension, severity) = (Dimension::Power, Severity::Rating);
            let all_of_it = u64::from(rack.multiplicity) * broken;
            add(
                "server power supplies",
                value,
                limit,
                dimension,
                severity,
                all_of_it,
            );
        }
        for set in &rack.design.sets {
            let plate = cold_plate::Parameters::<f64>::load(&set.plate_theta);
            if let Some(area) = plate.channel_area {
                let paths = rack.design.paths_per_server;
                let flow = (0..rack.design.servers)
                    .flat_map(|s| {
                        let first = s * paths + set.first_path;
                        first..first + set.count / set.in_series
                    })
                    .map(|path| found.path_flow(path).abs())
                    .fold(0.0, f64::max);
                add(
                    "cold plate velocity",
                    flow / density / area,
                    plate.velocity_limit,
                    Dimension::Velocity,
                    Severity::Advisory,
                    n,
                );
            }
            let Some((low, high)) = set.flow_range else {
                continue;
            };
            for s in 0..rack.design.servers {
                for path in 0..set.count / set.in_series {
                    let flow = found
                        .path_flow(s * rack.design.paths_per_server + set.first_path + path)
                        / density;
                    if flow < low || flow > high {
                        let n = u64::from(rack.multiplicity) * set.in_series as u64;
                        match out_of_range.iter_mut().find(|(part, ..)| *part == set.part) {
                            Some(row) => {
                                row.3 += n;
                                if (flow - low).min(high - flow) < (row.1 - low).min(high - row.1) {
                                    row.1 = flow;
                                }
                            }
                            None => out_of_range.push((set.part.clone(), flow, (low, high), n)),
                        }
                    }
                }
            }
        }
    }
    for (part, flow, (low, high), count) in out_of_range {
        warnings.push(Warning {
            path: part,
            beyond: Some(Validity { min: low, max: high }.beyond(flow)),
            text: format!(
                "{count} plates run at a flow outside the measured points ({:.2} L/min; measured {:.2} to {:.2} L/min): \
                 their conductance is held at the nearest point",
                flow * 60e3,
                low * 60e3,
                high * 60e3
            ),
        });
    }
}

fn block_limits(
    network: &Network,
    solution: &Solution,
    all: &mut Collector,
    warnings: &mut Vec<Warning>,
) {
    for (index, block) in network.blocks.iter().enumerate() {
        let state = &solution.state.blocks[index];
        let prefix = path_text(&block.path);
        let full = |name: &str| {
            if prefix.is_empty() {
                name.to_owned()
            } else {
                format!("{prefix}.{name}")
            }
        };
        let group = |name: &str| super::gather::group_path(&block.path, name);
        for numbers in &block.structure.loops {
            let supply = state.x[numbers.nodes[SUPPLY] as usize + 1];
            if let Some(limit) = numbers.supply_limit {
                all.add(&Finding {
                    group: &group(&format!("loops.{}", numbers.name)),
                    path: &|| full(&numbers.name),
                    what: &format!(
                        "supply temperature, class {}",
                        numbers.class.as_deref().unwrap_or("claimed")
                    ),
                    value: Some(supply),
                    limit,
                    dimension: Dimension::Temperature,
                    bound: Bound::AtMost,
                    severity: Severity::Rating,
                    count: u64::from(block.multiplicity),
                });
            }
            if let Some(class) = &numbers.class {
                all.add(&Finding {
                    group: &group(&format!("loops.{}", numbers.name)),
                    path: &|| full(&numbers.name),
                    what: &format!("least supply temperature, class {class}"),
                    value: Some(supply),
                    limit: CLASS_MINIMUM,
                    dimension: Dimension::Temperature,
                    bound: Bound::AtLeast,
                    severity: Severity::Rating,
                    count: u64::from(block.multiplicity),
                });
            }
            let fluid = &network.fluids[numbers.fluid as usize];
            let range = fluid.valid_range();
            for (node, &variable) in numbers.nodes.iter().enumerate() {
                if variable == crate::network::NONE {
                    continue;
                }
                let temperature = state.x[variable as usize + 1];
                if !(range.min..=range.max).contains(&temperature) {
                    warnings.push(Warning {
                        path: full(&format!("{}.{}", numbers.name, numbers.node_names[node])),
                        beyond: Some(range.beyond(temperature)),
                        text: format!(
                            "{:.1} °C lies outside the range of the fluid's correlations ({:.0} to {:.0} °C)",
                            temperature - 273.15,
                            range.min - 273.15,
                            range.max - 273.15
                        ),
                    });
                }
            }
        }
        for room in &block.structure.rooms {
            if let Some(limit) = room.limit {
                all.add(&Finding {
                    group: &group(&format!("rooms.{}", room.name)),
                    path: &|| full(&room.name),
                    what: "air temperature at server inlets",
                    value: Some(state.x[room.variable as usize]),
                    limit,
                    dimension: Dimension::Temperature,
                    bound: Bound::AtMost,
                    severity: Severity::Rating,
                    count: u64::from(block.multiplicity),
                });
            }
        }
    }
}

/// Warnings of components, replicas once.
pub fn component_warnings(parts: &[Part<'_>]) -> Vec<Warning> {
    let mut out: Vec<Warning> = Vec::new();
    for part in parts {
        for caution in &part.report.warnings {
            let known = out
                .iter_mut()
                .find(|one| one.path == part.group && one.text == caution.text);
            match known {
                Some(known) => {
                    let both = known.beyond.zip(caution.beyond);
                    known.beyond =
                        both.map_or(known.beyond.or(caution.beyond), |(a, b)| Some(a.max(b)));
                }
                None => out.push(Warning {
                    path: part.group.clone(),
                    text: caution.text.clone(),
                    beyond: caution.beyond,
                }),
            }
        }
    }
    out
}
