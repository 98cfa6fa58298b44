//! From an image to its labels.

use fewlabel_contract::{CancelToken, Error, ErrorKind, Result};
use fewlabel_image::{Image, LabelImage, Maps};

use crate::assemble::{Assembler, Assembly, LabelledPlane};
use crate::choose::{Layout, lay_out, smaller_tiles_note};
use crate::in_order::in_order;
use crate::planes::Planes;
use crate::working_size::WorkingSize;
use crate::{Decoder, Forward, Recipe, SegmentOptions};

/// What came out for an image, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Segmented {
    /// Labels on the grid of the image. Objects are numbered through all planes, so that no number stands
    /// for two of them.
    pub labels: LabelImage,
    /// Number of objects, or of connected areas with a class.
    pub objects: usize,
    /// Maps of each plane on the grid of the image, in order `t z`, when they were asked for.
    pub maps: Option<Vec<Maps>>,
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
/// use fewlabel_image::{Calibration, Image, Maps, Pixels, Shape};
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
/// let segmented = pipeline.segment(&image, &CancelToken::new(), &mut |_, _| {})?;
/// assert_eq!(segmented.labels.ids, [
///     0, 0, 0, 0, 0,
///     0, 7, 7, 0, 0,
///     0, 7, 7, 0, 0,
///     0, 0, 0, 0, 7,
///     0, 0, 0, 7, 7,
/// ]);
/// assert_eq!(segmented.objects, 2);
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

impl Pipeline<'_> {
    /// Segments all planes of an image.
    ///
    /// A plane in which every channel is one value throughout shows nothing: no network is asked, and
    /// its labels are 0. Samples that are not finite count as the low end of the intensities.
    ///
    /// `token` is looked at once a tile. `progress` is called on this thread with the tiles that are done
    /// and the tiles in all.
    ///
    /// # Errors
    /// `invalid-request` for channels that do not fit, a tile or halo off the stride or a diameter without
    /// sense; `limit-exceeded` when a tile does not fit the memory budget; `bad-model`; `cancelled`.
    pub fn segment(&self, image: &Image, token: &CancelToken, progress: &mut dyn FnMut(u64, u64)) -> Result<Segmented> {
        token.check(OPERATION)?;
        self.check(image)?;
        let grid = (image.shape.y, image.shape.x);
        let size = WorkingSize::new(grid, self.recipe.object_diameter, self.options.object_diameter)?;
        let planes = Planes::new(image, self.recipe, size.working)?;
        let tiles = &self.options.tiles;
        let layout = lay_out(self.forward, size.working, planes.count(), tiles)?;
        let assembly = Assembly {
            postprocessing: &self.recipe.postprocessing,
            decoder: self.recipe.decoder.scaled(1.0 / size.factor),
            grid: layout.grid,
            channels: self.forward.output_channels(),
            image: grid,
            blend: layout.blend,
            keep_maps: self.options.maps,
        };
        let labelled = self.run(&planes, &layout, &assembly, token, progress)?;
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
        let (labels, objects, maps) = self.stack(image, labelled);
        Ok(Segmented {
            labels,
            objects,
            maps: self.options.maps.then_some(maps),
            tile: layout.grid.tile.0.max(layout.grid.tile.1),
            halo: layout.grid.halo,
            factor: size.factor,
            notes: notes.into_iter().flatten().collect(),
        })
    }

    /// Whether image, network and recipe fit together.
    fn check(&self, image: &Image) -> Result<()> {
        if image.shape.is_empty() || image.pixels.len() != image.shape.len() {
            return Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "the image does not hold the pixels that it claims")
                .with("claimed", image.shape.len())
                .with("held", image.pixels.len()));
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

    /// Runs the tiles of all planes as one sequence, so that threads stay busy across planes.
    fn run(
        &self,
        planes: &Planes<'_>,
        layout: &Layout,
        assembly: &Assembly<'_>,
        token: &CancelToken,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Vec<LabelledPlane>> {
        let grid = &layout.grid;
        let total = planes.count() * grid.len();
        let mut labelled = Vec::with_capacity(planes.count());
        let mut current: Option<Assembler> = None;
        progress(0, total as u64);
        let work = |piece: usize| {
            token.check(OPERATION)?;
            let plane = planes.get(piece / grid.len())?;
            let Some(plane) = plane.as_ref() else {
                return Ok(None);
            };
            let tile = grid.tile(piece % grid.len());
            let peak = self.forward.peak_bytes(tile.input_height, tile.input_width);
            let _lease = self.options.tiles.budget.take(peak, token)?;
            let maps = self.forward.run(&grid.read(plane, &tile))?;
            if (maps.channels, maps.height, maps.width) != (assembly.channels, tile.input_height, tile.input_width) {
                return Err(Error::internal(OPERATION, "the network gave maps of another size than its input")
                    .with("input", format!("{} x {}", tile.input_height, tile.input_width))
                    .with("maps", format!("{} x {} x {}", maps.channels, maps.height, maps.width)));
            }
            Ok(Some(assembly.part(&tile, maps)))
        };
        in_order(total, layout.in_flight, work, |piece, part| {
            token.check(OPERATION)?;
            let last = (piece + 1).is_multiple_of(grid.len());
            if let Some(part) = &part {
                let assembler = current.get_or_insert_with(|| assembly.begin());
                assembly.push(assembler, &grid.tile(piece % grid.len()), part)?;
            }
            if last {
                planes.release(piece / grid.len());
                labelled.push(current.take().map_or_else(|| Ok(assembly.nothing()), |done| assembly.finish(done))?);
            }
            progress(piece as u64 + 1, total as u64);
            Ok(())
        })?;
        Ok(labelled)
    }

    /// Puts the planes together, numbering objects through all of them.
    fn stack(&self, image: &Image, planes: Vec<LabelledPlane>) -> (LabelImage, usize, Vec<Maps>) {
        let through = matches!(self.recipe.decoder, Decoder::Objects(_));
        let mut ids = Vec::with_capacity(planes.len() * image.shape.y * image.shape.x);
        let (mut objects, mut maps) = (0, Vec::new());
        for plane in planes {
            let offset = if through { objects as u32 } else { 0 };
            ids.extend(plane.labels.data.iter().map(|&id| if id == 0 { 0 } else { id + offset }));
            objects += plane.objects;
            maps.extend(plane.maps);
        }
        let (t, z, y, x) = (image.shape.t, image.shape.z, image.shape.y, image.shape.x);
        (LabelImage { t, z, y, x, ids, calibration: image.calibration.clone() }, objects, maps)
    }
}

const OPERATION: &str = "segment image";

fn replaced_note(samples: usize) -> Option<String> {
    let counted = match samples {
        0 => return None,
        1 => "1 sample was".to_owned(),
        n => format!("{n} samples were"),
    };
    Some(format!("{counted} not finite (NaN or infinite) and count as the low end of the intensities"))
}
