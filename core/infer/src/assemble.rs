//! From tiles of maps to the labels of a plane.

use std::ops::Range;

use fewlabel_contract::Result;
use fewlabel_image::{Maps, Plane, ResampledPart};
use fewlabel_model::Step;
use fewlabel_objects::AreaCount;

use crate::area::Area;
use crate::blend::Blend;
use crate::rows_in_turn::RowsInTurn;
use crate::tiles::{Tile, TileGrid, window};
use crate::{Decoder, LabelSink};

/// Pixels of a plane without contrast that are handed over at once.
const NOTHING: usize = 1 << 22;

/// What is the same for all planes of an image.
pub(crate) struct Assembly<'a> {
    /// What is done to whole maps.
    pub postprocessing: &'a [Step],
    /// How maps on the grid of the image become labels.
    pub decoder: Decoder,
    pub grid: TileGrid,
    /// What is decoded of a plane.
    pub area: Area,
    /// Channels of the maps.
    pub channels: usize,
    /// Tiles overlap and are blended.
    pub blend: bool,
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

/// Where the labels and maps of a plane go.
pub(crate) struct Out<'a> {
    pub sink: &'a mut dyn LabelSink,
    /// Number of the plane.
    pub plane: usize,
    /// Objects in the planes before.
    pub objects: u32,
    /// Whether maps are wanted.
    pub maps: bool,
}

impl Out<'_> {
    /// Hands over rows, from the top of the plane to its end.
    pub fn rows(&mut self, mut rows: Plane<u32>) -> Result<()> {
        rows.data.iter_mut().filter(|id| **id != 0).for_each(|id| *id += self.objects);
        self.sink.rows(&rows)
    }

    /// Hands over the maps of a part whose first pixel lies at a row and column.
    pub fn maps(&mut self, place: (usize, usize), part: &Maps) -> Result<()> {
        if self.maps { self.sink.maps(self.plane, place, part) } else { Ok(()) }
    }
}

impl Assembly<'_> {
    /// What [`Assembly::push`] wants of a tile's pass: what it writes, or all of it.
    pub fn part(&self, tile: &Tile, maps: Maps) -> Maps {
        if self.blend { maps } else { self.grid.written(tile, &maps) }
    }

    /// Begins a plane. Tiles are decoded as they come unless whole maps are needed: because they go through a last step, or overlap.
    pub fn begin(&self) -> Assembler {
        let (height, width) = self.grid.covered;
        if self.blend {
            return Assembler::Blend(Blend::new(self.channels, &self.grid));
        }
        if !self.postprocessing.is_empty() {
            return Assembler::Maps(Maps::zeros(self.channels, height, width));
        }
        Assembler::Rows(Box::new(RowsInTurn::new(&self.decoder, self.channels, &self.area)))
    }

    /// Takes the next tile, and hands over the rows of labels that no tile to come can change.
    pub fn push(&self, assembler: &mut Assembler, tile: &Tile, part: &Maps, out: &mut Out<'_>) -> Result<()> {
        match assembler {
            Assembler::Rows(in_turn) => in_turn.push(&self.decoder, &self.grid, tile, part, out)?,
            Assembler::Maps(whole) => {
                let (y, x) = self.grid.within(tile);
                whole.paste(part, (y, x));
            }
            Assembler::Blend(blend) => blend.add(&self.grid, tile, part),
        }
        Ok(())
    }

    /// Ends a plane. How many objects or areas it shows.
    pub fn finish(&self, assembler: Assembler, out: &mut Out<'_>) -> Result<usize> {
        match assembler {
            Assembler::Rows(in_turn) => in_turn.finish(out),
            Assembler::Maps(maps) => self.decode(maps, out),
            Assembler::Blend(blend) => self.decode(blend.finish(), out),
        }
    }

    /// A plane without contrast shows nothing: background throughout.
    pub fn nothing(&self, out: &mut Out<'_>) -> Result<()> {
        let (height, width) = self.area.labels.size();
        let at_once = (NOTHING / width).clamp(1, height);
        for top in (0..height).step_by(at_once) {
            let rows = at_once.min(height - top);
            if out.maps {
                let mut maps = Maps::zeros(self.channels, rows, width);
                maps.channel_mut(0).fill(1.0);
                out.maps((top, 0), &maps)?;
            }
            out.rows(Plane::filled(rows, width, 0))?;
        }
        Ok(())
    }

    fn decode(&self, mut maps: Maps, out: &mut Out<'_>) -> Result<usize> {
        postprocess(self.postprocessing, &mut maps);
        if self.area.is_scaled() {
            let Area { network, image, tiles, labels } = &self.area;
            let part = ResampledPart::new(*network, *image, labels.y.clone(), labels.x.clone());
            let (y, x) = part.source();
            let within = |range: Range<usize>, start: usize| range.start - start..range.end - start;
            maps = part.of(&window(&maps, &within(y, tiles.y.start), &within(x, tiles.x.start)));
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
        out.maps((0, 0), &maps)?;
        out.rows(labels)?;
        Ok(objects)
    }
}

/// What a foreign package wants done to whole maps.
pub(crate) fn postprocess(steps: &[Step], maps: &mut Maps) {
    steps.iter().for_each(|step| step.apply(maps));
}
