//! From an image to its labels.

use fewlabel_contract::{CancelToken, Error, ErrorKind, Result};
use fewlabel_image::{LabelImage, Maps, Rectangle, Region, Shape, Source};
use serde::Deserialize;

use crate::area::Area;
use crate::assemble::{Assembler, Assembly, Out};
use crate::choose::{Layout, lay_out, smaller_tiles_note};
use crate::in_order::in_order;
use crate::kept_state::{keep, kept};
use crate::label_sink::{LabelSink, LabelsInMemory};
use crate::planes::Planes;
use crate::region_labels::RegionLabels;
use crate::rows_in_turn::RowsInTurn;
use crate::working_size::WorkingSize;
use crate::{Decoder, Forward, Recipe, SegmentOptions};

/// What came out for an image, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Segmented {
    /// Labels on the grid of the image. Objects are numbered through all planes, so that no number stands
    /// for two of them.
    pub labels: LabelImage,
    /// Maps of each plane on the grid of the labels, in order `t z`, when they were asked for.
    pub maps: Option<Vec<Maps>>,
    /// All else.
    pub found: Found,
}

/// What came out for an image beside its labels and maps, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Number of objects, or of connected areas with a class.
    pub objects: usize,
    /// Longest side in pixels that a tile wrote, on the network's grid.
    pub tile: usize,
    /// Pixels read around a tile.
    pub halo: usize,
    /// The image was scaled by this factor for the network; 1 when it was taken as it is.
    pub factor: f64,
    /// What a person should know, a sentence each: conversions, replaced values, smaller tiles.
    pub notes: Vec<String>,
}

/// A network with what is done around it: the very same for the user's images and for the validation in
/// training.
///
/// ```
/// use fewlabel_contract::{CancelToken, Result};
/// use fewlabel_image::{Calibration, Image, InMemory, Maps, Pixels, Shape};
/// use fewlabel_infer::{Decoder, Forward, Pipeline, Recipe, SegmentOptions};
/// use fewlabel_model::{Normalisation, Preprocessing};
///
/// /// Stands for a network: sure where a pixel lies in the upper half of the intensities.
/// struct Bright;
///
/// impl Forward for Bright {
///     fn run(&self, input: &Maps) -> Result<Maps> {
///         let sure = input.data.iter().map(|&value| f32::from(value > 0.5)).collect();
///         Ok(Maps::new(1, input.height, input.width, sure))
///     }
///     fn input_channels(&self) -> usize { 1 }
///     fn output_channels(&self) -> usize { 1 }
///     fn stride(&self) -> usize { 1 }
///     fn halo(&self) -> usize { 0 }
///     fn peak_bytes(&self, height: usize, width: usize) -> u64 { (8 * height * width) as u64 }
///     fn is_local(&self) -> bool { true }
/// }
///
/// let recipe = Recipe {
///     channels: vec!["membrane".into()],
///     preprocessing: Preprocessing::Normalise(Normalisation { low: 0.0, high: 100.0, ..Normalisation::default() }),
///     postprocessing: Vec::new(),
///     decoder: Decoder::Areas(vec![0, 7]),
///     object_diameter: None,
/// };
/// let pixels = vec![
///     10, 10, 10, 10, 10,
///     10, 90, 90, 10, 10,
///     10, 90, 90, 10, 10,
///     10, 10, 10, 10, 80,
///     10, 10, 10, 80, 80,
/// ];
/// let image = Image {
///     shape: Shape::plane(1, 5, 5),
///     pixels: Pixels::U8(pixels),
///     rgb: false,
///     calibration: Calibration::default(),
///     slice_labels: Vec::new(),
/// };
/// let options = SegmentOptions::default();
/// let pipeline = Pipeline { forward: &Bright, recipe: &recipe, options: &options };
/// let segmented = pipeline.segment(&InMemory::of(&image), &CancelToken::new(), &mut |_, _| {})?;
/// assert_eq!(segmented.labels.ids, [
///     0, 0, 0, 0, 0,
///     0, 7, 7, 0, 0,
///     0, 7, 7, 0, 0,
///     0, 0, 0, 0, 7,
///     0, 0, 0, 7, 7,
/// ]);
/// assert_eq!(segmented.found.objects, 2);
/// # Ok::<(), fewlabel_contract::Error>(())
/// ```
pub struct Pipeline<'a> {
    /// The network.
    pub forward: &'a dyn Forward,
    /// What is done around it.
    pub recipe: &'a Recipe,
    /// The caller's choices.
    pub options: &'a SegmentOptions,
}

