//! Labels of a plane, row by row while its tiles come.

use fewlabel_contract::{Error, Result};
use fewlabel_image::{Maps, Plane};
use fewlabel_objects::{AreaCount, TiledObjects};
use serde::{Deserialize, Serialize};

use crate::Decoder;
use crate::area::Area;
use crate::assemble::Out;
use crate::grown_rows::GrownRows;
use crate::tiles::{Tile, TileGrid};

/// Decodes tiles as they come, on the grid of the image, and hands over the rows of labels that are done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RowsInTurn {
    labels: Labels,
    /// Brings maps back to the size of the image, where the network saw another one.
    grown: Option<GrownRows>,
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
    /// For maps of so many channels.
    pub fn new(decoder: &Decoder, channels: usize, area: &Area) -> Self {
        let (height, width) = area.labels.size();
        let labels = match decoder {
            Decoder::Objects(parameters) => Labels::Objects(Box::new(TiledObjects::new(height, width, parameters.clone()))),
            Decoder::Areas(_) => Labels::Areas(Areas { width, rows: Vec::new(), is_full: false, count: AreaCount::new() }),
        };
        let grown = area.is_scaled().then(|| GrownRows::new(channels, area.clone()));
        Self { labels, grown }
    }

    /// Takes the next tile of `grid`.
    pub fn push(&mut self, decoder: &Decoder, grid: &TileGrid, tile: &Tile, part: &Maps, out: &mut Out<'_>) -> Result<()> {
        let Some(grown) = &mut self.grown else {
            let place = grid.within(tile);
            out.maps(place, part)?;
            self.labels.push(decoder, place, part)?;
            return self.labels.hand_over(out);
        };
        grown.add(tile, part);
        if grid.ends_row(tile) {
            while let Some((y, x, part)) = grown.next() {
                out.maps((y, x), &part)?;
                self.labels.push(decoder, (y, x), &part)?;
                self.labels.hand_over(out)?;
            }
        }
        Ok(())
    }

    /// Hands over the rest; how many objects or areas there were.
    pub fn finish(self, out: &mut Out<'_>) -> Result<usize> {
        if self.grown.is_some_and(|grown| !grown.is_done()) {
            return Err(Error::internal("decode tiles", "tiles are missing"));
        }
        match self.labels {
            Labels::Areas(areas) => Ok(areas.count.total()),
            Labels::Objects(mut objects) => {
                let rest = objects.take();
                let count = objects.count();
                objects.finish()?;
                out.rows(rest)?;
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
    fn hand_over(&mut self, out: &mut Out<'_>) -> Result<()> {
        match self {
            Self::Objects(objects) => {
                let done = objects.take();
                if done.height == 0 { Ok(()) } else { out.rows(done) }
            }
            Self::Areas(areas) if areas.is_full => {
                areas.is_full = false;
                let done = std::mem::take(&mut areas.rows);
                done.chunks_exact(areas.width).for_each(|row| areas.count.add(row));
                out.rows(Plane::new(done.len() / areas.width, areas.width, done))
            }
            Self::Areas(_) => Ok(()),
        }
    }
}
