//! Labels of a plane, row by row while its tiles come.

use fewlabel_contract::{Error, Result};
use fewlabel_image::{Maps, Plane};
use fewlabel_objects::{AreaCount, TiledObjects};
use serde::{Deserialize, Serialize};

use crate::Decoder;
use crate::assemble::Rows;
use crate::grown_rows::GrownRows;
use crate::tiles::Tile;

/// Decodes tiles as they come, on the grid of the image, and hands over the rows of labels that are done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RowsInTurn {
    labels: Labels,
    /// Brings maps back to the size of the image, where the network saw another one.
    grown: Option<GrownRows>,
    /// Columns of the network's grid.
    width: usize,
}

/// What becomes of the maps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Labels {
    Objects(Box<TiledObjects>),
    Areas(Areas),
}

/// Areas: each pixel is decoded by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Areas {
    width: usize,
    /// The row of tiles in hand.
    rows: Vec<u32>,
    is_full: bool,
    count: AreaCount,
}

impl RowsInTurn {
    /// For maps of so many channels, on the grid that the network saw, and labels on that of the image.
    pub fn new(decoder: &Decoder, channels: usize, network: (usize, usize), image: (usize, usize)) -> Self {
        let labels = match decoder {
            Decoder::Objects(parameters) => Labels::Objects(Box::new(TiledObjects::new(image.0, image.1, parameters.clone()))),
            Decoder::Areas(_) => {
                Labels::Areas(Areas { width: image.1, rows: Vec::new(), is_full: false, count: AreaCount::new() })
            }
        };
        let grown = (network != image).then(|| GrownRows::new(channels, network, image));
        Self { labels, grown, width: network.1 }
    }

    /// Takes the next tile.
    pub fn push(&mut self, decoder: &Decoder, tile: &Tile, part: &Maps, rows: &mut Rows<'_>) -> Result<()> {
        let Some(grown) = &mut self.grown else {
            self.labels.push(decoder, (tile.y, tile.x), part)?;
            return self.labels.hand_over(rows);
        };
        grown.add(tile, part);
        if tile.x + tile.width == self.width {
            while let Some((y, x, part)) = grown.next() {
                self.labels.push(decoder, (y, x), &part)?;
                self.labels.hand_over(rows)?;
            }
        }
        Ok(())
    }

    /// Hands over the rest; how many objects or areas there were.
    pub fn finish(self, rows: &mut Rows<'_>) -> Result<usize> {
        if self.grown.is_some_and(|grown| !grown.is_done()) {
            return Err(Error::internal("decode tiles", "tiles are missing"));
        }
        match self.labels {
            Labels::Areas(areas) => Ok(areas.count.total()),
            Labels::Objects(mut objects) => {
                let rest = objects.take();
                let count = objects.count();
                objects.finish()?;
                rows(rest)?;
                Ok(count)
            }
        }
    }
}

impl Labels {
    fn push(&mut self, decoder: &Decoder, (y, x): (usize, usize), part: &Maps) -> Result<()> {
        match self {
            Self::Objects(objects) => objects.push(y, x, part),
            Self::Areas(areas) => {
                let labels = decoder.decode(part)?;
                areas.rows.resize(labels.height * areas.width, 0);
                for (row, labels) in areas.rows.chunks_exact_mut(areas.width).zip(labels.data.chunks_exact(labels.width)) {
                    row[x..x + labels.len()].copy_from_slice(labels);
                }
                areas.is_full = x + labels.width == areas.width;
                Ok(())
            }
        }
    }

    /// Hands over what is done.
    fn hand_over(&mut self, rows: &mut Rows<'_>) -> Result<()> {
        match self {
            Self::Objects(objects) => {
                let done = objects.take();
                if done.height == 0 { Ok(()) } else { rows(done) }
            }
            Self::Areas(areas) if areas.is_full => {
                areas.is_full = false;
                let done = std::mem::take(&mut areas.rows);
                done.chunks_exact(areas.width).for_each(|row| areas.count.add(row));
                rows(Plane::new(done.len() / areas.width, areas.width, done))
            }
            Self::Areas(_) => Ok(()),
        }
    }
}
