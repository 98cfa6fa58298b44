//! Networks run by tract, in this process and on the processor.

use std::sync::Arc;

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::Maps;
use fewlabel_model::{InputSize, Network, Package};

use crate::Forward;
use crate::tiles::fit;
use graph::Graph;
use plan::Plan;
use plan_cache::PlanCache;

mod graph;
mod kernel_ops;
mod peak;
mod plan;
mod plan_cache;
mod rewrite;

/// Side in pixels of the input that a graph is tried on when it is read; at least the smallest it takes.
const TRIAL_SIDE: usize = 128;

/// A graph whose smallest input is longer than this is refused: to lay out its memory would already take too much.
const LARGEST_SMALLEST_SIDE: usize = 4096;

/// Bytes that a pass needs beside its maps, whatever its size: the strip that a convolution works on and the panels that a
/// matrix product packs. How large the panels are depends on the processor (with AMX some 200 kB for a small network).
const WORKSPACE: u64 = 1 << 20;

/// The graph of a package, run by tract.
///
/// Each size of input gets a plan of its own, made on first use; the last few are kept. One value serves
/// any number of threads, each pass on the thread that asks for it.
pub struct TractForward {
    graph: Graph,
    plans: PlanCache,
    input_channels: usize,
    output_channels: usize,
    input_size: InputSize,
    halo: usize,
    local: bool,
    /// What a pass holds of maps at its worst moment, for each pixel of its input.
    peak_bytes_per_pixel: f64,
}

impl TractForward {
    /// Reads the graph of a package and makes a first, small plan of it.
    ///
    /// # Errors
    /// [`ErrorKind::BadModel`] when the graph is broken, when it holds an operator that tract does not know
    /// (named), or when its input and output are not those that the package declares; [`ErrorKind::Unsupported`]
    /// when it takes no input below 4,096 pixels a side.
    pub fn new(package: &Package) -> Result<Self> {
        let meta = &package.meta;
        Self::from_package(package).map_err(|error| error.with("model", &meta.name))
    }

    fn from_package(package: &Package) -> Result<Self> {
        let meta = &package.meta;
        let input_channels = meta.channels.len();
        let is_pooled = meta.network.as_ref().is_some_and(Network::is_pooled);
        // What looks at whole images has learned from those of one size.
        let stride = meta.network.as_ref().filter(|_| !is_pooled).map(Network::stride);
        let input_size = stride.map_or(meta.input_size, |stride| InputSize { min: stride, step: stride });
        if input_size.min > LARGEST_SMALLEST_SIDE {
            return Err(Error::new(ErrorKind::Unsupported, "read network", "the network wants inputs that are too large")
                .with("smallest side", input_size.min)
                .with("allowed", LARGEST_SMALLEST_SIDE));
        }
        let trial = fit(input_size, TRIAL_SIDE).unwrap_or(input_size.min);
        let graph = Graph::read(&package.onnx, input_channels, input_size, is_pooled)?;
        let plan = Plan::new(&graph, trial, trial)?;
        if plan.output_channels() != meta.output_channels.len() {
            return Err(Error::new(
                ErrorKind::BadModel,
                "read network",
                "the graph gives another number of maps than the package says",
            )
            .with("graph", plan.output_channels())
            .with("package", meta.output_channels.len()));
        }
        Ok(Self {
            input_channels,
            output_channels: plan.output_channels(),
            peak_bytes_per_pixel: plan.peak_bytes() as f64 / (trial * trial) as f64,
            input_size,
            halo: meta.network.as_ref().map_or(meta.halo, Network::halo),
            local: meta.network.as_ref().map_or(graph.is_local, Network::is_local),
            plans: PlanCache::default(),
            graph,
        })
    }

    fn plan(&self, height: usize, width: usize) -> Result<Arc<Plan>> {
        self.plans.get((height, width), || Plan::new(&self.graph, height, width))
    }
}

impl Forward for TractForward {
    fn run(&self, input: &Maps) -> Result<Maps> {
        if input.channels != self.input_channels {
            return Err(Error::internal("run network", "an input of other channels than the network reads")
                .with("input", input.channels)
                .with("network", self.input_channels));
        }
        let taken = |side| fit(self.input_size, side) == Some(side);
        if !taken(input.height) || !taken(input.width) {
            return Err(Error::internal("run network", "an input of a size that the network does not take")
                .with("input", format!("{} x {}", input.height, input.width)));
        }
        self.plan(input.height, input.width)?.run(input)
    }

    fn input_channels(&self) -> usize {
        self.input_channels
    }

    fn output_channels(&self) -> usize {
        self.output_channels
    }

    fn stride(&self) -> usize {
        self.input_size.step.max(1)
    }

    fn input_size(&self) -> InputSize {
        self.input_size
    }

    fn halo(&self) -> usize {
        self.halo
    }

    fn peak_bytes(&self, height: usize, width: usize) -> u64 {
        WORKSPACE + (self.peak_bytes_per_pixel * height as f64 * width as f64) as u64
    }

    fn is_local(&self) -> bool {
        self.local
    }
}
