//! From tiles of maps to the labels of a plane.

use fewlabel_contract::Result;
use fewlabel_image::{Maps, Plane, resample_image};
use fewlabel_model::Step;
use fewlabel_objects::{TiledObjects, components};

use crate::Decoder;
use crate::blend::Blend;
use crate::tiles::{Tile, TileGrid, paste};

/// What is the same for all planes of an image.
pub(crate) struct Assembly<'a> {
    /// What is done to whole maps.
    pub postprocessing: &'a [Step],
    /// How maps on the grid of the image become labels.
    pub decoder: Decoder,
    pub grid: TileGrid,
    /// Channels of the maps.
    pub channels: usize,
    /// Rows and columns of the image.
    pub image: (usize, usize),
    /// Tiles overlap and are blended.
    pub blend: bool,
    /// Whole maps are wanted as well.
    pub keep_maps: bool,
}

/// Takes the tiles of one plane, row of tiles after row of tiles.
pub(crate) enum Assembler {
    /// Objects are decoded as tiles come.
    Objects(TiledObjects),
    /// So are areas, each pixel by itself.
    Areas(Plane<u32>),
    /// Maps are gathered and decoded at the end.
    Maps(Maps),
    /// Likewise, from overlapping tiles.
    Blend(Blend),
}

/// The labels of a plane, how many objects or areas they show, and the maps when they were wanted.
pub(crate) struct LabelledPlane {
    pub labels: Plane<u32>,
    pub objects: usize,
    pub maps: Option<Maps>,
}

impl Assembly<'_> {
    /// What [`Assembler::push`] wants of a tile's pass: what it writes, or all of it.
    pub fn part(&self, tile: &Tile, maps: Maps) -> Maps {
        if self.blend { maps } else { self.grid.written(tile, &maps) }
    }

    /// Begins a plane. Tiles are decoded as they come unless whole maps are needed: because they are
    /// wanted, go through a last step, go back to another size, or overlap.
    pub fn begin(&self) -> Assembler {
        let (height, width) = self.grid.plane;
        if self.blend {
            return Assembler::Blend(Blend::new(self.channels, &self.grid));
        }
        if self.keep_maps || self.grid.plane != self.image || !self.postprocessing.is_empty() {
            return Assembler::Maps(Maps::zeros(self.channels, height, width));
        }
        match &self.decoder {
            Decoder::Objects(parameters) => Assembler::Objects(TiledObjects::new(height, width, parameters.clone())),
            Decoder::Areas(_) => Assembler::Areas(Plane::filled(height, width, 0)),
        }
    }

    /// Takes the next tile.
    pub fn push(&self, assembler: &mut Assembler, tile: &Tile, part: &Maps) -> Result<()> {
        match assembler {
            Assembler::Objects(objects) => objects.push(tile.y, tile.x, part)?,
            Assembler::Areas(labels) => {
                let areas = self.decoder.decode(part)?;
                for y in 0..tile.height {
                    let start = (tile.y + y) * labels.width + tile.x;
                    labels.data[start..start + tile.width].copy_from_slice(areas.row(y));
                }
            }
            Assembler::Maps(whole) => paste(whole, part, tile.y, tile.x),
            Assembler::Blend(blend) => blend.add(&self.grid, tile, part),
        }
        Ok(())
    }

    /// Ends a plane.
    pub fn finish(&self, assembler: Assembler) -> Result<LabelledPlane> {
        match assembler {
            Assembler::Objects(objects) => self.labelled(objects.finish()?, None),
            Assembler::Areas(labels) => self.labelled(labels, None),
            Assembler::Maps(maps) => self.decode(maps),
            Assembler::Blend(blend) => self.decode(blend.finish()),
        }
    }

    /// A plane without contrast shows nothing: background throughout.
    pub fn nothing(&self) -> LabelledPlane {
        let (height, width) = self.image;
        let maps = self.keep_maps.then(|| {
            let mut maps = Maps::zeros(self.channels, height, width);
            maps.channel_mut(0).fill(1.0);
            maps
        });
        LabelledPlane { labels: Plane::filled(height, width, 0), objects: 0, maps }
    }

    fn decode(&self, mut maps: Maps) -> Result<LabelledPlane> {
        postprocess(self.postprocessing, &mut maps);
        if self.grid.plane != self.image {
            maps = resample_image(&maps, self.image.0, self.image.1);
        }
        let labels = self.decoder.decode(&maps)?;
        self.labelled(labels, self.keep_maps.then_some(maps))
    }

    fn labelled(&self, labels: Plane<u32>, maps: Option<Maps>) -> Result<LabelledPlane> {
        let objects = match &self.decoder {
            Decoder::Objects(_) => labels.data.iter().max().map_or(0, |&last| last as usize),
            Decoder::Areas(values) => values
                .iter()
                .filter(|&&value| value != 0)
                .map(|&value| components(&labels.map(|label| label == value), true).1 as usize)
                .sum(),
        };
        Ok(LabelledPlane { labels, objects, maps })
    }
}

/// What a foreign package wants done to whole maps.
pub(crate) fn postprocess(steps: &[Step], maps: &mut Maps) {
    steps.iter().for_each(|step| step.apply(maps));
}
