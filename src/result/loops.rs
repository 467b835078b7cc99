//! What each loop carries, replicas together.

use std::collections::BTreeMap;

use serde::Serialize;

use super::gather::Part;
use crate::hall::model::{RETURN, SUPPLY};
use crate::network::{Element, Network};
use crate::solve::Solution;

/// A loop, or all its replicas: flows and heat summed, temperatures weighted by flow.
#[derive(Debug, Clone, Serialize)]
pub struct LoopResult {
    /// Fluid in words.
    pub fluid: String,
    /// Loops of this name.
    pub count: u64,
    /// Flow out of the supply node, kg/s.
    pub flow_kg_s: f64,
    /// Supply temperature (toward the heat source), °C.
    pub supply_c: f64,
    /// Return temperature, °C.
    pub return_c: f64,
    /// Largest pressure rise across its pumps, Pa.
    pub dp_pump_pa: f64,
    /// Pressure difference from supply to return, Pa.
    pub dp_sensor_pa: f64,
    /// Heat picked up by the loop, pump heat excluded, W.
    pub heat_w: f64,
    /// Electrical power of its pumps, W.
    pub pump_power_w: f64,
    /// Density at the supply temperature, kg/m³, to show flow by volume.
    #[serde(skip)]
    pub density: f64,
}

struct Sum {
    fluid: String,
    count: u64,
    flow: f64,
    supply: f64,
    back: f64,
    plain: [f64; 2],
    dp_pump: f64,
    dp_sensor: f64,
    heat: f64,
    pump_power: f64,
    density: f64,
}

/// Results by loop name; names that several groups share are qualified by the group.
pub fn results(
    network: &Network,
    solution: &Solution,
    parts: &[Part<'_>],
) -> BTreeMap<String, LoopResult> {
    let mut keys: Vec<(String, String)> = Vec::new();
    for block in &network.blocks {
        for numbers in &block.structure.loops {
            let key = (
                super::gather::group_path(&block.path, ""),
                numbers.name.clone(),
            );
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    let shared = |name: &str| keys.iter().filter(|(_, n)| n == name).count() > 1;
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for (index, block) in network.blocks.iter().enumerate() {
        let state = &solution.state.blocks[index];
        for numbers in &block.structure.loops {
            let n = f64::from(block.multiplicity);
            let (supply, back) = (numbers.nodes[SUPPLY], numbers.nodes[RETURN]);
            let temperature = |node: u32| state.x[node as usize + 1] - 273.15;
            let pressure = |node: u32| state.x[node as usize];
            let (mut into_supply, mut heat, mut dp_pump, mut pump_power) = (0.0, 0.0, 0.0f64, 0.0);
            // Parts stand in the order of their blocks.
            let first = parts.partition_point(|p| p.block_index < index);
            let own = parts[first..].iter().take_while(|p| p.block_index == index);
            for part in own {
                let Some(component) = part.block.component(part.stamp) else {
                    continue;
                };
                let spec = component.kind.spec();
                for s in 0..spec.sides.len() {
                    let (a, b) = (part.stamp.variables[5 * s], part.stamp.variables[5 * s + 1]);
                    if !numbers.nodes.contains(&a) && !numbers.nodes.contains(&b) {
                        continue;
                    }
                    // What flows into the supply node, whichever way the side was drawn.
                    if b == supply {
                        into_supply += part.flow[s].max(0.0);
                    } else if a == supply {
                        into_supply += (-part.flow[s]).max(0.0);
                    }
                    if spec.source[s] {
                        if part.kind == "pump_set" || part.kind == "cdu" {
                            dp_pump = dp_pump.max(part.rise[s]);
                            pump_power += part.drawn;
                        }
                    } else {
                        heat += part.heat[s];
                    }
                }
            }
            for stamp in &block.structure.stamps {
                match stamp.element {
                    Element::Rack(k) if numbers.nodes.contains(&stamp.variables[0]) => {
                        heat += solution.rack(block.racks[k]).linear().liquid[0]
                            * f64::from(stamp.count);
                    }
                    Element::Child(k) => {
                        let child = block.children[k];
                        let outputs = &solution.work.blocks[child].outputs;
                        let ports = &network.blocks[child].structure.ports;
                        let (mut input, mut output) = (0, 0);
                        for port in ports {
                            if port.inputs() == 2 && numbers.nodes.contains(&stamp.variables[input])
                            {
                                heat += outputs[output + 1] * f64::from(stamp.count);
                            }
                            input += port.inputs();
                            output += port.outputs();
                        }
                    }
                    _ => {}
                }
            }
            let group: String = block
                .path
                .iter()
                .map(|(name, _)| format!("{name}."))
                .collect();
            let key = if shared(&numbers.name) {
                format!("{group}{}", numbers.name)
            } else {
                numbers.name.clone()
            };
            let sum = sums.entry(key).or_insert_with(|| Sum {
                fluid: numbers.fluid_name.clone(),
                count: 0,
                flow: 0.0,
                supply: 0.0,
                back: 0.0,
                plain: [0.0; 2],
                dp_pump: 0.0,
                dp_sensor: 0.0,
                heat: 0.0,
                pump_power: 0.0,
                density: network.fluids[numbers.fluid as usize]
                    .density(temperature(supply) + 273.15),
            });
            sum.count += u64::from(block.multiplicity);
            sum.flow += n * into_supply;
            sum.supply += n * into_supply * temperature(supply);
            sum.back += n * into_supply * temperature(back);
            sum.plain[0] += n * temperature(supply);
            sum.plain[1] += n * temperature(back);
            sum.dp_pump = sum.dp_pump.max(dp_pump);
            sum.dp_sensor += n * (pressure(supply) - pressure(back));
            sum.heat += n * heat;
            sum.pump_power += n * pump_power;
        }
    }
    sums.into_iter()
        .map(|(key, sum)| {
            let count = sum.count as f64;
            // Without flow there is nothing to weight by.
            let mean = |weighted: f64, plain: f64| {
                if sum.flow.abs() > 1e-6 * count {
                    weighted / sum.flow
                } else {
                    plain / count
                }
            };
            let result = LoopResult {
                fluid: sum.fluid.clone(),
                count: sum.count,
                flow_kg_s: sum.flow,
                supply_c: mean(sum.supply, sum.plain[0]),
                return_c: mean(sum.back, sum.plain[1]),
                dp_pump_pa: sum.dp_pump,
                dp_sensor_pa: sum.dp_sensor / count,
                heat_w: sum.heat,
                pump_power_w: sum.pump_power,
                density: sum.density,
            };
            (key, result)
        })
        .collect()
}
