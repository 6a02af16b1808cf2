//! Cycles in a graph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The successors of each node.
pub type Graph = BTreeMap<usize, BTreeSet<usize>>;

/// A set of nodes, each of which can be reached from all others.
#[derive(Debug, PartialEq, Eq)]
pub struct Circle {
    pub nodes: BTreeSet<usize>,
    /// One of the shortest cycles, without the return to its first node.
    pub shortest: Vec<usize>,
}

/// All circles, the one with the smallest node first.
pub fn circles(graph: &Graph) -> Vec<Circle> {
    let mut found: Vec<Circle> = Vec::new();
    for &node in graph.keys() {
        if found.iter().any(|circle| circle.nodes.contains(&node)) {
            continue;
        }
        let from = reached(graph, node);
        let back = |other: &usize| reached(graph, *other).contains(&node);
        let nodes: BTreeSet<usize> = from.into_iter().filter(back).collect();
        if !nodes.is_empty() {
            let ways = nodes.iter().filter_map(|start| round(graph, *start));
            let shortest = ways.min_by_key(Vec::len).unwrap_or_default();
            found.push(Circle { nodes, shortest });
        }
    }
    found
}

/// The nodes that can be reached from a node, including itself if it is on a cycle.
fn reached(graph: &Graph, node: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut next = vec![node];
    while let Some(node) = next.pop() {
        let new = graph.get(&node).into_iter().flatten();
        next.extend(new.filter(|node| reached.insert(**node)));
    }
    reached
}

/// The shortest path from a node back to itself.
fn round(graph: &Graph, start: usize) -> Option<Vec<usize>> {
    let mut ways = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for &next in graph.get(way.last()?).into_iter().flatten() {
            if next == start {
                return Some(way);
            }
            if seen.insert(next) {
                ways.push_back([&way[..], &[next]].concat());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(usize, usize)]) -> Graph {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry(*from).or_default().insert(*to);
        }
        graph
    }

    #[test]
    fn a_graph_that_only_leads_down_has_none() {
        assert_eq!(circles(&graph(&[(1, 2), (1, 3), (2, 3), (3, 4)])), []);
    }

    #[test]
    fn the_shortest_way_round_is_shown() {
        let edges = [(0, 1), (1, 2), (2, 3), (3, 1), (3, 2), (5, 6), (6, 5)];
        let found = circles(&graph(&edges));
        let shown: Vec<_> = found
            .iter()
            .map(|c| (c.nodes.len(), &c.shortest[..]))
            .collect();
        assert_eq!(shown, [(3, &[2, 3][..]), (2, &[5, 6])]);
    }
}
