//! Places of nodes and links of a flow diagram.
//!
//! 1. A node's column is the longest path to it.
//! 2. A link over several columns gets a *waypoint* in each column between.
//! 3. Nodes and waypoints of a column are items with a height: that of the flow or of the label, whichever is more.
//! 4. One scale for all flows is found by bisection, the greatest at which every column fits.
//! 5. Sweeps to the right and back move each item to the weighted mean of its neighbours; where items would overlap they
//!    are moved apart by the least sum of squares.
//! 6. Links are stacked at each end in the order of where they come from or go to.

use super::super::PlotError;
use super::super::spread::spread;
use super::{Data, Link};

/// Sweeps over all columns; positions settle well before.
const SWEEPS: usize = 24;

/// What to lay out.
pub(super) struct Input<'a> {
    /// Links, all above zero.
    pub(super) links: &'a [Link],
    /// Column of each node.
    pub(super) columns: &'a [usize],
    /// Height of each node's label; zero for nodes that are not shown.
    pub(super) labels: &'a [f64],
}

/// The room to lay it out in, in px.
pub(super) struct Size {
    /// Left edge of the first column.
    pub(super) left: f64,
    /// Right edge of the last column.
    pub(super) right: f64,
    /// Top edge.
    pub(super) top: f64,
    /// Height; more is taken where the labels need it.
    pub(super) height: f64,
    /// Width of a node.
    pub(super) node: f64,
    /// Least distance of two items of a column.
    pub(super) gap: f64,
    /// Least thickness of a link.
    pub(super) hairline: f64,
}

/// A node's rectangle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    /// Left edge.
    pub(super) x: f64,
    /// Top edge.
    pub(super) top: f64,
    /// Height.
    pub(super) height: f64,
}

/// A link's band.
#[derive(Debug, Clone)]
pub(super) struct Band {
    /// Points along its upper edge; every stretch leaves and arrives horizontally.
    pub(super) stops: Vec<(f64, f64)>,
    /// Thickness.
    pub(super) thickness: f64,
}

/// The result.
#[derive(Debug)]
pub(super) struct Layout {
    /// Rectangles of the nodes.
    pub(super) nodes: Vec<Bar>,
    /// Bands of the links.
    pub(super) bands: Vec<Band>,
    /// Lower edge of everything.
    pub(super) bottom: f64,
}

/// The column of each node: the one it asks for, but after all of its sources; without a wish, right after them.
pub(super) fn columns(data: &Data, links: &[Link]) -> Result<Vec<usize>, PlotError> {
    // More columns than nodes cannot be needed; this keeps a mistaken column from blowing up the page.
    let most = data.nodes.len().saturating_sub(1);
    let mut columns: Vec<usize> = data
        .nodes
        .iter()
        .map(|node| node.column.unwrap_or(0).min(most))
        .collect();
    let mut waiting = vec![0_usize; data.nodes.len()];
    for link in links {
        waiting[link.to] += 1;
    }
    let mut ready: Vec<usize> = (0..data.nodes.len())
        .filter(|&node| waiting[node] == 0)
        .collect();
    let mut next = 0;
    while let Some(&node) = ready.get(next) {
        next += 1;
        for link in links.iter().filter(|link| link.from == node) {
            columns[link.to] = columns[link.to].max(columns[node] + 1);
            waiting[link.to] -= 1;
            if waiting[link.to] == 0 {
                ready.push(link.to);
            }
        }
    }
    if let Some(node) = waiting.iter().position(|&count| count > 0) {
        let node = data.nodes[node].label.clone();
        return Err(PlotError::Loop { node });
    }
    pull_sources(data, links, &mut columns);
    Ok(columns)
}

/// Moves what has no source of its own right before the first of its targets, so that a pump's heat does not cross the
/// page, and takes what has no links out of the count of columns.
fn pull_sources(data: &Data, links: &[Link], columns: &mut [usize]) {
    for node in 0..columns.len() {
        if links.iter().any(|link| link.to == node) {
            continue;
        }
        let first = links
            .iter()
            .filter(|link| link.from == node)
            .map(|link| columns[link.to])
            .min();
        match first {
            Some(target) if data.nodes[node].column.is_none() => columns[node] = target - 1,
            Some(_) => {}
            None => columns[node] = 0,
        }
    }
}