impl Segmented {
    /// From what was gathered in memory.
    pub(crate) fn new(labels: LabelsInMemory, image: &dyn Source, options: &SegmentOptions, found: Found) -> Self {
        let (labels, maps) = labels.finish(image.info().calibration.clone());
        Self { labels, maps: options.maps.then_some(maps), found }
    }
}

impl SegmentOptions {
    /// Extent of the labels of an image of this shape.
    pub(crate) fn labels_shape(&self, image: Shape) -> Shape {
        let (y, x) = self.region.as_ref().map_or((image.y, image.x), Rectangle::size);
        Shape { y, x, ..image }
    }
}

impl Pipeline<'_> {
    /// Segments all planes of an image, with labels in memory. As [`Self::segment_rows`].
    ///
    /// # Errors
    /// Those of [`Self::segment_rows`].
    pub fn segment(&self, image: &dyn Source, token: &CancelToken, progress: &mut dyn FnMut(u64, u64)) -> Result<Segmented> {
        let mut labels = LabelsInMemory::new(self.options.labels_shape(image.info().shape));
        let found = self.segment_rows(image, &mut labels, token, progress)?;
        Ok(Segmented::new(labels, image, self.options, found))
    }

    /// Segments all planes of an image, with labels that go to `labels` as they come.
    ///
    /// A plane in which every channel is one value throughout shows nothing: no network is asked, and
    /// its labels are 0. Samples that are not finite count as the low end of the intensities.
    ///
    /// `token` is looked at once a tile. `progress` is called on this thread with the tiles that are done
    /// and the tiles in all.
    ///
    /// # Errors
    /// `invalid-request` for channels that do not fit, a tile or halo off the stride, a diameter without
    /// sense or a rectangle that lies outside; `limit-exceeded` when a tile does not fit the memory budget; `bad-model`; `cancelled`; those of reading the image
    /// and of `labels`.
    pub fn segment_rows(
        &self,
        image: &dyn Source,
        labels: &mut dyn LabelSink,
        token: &CancelToken,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Found> {
        token.check(OPERATION)?;
        self.check(image)?;
        let shape = image.info().shape;
        let grid = (shape.y, shape.x);
        let size = WorkingSize::new(grid, self.recipe.object_diameter, self.options.object_diameter)?;
        let planes = Planes::new(image, &self.recipe.channels, &self.recipe.preprocessing, size.working)?;
        let tiles = &self.options.tiles;
        let area = self.area(size.working, grid);
        let mut layout = lay_out(self.forward, area.tiles.size(), planes.count(), tiles)?;
        layout.grid = layout.grid.placed(size.working, (area.tiles.y.start, area.tiles.x.start));
        let assembly = Assembly {
            postprocessing: &self.recipe.postprocessing,
            decoder: self.recipe.decoder.scaled(1.0 / size.factor),
            grid: layout.grid,
            area,
            channels: self.forward.output_channels(),
            blend: layout.blend,
        };
        let objects = match &self.options.region {
            None => self.run(&planes, &layout, &assembly, labels, token, progress)?,
            Some(region) => {
                let objects = matches!(self.recipe.decoder, Decoder::Objects(_));
                let mut labels = RegionLabels::new(labels, assembly.area.labels.clone(), region.clone(), objects);
                self.run(&planes, &layout, &assembly, &mut labels, token, progress)?;
                labels.count()
            }
        };
        let notes = [
            planes.channel_note().map(str::to_owned),
            size.note(),
            replaced_note(planes.replaced()),
            smaller_tiles_note(&layout, tiles.budget.total()),
            layout.blend.then(|| {
                format!(
                    "tiles were blended with a halo of {} pixels where the network needs {}: they do not give what the whole image gives",
                    layout.grid.halo,
                    self.forward.halo()
                )
            }),
        ];
        Ok(Found {
            objects,
            tile: layout.grid.tile.0.max(layout.grid.tile.1),
            halo: layout.grid.halo,
            factor: size.factor,
            notes: notes.into_iter().flatten().collect(),
        })
    }

    /// What is decoded of a plane.
    fn area(&self, network: (usize, usize), image: (usize, usize)) -> Area {
        match &self.options.region {
            // A network or a last step that looks at whole planes needs them.
            Some(region) if self.forward.is_local() && self.recipe.postprocessing.is_empty() => {
                let margin = self.recipe.object_diameter.map_or(SURROUNDINGS, |diameter| (REACH * diameter).ceil() as usize);
                Area::around(region, network, image, margin, self.forward.stride())
            }
            _ => Area::whole(network, image),
        }
    }

    /// Whether image, network and recipe fit together.
    fn check(&self, image: &dyn Source) -> Result<()> {
        let shape = image.info().shape;
        if shape.is_empty() {
            return Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "the image has no pixels"));
        }
        if let Some(region) = &self.options.region {
            Region::whole(shape).rectangle(region.y.clone(), region.x.clone()).check(shape)?;
        }
        if self.forward.input_channels() != self.recipe.channels.len() {
            return Err(Error::new(
                ErrorKind::BadModel,
                OPERATION,
                "the network reads another number of channels than the model says",
            )
            .with("network", self.forward.input_channels())
            .with("model", self.recipe.channels.join(", ")));
        }
        self.recipe.decoder.check(self.forward.output_channels())
    }

    /// Runs the tiles of all planes as one sequence, so that threads stay busy across planes. Gives the number of objects. Objects are
    /// numbered through all planes.
    fn run(
        &self,
        planes: &Planes<'_>,
        layout: &Layout,
        assembly: &Assembly<'_>,
        labels: &mut dyn LabelSink,
        token: &CancelToken,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<usize> {
        let grid = &layout.grid;
        let total = planes.count() * grid.len();
        let key = format!("{:?} {grid:?} {:?} {}", assembly.area, assembly.decoder, planes.count());
        let mut state = match labels.begin(&key)? {
            Some(bytes) => kept(&bytes)?,
            None => State::default(),
        };
        let first = state.next;
        let through = matches!(self.recipe.decoder, Decoder::Objects(_));
        let mut current = state.current.take().map(|rows| Assembler::Rows(Box::new(rows)));
        progress(first as u64, total as u64);
        let work = |piece: usize| {
            let piece = first + piece;
            token.check(OPERATION)?;
            let tile = grid.tile(piece % grid.len());
            let Some(input) = planes.read(piece / grid.len(), grid, &tile)? else {
                return Ok(None);
            };
            let peak = self.forward.peak_bytes(tile.input_height, tile.input_width);
            let _lease = self.options.tiles.budget.take(peak, token)?;
            let maps = self.forward.run(&input)?;
            if (maps.channels, maps.height, maps.width) != (assembly.channels, tile.input_height, tile.input_width) {
                return Err(Error::internal(OPERATION, "the network gave maps of another size than its input")
                    .with("input", format!("{} x {}", tile.input_height, tile.input_width))
                    .with("maps", format!("{} x {} x {}", maps.channels, maps.height, maps.width)));
            }
            Ok(Some(assembly.part(&tile, maps)))
        };
        in_order(total - first, layout.in_flight, work, |piece, part| {
            token.check(OPERATION)?;
            let (plane, number) = ((first + piece) / grid.len(), (first + piece) % grid.len());
            let before = if through { state.objects as u32 } else { 0 };
            let mut out = Out { sink: &mut *labels, plane, objects: before, maps: self.options.maps };
            let tile = grid.tile(number);
            if let Some(part) = &part {
                let assembler = current.get_or_insert_with(|| assembly.begin());
                assembly.push(assembler, &tile, part, &mut out)?;
            }
            if number + 1 == grid.len() {
                planes.release(plane);
                match current.take() {
                    Some(assembler) => state.objects += assembly.finish(assembler, &mut out)?,
                    None => assembly.nothing(&mut out)?,
                }
            }
            state.next = first + piece + 1;
            if grid.ends_row(&tile) {
                match &current {
                    None => labels.can_go_on(&key, &|| state.written(None))?,
                    Some(Assembler::Rows(rows)) => labels.can_go_on(&key, &|| state.written(Some(rows)))?,
                    Some(_) => {}
                }
            }
            progress(state.next as u64, total as u64);
            Ok(())
        })?;
        Ok(state.objects)
    }
}

/// Where a run stands between two rows of tiles.
#[derive(Debug, Default, Deserialize)]
struct State {
    /// The next tile, counted through all planes.
    next: usize,
    /// Objects in the planes that are done.
    objects: usize,
    /// The plane in hand.
    current: Option<RowsInTurn>,
}

impl State {
    /// The state as bytes, with the plane in hand.
    fn written(&self, current: Option<&RowsInTurn>) -> Result<Vec<u8>> {
        keep(&(self.next, self.objects, current))
    }
}

const OPERATION: &str = "segment image";

/// Around a rectangle so many diameters of objects are looked at: whatever touches an object of the rectangle may decide where it ends.
const REACH: f64 = 3.0;
/// The same in pixels, where the size of the objects is not known.
const SURROUNDINGS: usize = 64;

pub(crate) fn replaced_note(samples: usize) -> Option<String> {
    let counted = match samples {
        0 => return None,
        1 => "1 sample was".to_owned(),
        n => format!("{n} samples were"),
    };
    Some(format!("{counted} not finite (NaN or infinite) and count as the low end of the intensities"))
}
