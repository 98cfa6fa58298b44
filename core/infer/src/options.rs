//! What the caller may choose.

use fewlabel_image::Rectangle;

use crate::{MemoryBudget, available_threads};

/// How planes are cut into tiles and how many run at once.
#[derive(Clone, Debug)]
pub struct TileOptions {
    /// Side in pixels of the square that a tile writes; a multiple of the network's stride. `None`:
    /// chosen for the threads and the memory budget.
    pub tile: Option<usize>,
    /// Pixels read around a tile; a multiple of the network's stride. `None`: what the network needs. With
    /// less, tiles are blended across their seams, and a tile no longer gives what the whole plane gives.
    pub halo: Option<usize>,
    /// Most tiles in flight at once, each on a thread of its own; 1 or more.
    pub threads: usize,
    /// Memory that tiles in flight share. Give the same budget to all jobs of a process.
    pub budget: MemoryBudget,
}

impl Default for TileOptions {
    /// Everything chosen for this machine.
    fn default() -> Self {
        Self { tile: None, halo: None, threads: available_threads(), budget: MemoryBudget::default() }
    }
}

/// How an image is segmented.
#[derive(Clone, Debug, Default)]
pub struct SegmentOptions {
    /// Tiles, threads and memory.
    pub tiles: TileOptions,
    /// Diameter in pixels of the objects in this image. The image is brought to the size that the
    /// network was trained on, and its maps back, when the two differ by more than 10 %. `None`: what is expected of an
    /// image of its calibration ([`crate::segment_image`]), or as it is ([`crate::Pipeline`]).
    pub object_diameter: Option<f64>,
    /// Also hand over the maps.
    pub maps: bool,
    /// Only this rectangle of each plane: what comes out has its size. Intensities are normalised as for the whole image, tiles lie on
    /// the network's grid of the whole plane, and what lies around the rectangle is looked at as far as objects in it may reach.
    pub region: Option<Rectangle>,
}