/// A node or a waypoint.
struct Item {
    column: usize,
    /// Height of the flow.
    flow: f64,
    /// Height kept free for it, gap included.
    slot: f64,
    centre: f64,
}

impl Layout {
    /// Lays out `input` within `size`.
    pub(super) fn new(input: &Input, size: &Size) -> Self {
        let last = input.columns.iter().copied().max().unwrap_or(0);
        let chains = Chains::new(input);
        let used = |item: usize| item >= input.columns.len() || input.labels[item] > 0.0;
        let mut by_column: Vec<Vec<usize>> = vec![Vec::new(); last + 1];
        for (item, &column) in chains
            .columns
            .iter()
            .enumerate()
            .filter(|(item, _)| used(*item))
        {
            by_column[column].push(item);
        }
        let needed = |scale: f64| {
            let slots = chains.slots(input, size, scale);
            by_column
                .iter()
                .map(|items| items.iter().map(|&i| slots[i].1).sum::<f64>())
                .fold(0.0, f64::max)
        };
        // Labels alone may need more than the height asked for; the flows then still get half as much again.
        let height = if needed(0.0) > 0.8 * size.height {
            needed(0.0) * 1.5
        } else {
            size.height
        };
        let greatest = input
            .links
            .iter()
            .map(|link| link.value)
            .fold(0.0, f64::max);
        let (mut low, mut high) = (0.0, height / greatest);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if needed(middle) <= height {
                low = middle;
            } else {
                high = middle;
            }
        }
        let mut items: Vec<Item> = chains
            .slots(input, size, low)
            .into_iter()
            .zip(&chains.columns)
            .map(|((flow, slot), &column)| Item {
                column,
                flow,
                slot,
                centre: 0.0,
            })
            .collect();
        chains.settle(&mut items, &by_column, (size.top, size.top + height));

        let step = if last == 0 {
            0.0
        } else {
            (size.right - size.left - size.node) / last as f64
        };
        let nodes: Vec<Bar> = items[..input.columns.len()]
            .iter()
            .map(|item| Bar {
                x: size.left + step * item.column as f64,
                top: item.centre - item.flow / 2.0,
                height: item.flow,
            })
            .collect();
        let bands = chains.bands(input, size, low, &items, step);
        let bottom = items
            .iter()
            .enumerate()
            .filter(|(item, _)| used(*item))
            .map(|(_, item)| item.centre + item.slot / 2.0)
            .fold(size.top, f64::max);
        Self {
            nodes,
            bands,
            bottom,
        }
    }
}

/// Each link as the items it passes: source, waypoints, target. Items are the nodes, then the waypoints.
struct Chains {
    items: Vec<Vec<usize>>,
    columns: Vec<usize>,
    link_of: Vec<usize>,
}

impl Chains {
    fn new(input: &Input) -> Self {
        let mut columns = input.columns.to_vec();
        let mut link_of = vec![usize::MAX; columns.len()];
        let mut chains = Vec::with_capacity(input.links.len());
        for (index, link) in input.links.iter().enumerate() {
            let mut chain = vec![link.from];
            for column in input.columns[link.from] + 1..input.columns[link.to] {
                chain.push(columns.len());
                columns.push(column);
                link_of.push(index);
            }
            chain.push(link.to);
            chains.push(chain);
        }
        Self {
            items: chains,
            columns,
            link_of,
        }
    }

    /// Height of the flow and of the slot of every item at `scale` px per unit.
    fn slots(&self, input: &Input, size: &Size, scale: f64) -> Vec<(f64, f64)> {
        let nodes = input.columns.len();
        let thickness = |link: usize| (input.links[link].value * scale).max(size.hairline);
        let (mut inward, mut outward) = (vec![0.0; nodes], vec![0.0; nodes]);
        for (index, link) in input.links.iter().enumerate() {
            outward[link.from] += thickness(index);
            inward[link.to] += thickness(index);
        }
        (0..self.columns.len())
            .map(|item| {
                if item < nodes {
                    let flow = f64::max(inward[item], outward[item]);
                    (flow, flow.max(input.labels[item]) + size.gap)
                } else {
                    let flow = thickness(self.link_of[item]);
                    (flow, flow + size.gap)
                }
            })
            .collect()
    }

