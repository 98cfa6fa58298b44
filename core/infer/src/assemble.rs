//! From tiles of maps to the labels of a plane.

use fewlabel_contract::Result;
use fewlabel_image::{Maps, Plane, resample_image};
use fewlabel_model::Step;
use fewlabel_objects::AreaCount;

use crate::Decoder;
use crate::blend::Blend;
use crate::rows_in_turn::RowsInTurn;
use crate::tiles::{Tile, TileGrid, paste};

/// Pixels of a plane without contrast that are handed over at once.
const NOTHING: usize = 1 << 22;

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
    /// Labels are made as tiles come.
    Rows(Box<RowsInTurn>),
    /// Maps are gathered and decoded at the end.
    Maps(Maps),
    /// Likewise, from overlapping tiles.
    Blend(Blend),
}

/// How many objects or areas a plane shows, and its maps when they were wanted.
pub(crate) struct PlaneDone {
    pub objects: usize,
    pub maps: Option<Maps>,
}

/// Where rows of labels go, from the top of a plane to its end.
pub(crate) type Rows<'a> = dyn FnMut(Plane<u32>) -> Result<()> + 'a;

impl Assembly<'_> {
    /// What [`Assembly::push`] wants of a tile's pass: what it writes, or all of it.
    pub fn part(&self, tile: &Tile, maps: Maps) -> Maps {
        if self.blend { maps } else { self.grid.written(tile, &maps) }
    }

    /// Begins a plane. Tiles are decoded as they come unless whole maps are needed: because they are
    /// wanted, go through a last step, or overlap.
    pub fn begin(&self) -> Assembler {
        let (height, width) = self.grid.plane;
        if self.blend {
            return Assembler::Blend(Blend::new(self.channels, &self.grid));
        }
        if self.keep_maps || !self.postprocessing.is_empty() {
            return Assembler::Maps(Maps::zeros(self.channels, height, width));
        }
        Assembler::Rows(Box::new(RowsInTurn::new(&self.decoder, self.channels, self.grid.plane, self.image)))
    }

    /// Takes the next tile, and hands over the rows of labels that no tile to come can change.
    pub fn push(&self, assembler: &mut Assembler, tile: &Tile, part: &Maps, rows: &mut Rows<'_>) -> Result<()> {
        match assembler {
            Assembler::Rows(in_turn) => in_turn.push(&self.decoder, tile, part, rows)?,
            Assembler::Maps(whole) => paste(whole, part, tile.y, tile.x),
            Assembler::Blend(blend) => blend.add(&self.grid, tile, part),
        }
        Ok(())
    }

    /// Ends a plane.
    pub fn finish(&self, assembler: Assembler, rows: &mut Rows<'_>) -> Result<PlaneDone> {
        match assembler {
            Assembler::Rows(in_turn) => in_turn.finish(rows).map(|objects| PlaneDone { objects, maps: None }),
            Assembler::Maps(maps) => self.decode(maps, rows),
            Assembler::Blend(blend) => self.decode(blend.finish(), rows),
        }
    }

    /// A plane without contrast shows nothing: background throughout.
    pub fn nothing(&self, rows: &mut Rows<'_>) -> Result<PlaneDone> {
        let (height, width) = self.image;
        let at_once = (NOTHING / width).clamp(1, height);
        for top in (0..height).step_by(at_once) {
            rows(Plane::filled(at_once.min(height - top), width, 0))?;
        }
        let maps = self.keep_maps.then(|| {
            let mut maps = Maps::zeros(self.channels, height, width);
            maps.channel_mut(0).fill(1.0);
            maps
        });
        Ok(PlaneDone { objects: 0, maps })
    }

    fn decode(&self, mut maps: Maps, rows: &mut Rows<'_>) -> Result<PlaneDone> {
        postprocess(self.postprocessing, &mut maps);
        if self.grid.plane != self.image {
            maps = resample_image(&maps, self.image.0, self.image.1);
        }
        let labels = self.decoder.decode(&maps)?;
        let objects = match &self.decoder {
            Decoder::Objects(_) => labels.data.iter().max().map_or(0, |&last| last as usize),
            Decoder::Areas(_) => {
                let mut areas = AreaCount::new();
                (0..labels.height).for_each(|y| areas.add(labels.row(y)));
                areas.total()
            }
        };
        rows(labels)?;
        Ok(PlaneDone { objects, maps: self.keep_maps.then_some(maps) })
    }
}

/// What a foreign package wants done to whole maps.
pub(crate) fn postprocess(steps: &[Step], maps: &mut Maps) {
    steps.iter().for_each(|step| step.apply(maps));
}
