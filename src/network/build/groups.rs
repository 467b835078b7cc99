//! Groups inside a group: a block for each that is distinct, joined to this one at its ports.

use std::collections::HashMap;
use std::sync::Arc;

use super::draft::Draft;
use super::{BuildFault, Builder};
use crate::hall::model::{Group, NodeRef, RETURN, Ref};
use crate::hall::variation::Distinct;
use crate::network::{Element, Port, Stamp};

impl<'a> Builder<'a> {
    pub(super) fn child_group(
        &mut self,
        child: &'a Group,
        depth: usize,
        path: &[(String, u32)],
        multiplicity: u32,
        draft: &mut Draft,
    ) -> Result<(), BuildFault> {
        let mut headers = Vec::new();
        self.headers_used(child, 1, depth, &mut headers);
        for (index, count) in self.instances(path, &child.name, child.count, !headers.is_empty()) {
            let mut child_path = path.to_vec();
            child_path.push((child.name.clone(), index));
            let block = self.block(child, child_path, multiplicity * count)?;
            let taps: Vec<(usize, Option<[usize; 2]>)> = headers
                .iter()
                .map(|&circuit| (circuit, self.tap(depth, circuit, draft)))
                .collect();
            let structure = Arc::clone(&self.network.blocks[block].structure);
            let (mut variables, mut rows) = (Vec::new(), Vec::new());
            let mut ends: HashMap<usize, Vec<usize>> = HashMap::new();
            for &port in &structure.ports {
                match port {
                    Port::Fluid {
                        depth: owner,
                        circuit,
                        node,
                    } => {
                        let tap = taps
                            .iter()
                            .find(|(c, _)| owner == depth && *c == circuit)
                            .and_then(|(_, tap)| *tap);
                        let reference = NodeRef {
                            circuit: Ref {
                                up: depth - owner,
                                index: circuit,
                            },
                            node,
                        };
                        let own = self.node(depth, reference, tap, draft);
                        if owner == depth {
                            let place =
                                tap.filter(|_| node <= RETURN).map_or(node, |tap| tap[node]);
                            ends.entry(circuit).or_default().push(place);
                        }
                        variables.extend([own.pressure, own.temperature]);
                        rows.extend([own.mass_row, own.enthalpy_row]);
                    }
                    Port::Air { depth: owner, room } => {
                        let (variable, row) = self.air(
                            depth,
                            Ref {
                                up: depth - owner,
                                index: room,
                            },
                            draft,
                        );
                        variables.push(variable);
                        rows.push(row);
                    }
                    Port::Bus {
                        depth: owner,
                        equipment,
                    } => {
                        let row = self.feeder(
                            depth,
                            Some(Ref {
                                up: depth - owner,
                                index: equipment,
                            }),
                            draft,
                        );
                        rows.extend([row, row + 1]);
                    }
                    Port::Meter => {
                        let row = self.feeder(depth, None, draft);
                        rows.extend([row, row + 1]);
                    }
                }
            }
            for (circuit, nodes) in ends {
                for pair in nodes.windows(2) {
                    draft.edges.push((circuit, pair[0], pair[1]));
                }
            }
            let element = Element::Child(draft.children.len());
            draft.children.push(block);
            draft.stamps.push(Stamp {
                element,
                variables,
                rows,
                count,
            });
        }
        Ok(())
    }

    /// Distinct instances and how many each stands for.
    pub(super) fn instances(
        &self,
        path: &[(String, u32)],
        name: &str,
        count: usize,
        separate: bool,
    ) -> Vec<(u32, u32)> {
        let count = count as u32;
        if separate {
            return (0..count).map(|index| (index, 1)).collect();
        }
        let names: Vec<&str> = path.iter().map(|(n, _)| n.as_str()).chain([name]).collect();
        let indices: Vec<u32> = path.iter().map(|&(_, i)| i).collect();
        match self.hall.variations.distinct(&names, &indices, count) {
            Distinct::None => vec![(0, count)],
            Distinct::All => (0..count).map(|index| (index, 1)).collect(),
            Distinct::Some(touched) => {
                let rest = count - touched.len() as u32;
                let mut out: Vec<(u32, u32)> = touched.iter().map(|&index| (index, 1)).collect();
                if rest > 0 {
                    let first = (0..count).find(|index| touched.binary_search(index).is_err());
                    out.extend(first.map(|index| (index, rest)));
                }
                out.sort_unstable();
                out
            }
        }
    }
}