    /// Moves the items of each column to where their neighbours are.
    fn settle(&self, items: &mut [Item], by_column: &[Vec<usize>], (top, bottom): (f64, f64)) {
        let mut before: Vec<Vec<(usize, f64)>> = vec![Vec::new(); items.len()];
        let mut after = before.clone();
        for chain in &self.items {
            for pair in chain.windows(2) {
                let weight = items[pair[0]].flow.min(items[pair[1]].flow);
                after[pair[0]].push((pair[1], weight));
                before[pair[1]].push((pair[0], weight));
            }
        }
        for column in by_column {
            let wanted: Vec<(f64, f64)> = column
                .iter()
                .enumerate()
                .map(|(rank, &item)| (top + rank as f64, items[item].slot))
                .collect();
            for (&item, centre) in column.iter().zip(spread(&wanted, top, bottom)) {
                items[item].centre = centre;
            }
        }
        for sweep in 0..SWEEPS {
            let forward = sweep % 2 == 0;
            // The last sweeps heed both sides, so that neither end of a link is left crooked.
            let both = sweep + 4 >= SWEEPS;
            let count = by_column.len();
            for step in 0..count {
                let column = &by_column[if forward { step } else { count - 1 - step }];
                let wanted: Vec<(f64, f64)> = column
                    .iter()
                    .map(|&item| {
                        let near = if forward { &before[item] } else { &after[item] };
                        let far = if forward { &after[item] } else { &before[item] };
                        let take_far = both || near.is_empty();
                        let chosen = near.iter().chain(far.iter().filter(|_| take_far));
                        let (sum, weight) =
                            chosen.fold((0.0, 0.0), |(sum, weight), &(other, w)| {
                                (sum + items[other].centre * w, weight + w)
                            });
                        let centre = if weight > 0.0 {
                            sum / weight
                        } else {
                            items[item].centre
                        };
                        (centre, items[item].slot)
                    })
                    .collect();
                for (&item, centre) in column.iter().zip(spread(&wanted, top, bottom)) {
                    items[item].centre = centre;
                }
            }
        }
    }

    /// The bands, stacked at both ends.
    fn bands(
        &self,
        input: &Input,
        size: &Size,
        scale: f64,
        items: &[Item],
        step: f64,
    ) -> Vec<Band> {
        let thickness = |link: usize| (input.links[link].value * scale).max(size.hairline);
        let mut starts = vec![0.0; input.links.len()];
        let mut ends = starts.clone();
        for node in 0..input.columns.len() {
            for outward in [true, false] {
                let mut at: Vec<usize> = (0..input.links.len())
                    .filter(|&link| {
                        node == if outward {
                            input.links[link].from
                        } else {
                            input.links[link].to
                        }
                    })
                    .collect();
                let other = |link: usize| {
                    let chain = &self.items[link];
                    items[if outward {
                        chain[1]
                    } else {
                        chain[chain.len() - 2]
                    }]
                    .centre
                };
                at.sort_by(|&a, &b| other(a).total_cmp(&other(b)).then(a.cmp(&b)));
                let total: f64 = at.iter().map(|&link| thickness(link)).sum();
                let mut y = items[node].centre - total / 2.0;
                for link in at {
                    if outward {
                        starts[link] = y;
                    } else {
                        ends[link] = y;
                    }
                    y += thickness(link);
                }
            }
        }
        self.items
            .iter()
            .enumerate()
            .map(|(link, chain)| {
                let thickness = thickness(link);
                let x = |item: usize| size.left + step * items[item].column as f64;
                let mut stops = vec![(x(chain[0]) + size.node, starts[link])];
                for &way in &chain[1..chain.len() - 1] {
                    let y = items[way].centre - thickness / 2.0;
                    stops.push((x(way), y));
                    stops.push((x(way) + size.node, y));
                }
                stops.push((x(chain[chain.len() - 1]), ends[link]));
                Band { stops, thickness }
            })
            .collect()
    }
}
