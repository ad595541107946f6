//! Where the nodes of a drawn graph go, how its edges get past them, and where the edges are labelled.
//!
//! Layers from left to right by the longest way from the inputs; edges are cubic curves, bent just as far as keeps
//! them off nodes and earlier edges. All choices are greedy and in a fixed order: graphs of this kind have tens of
//! edges, and the same graph must give the same picture.

use super::sheet::{Point, Rect};

const SAMPLES: usize = 48;

/// The layer of each node: inputs at 0, every other node right of all it depends on, outputs in the last one.
/// `None` when the edges form a cycle.
pub(super) fn layers(count: usize, edges: &[(usize, usize)], outputs: &[bool]) -> Option<Vec<usize>> {
    let mut layer = vec![0; count];
    for round in 0..=count {
        let mut changed = false;
        for &(from, to) in edges {
            if layer[to] <= layer[from] {
                layer[to] = layer[from] + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
        if round == count {
            return None;
        }
    }
    let inner = (0..count).filter(|&i| !outputs[i]).map(|i| layer[i]).max();
    let last = inner.map_or(0, |l| l + 1).max(layer.iter().copied().max().unwrap_or(0));
    for i in (0..count).filter(|&i| outputs[i]) {
        // An output that feeds another node stays where the edges put it.
        if !edges.iter().any(|edge| edge.0 == i) {
            layer[i] = last;
        }
    }
    Some(layer)
}

/// Centres of the nodes. Within a layer, nodes are ordered by the mean height of what they depend on.
pub(super) fn positions(layer: &[usize], edges: &[(usize, usize)], body: Rect) -> Vec<Point> {
    let last = layer.iter().copied().max().unwrap_or(0);
    let across = |l: usize| match last {
        0 => (body.left + body.right) / 2.0,
        _ => body.left + body.width() * l as f64 / last as f64,
    };
    let mut centres = vec![(0.0, 0.0); layer.len()];
    for l in 0..=last {
        let mut members: Vec<usize> = (0..layer.len()).filter(|&i| layer[i] == l).collect();
        let mean = |i: usize, centres: &[Point]| {
            let sources: Vec<f64> = edges.iter().filter(|e| e.1 == i).map(|e| centres[e.0].1).collect();
            sources.iter().sum::<f64>() / sources.len().max(1) as f64
        };
        members.sort_by(|&a, &b| mean(a, &centres).total_cmp(&mean(b, &centres)).then(a.cmp(&b)));
        let count = members.len();
        for (rank, i) in members.into_iter().enumerate() {
            let mut share = (rank as f64 + 0.5) / count as f64;
            // A chain of single nodes on one line would have every longer edge run through the nodes between.
            if count == 1 && l > 0 && l < last {
                share += if l % 2 == 0 { 0.14 } else { -0.14 };
            }
            centres[i] = (across(l), body.top + body.height() * share);
        }
    }
    centres
}

/// Points along each edge, from centre to centre.
pub(super) fn curves(
    edges: &[(usize, usize)],
    centres: &[Point],
    boxes: &[Rect],
    paper: Rect,
) -> Vec<Vec<Point>> {
    let span = |e: &(usize, usize)| {
        let (a, b) = (centres[e.0], centres[e.1]);
        (a.0 - b.0).hypot(a.1 - b.1)
    };
    // Short edges have little choice, so they choose first.
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_by(|&a, &b| span(&edges[a]).total_cmp(&span(&edges[b])).then(a.cmp(&b)));
    let mut routed: Vec<Vec<Point>> = vec![Vec::new(); edges.len()];
    for index in order {
        let (from, to) = edges[index];
        let mut best: Option<(f64, Vec<Point>)> = None;
        for step in 0..=24_i32 {
            let bend =
                f64::from((step + 1) / 2) * paper.height() / 22.0 * if step % 2 == 0 { 1.0 } else { -1.0 };
            // Bent along its whole length, or only where it starts or ends.
            for bends in [(bend, bend), (0.0, bend), (bend, 0.0)] {
                let curve = bezier(centres[from], centres[to], bends);
                let cost = (bends.0.abs() + bends.1.abs()) * 0.045
                    + curve_cost(&curve, (from, to), boxes, &routed, paper);
                if best.as_ref().is_none_or(|b| cost < b.0) {
                    best = Some((cost, curve));
                }
            }
        }
        routed[index] = best.map(|b| b.1).unwrap_or_default();
    }
    routed
}

fn bezier(from: Point, to: Point, bends: (f64, f64)) -> Vec<Point> {
    let reach = (to.0 - from.0) * 0.42;
    let (a, b) = ((from.0 + reach, from.1 + bends.0), (to.0 - reach, to.1 + bends.1));
    (0..=SAMPLES)
        .map(|i| {
            let t = i as f64 / SAMPLES as f64;
            let s = 1.0 - t;
            let weight = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
            (
                weight[0] * from.0 + weight[1] * a.0 + weight[2] * b.0 + weight[3] * to.0,
                weight[0] * from.1 + weight[1] * a.1 + weight[2] * b.1 + weight[3] * to.1,
            )
        })
        .collect()
}

fn curve_cost(
    curve: &[Point],
    ends: (usize, usize),
    boxes: &[Rect],
    routed: &[Vec<Point>],
    paper: Rect,
) -> f64 {
    let mut cost = 0.0;
    for &point in curve {
        let in_node = |i: usize| i != ends.0 && i != ends.1 && boxes[i].grown(12.0).contains(point);
        cost += 60.0 * (0..boxes.len()).filter(|&i| in_node(i)).count() as f64;
        cost += if paper.contains(point) { 0.0 } else { 100.0 };
        // Where edges meet at a common node they have to be close.
        if boxes[ends.0].grown(26.0).contains(point) || boxes[ends.1].grown(26.0).contains(point) {
            continue;
        }
        let near = |other: &&Point| (other.0 - point.0).hypot(other.1 - point.1) < 11.0;
        cost += 2.0 * routed.iter().filter(|other| other.iter().any(|o| near(&o))).count() as f64;
    }
    cost
}

/// Where the labels of the edges go, given their sizes: on their edge, off nodes, other labels and other edges.
pub(super) fn labels(curves: &[Vec<Point>], sizes: &[(f64, f64)], boxes: &[Rect], paper: Rect) -> Vec<Rect> {
    let mut placed: Vec<Rect> = Vec::new();
    for (index, (curve, size)) in curves.iter().zip(sizes).enumerate() {
        let cost = |step: usize, place: &Rect| {
            let mut cost = (step as f64 / SAMPLES as f64 - 0.5).abs() * 8.0;
            cost += 200.0 * placed.iter().filter(|p| p.grown(3.0).overlaps(place)).count() as f64;
            cost += 200.0 * boxes.iter().filter(|b| b.grown(5.0).overlaps(place)).count() as f64;
            cost += if paper.holds(place) { 0.0 } else { 200.0 };
            let others = curves.iter().enumerate().filter(|(i, _)| *i != index);
            let under = |c: &Vec<Point>| c.iter().filter(|p| place.grown(3.0).contains(**p)).count() as f64;
            cost + 4.0 * others.map(|(_, c)| under(c)).sum::<f64>()
        };
        let mut best: Option<(f64, Rect)> = None;
        for (step, at) in curve.iter().enumerate().take(SAMPLES - 5).skip(6) {
            let place = Rect::at((at.0 - size.0 / 2.0, at.1 - size.1 / 2.0), *size);
            let cost = cost(step, &place);
            if best.is_none_or(|b| cost < b.0) {
                best = Some((cost, place));
            }
        }
        placed.push(best.map_or(Rect::at((0.0, 0.0), (0.0, 0.0)), |b| b.1));
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_stand_right_of_what_they_depend_on() {
        let edges = [(0, 1), (1, 2), (0, 2), (2, 3)];
        assert_eq!(layers(4, &edges, &[false, false, false, true]), Some(vec![0, 1, 2, 3]));
        assert_eq!(layers(2, &[(0, 1), (1, 0)], &[false, false]), None);
    }

    #[test]
    fn long_edges_go_around_nodes() {
        let centres = [(0.0, 100.0), (150.0, 100.0), (300.0, 100.0)];
        let boxes = centres.map(|c| Rect::at(c, (0.0, 0.0)).grown(18.0));
        let paper = Rect::at((-20.0, 0.0), (340.0, 200.0));
        let curves = curves(&[(0, 1), (1, 2), (0, 2)], &centres, &boxes, paper);
        assert!(!curves[2].iter().any(|p| boxes[1].contains(*p)));
    }
}
