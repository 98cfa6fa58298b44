//! Some channels of an image, in an order of their own.

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::pixels::{Sample, each};
use crate::{ImageInfo, Limits, NiftiHeader, Pixels, Region, Source};

/// The same planes of another image with only some of its channels.
#[derive(Debug)]
pub struct ChosenChannels<'a> {
    image: &'a dyn Source,
    info: ImageInfo,
    /// For each channel its number in the other image, from 0; nothing when all are there in their own order.
    numbers: Option<Vec<usize>>,
}

impl<'a> ChosenChannels<'a> {
    /// `image` with only the channels that `wanted` names, in that order: each by its name, where letters count alike whether large or
    /// small, or by its number from 1. All channels when nothing is wanted.
    ///
    /// Red, green and blue in their own order stay a colour picture.
    ///
    /// # Errors
    /// `invalid-request` for a channel that is not there, with those that are.
    pub fn new(image: &'a dyn Source, wanted: &[String]) -> Result<Self> {
        let info = image.info();
        let numbers = wanted.iter().map(|name| number(info, name)).collect::<Result<Vec<_>>>()?;
        if numbers.is_empty() || (0..info.shape.c).eq(numbers.iter().copied()) {
            return Ok(Self { image, info: info.clone(), numbers: None });
        }
        let mut chosen = info.clone();
        chosen.shape.c = numbers.len();
        chosen.rgb = false;
        if !info.channel_names.is_empty() {
            chosen.channel_names = numbers.iter().map(|&c| info.channel_names[c].clone()).collect();
        }
        // Each channel of a plane has a label of its own, but for colours.
        if info.slice_labels.len() == info.shape.t * info.shape.z * info.shape.c {
            let planes = info.slice_labels.chunks_exact(info.shape.c);
            chosen.slice_labels = planes.flat_map(|labels| numbers.iter().map(|&c| labels[c].clone())).collect();
        }
        Ok(Self { image, info: chosen, numbers: Some(numbers) })
    }
}

fn number(info: &ImageInfo, wanted: &str) -> Result<usize> {
    let wanted = wanted.trim();
    let names = &info.channel_names;
    let named = names.iter().position(|name| name == wanted);
    let named = named.or_else(|| names.iter().position(|name| name.to_lowercase() == wanted.to_lowercase()));
    let counted = || wanted.parse::<usize>().ok().filter(|number| (1..=info.shape.c).contains(number)).map(|number| number - 1);
    named.or_else(counted).ok_or_else(|| {
        let error = Error::new(ErrorKind::InvalidRequest, "choose channels", "the image has no such channel")
            .with("field", "channels")
            .with("channel", wanted)
            .with("the image has", info.shape.c);
        match names.is_empty() {
            true => error.hint("give a number from 1"),
            false => error.with("names", names.join(", ")).hint("give a name or a number from 1"),
        }
    })
}

impl Source for ChosenChannels<'_> {
    fn info(&self) -> &ImageInfo {
        &self.info
    }

    fn read(&self, level: usize, region: &Region) -> Result<Pixels> {
        let Some(numbers) = &self.numbers else { return self.image.read(level, region) };
        let mut pixels = self.info.room(level, region, &Limits::default())?;
        let plane = region.y.len() * region.x.len();
        for (to, channel) in region.c.clone().enumerate() {
            let number = numbers[channel];
            let mut one = self.image.read(level, &Region { c: number..number + 1, ..region.clone() })?;
            each!(&mut pixels, v => put(v, &mut one, plane, (to, region.c.len())));
        }
        Ok(pixels)
    }

    fn nifti_header(&self) -> Option<NiftiHeader> {
        self.image.nifti_header()
    }
}

/// Puts the planes of one channel where channel `to` of `channels` belongs.
fn put<T: Sample>(all: &mut [T], one: &mut Pixels, plane: usize, (to, channels): (usize, usize)) {
    if let Some(one) = T::of(one) {
        let rooms = all.chunks_exact_mut(plane).skip(to).step_by(channels);
        rooms.zip(one.chunks_exact(plane)).for_each(|(room, values)| room.copy_from_slice(values));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PixelType, Shape};

    /// An image in which each sample tells its place.
    #[derive(Debug)]
    struct Told(ImageInfo);

    impl Source for Told {
        fn info(&self) -> &ImageInfo {
            &self.0
        }

        fn read(&self, _: usize, region: &Region) -> Result<Pixels> {
            region.check(self.0.shape)?;
            let mut told = Vec::new();
            for (t, z) in region.t.clone().flat_map(|t| region.z.clone().map(move |z| (t, z))) {
                for (c, y) in region.c.clone().flat_map(|c| region.y.clone().map(move |y| (c, y))) {
                    told.extend(region.x.clone().map(|x| [t, z, c, y, x].iter().fold(0, |all, n| 10 * all + *n as u32)));
                }
            }
            Ok(Pixels::U32(told))
        }
    }

    fn image() -> Told {
        let shape = Shape { t: 1, z: 2, c: 3, y: 2, x: 2 };
        let mut info = ImageInfo::new(shape, PixelType::U32);
        info.channel_names = ["DAPI", "2", "Actin"].map(str::to_owned).to_vec();
        info.slice_labels = (0..6).map(|n| format!("label {n}")).collect();
        Told(info)
    }

    fn chosen<'a>(image: &'a Told, wanted: &[&str]) -> Result<ChosenChannels<'a>> {
        ChosenChannels::new(image, &wanted.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn channels_by_name_and_number() {
        let image = image();
        let two = chosen(&image, &["actin", "1"]).expect("both are there");
        let info = two.info();
        assert_eq!((info.shape.c, info.channel_names.clone()), (2, vec!["Actin".to_owned(), "DAPI".to_owned()]));
        assert_eq!(info.slice_labels, ["label 2", "label 0", "label 5", "label 3"]);
        let Pixels::U32(samples) = two.image().expect("all").pixels else { panic!("another type") };
        assert_eq!(samples[..8], [200, 201, 210, 211, 0, 1, 10, 11]);
        assert_eq!(samples[8..12], [1200, 1201, 1210, 1211]);
        let part = two.read(0, &Region { c: 1..2, ..Region::plane(info.shape, 0, 1).rectangle(1..2, 0..2) }).expect("a row");
        assert_eq!(part, Pixels::U32(vec![1010, 1011]));
        assert_eq!(chosen(&image, &["2"]).expect("a name before a number").info().channel_names, ["2"]);
    }

    #[test]
    fn nothing_wanted_is_all() {
        let image = image();
        for wanted in [&[][..], &["1", "2", "3"]] {
            let all = chosen(&image, wanted).expect("all");
            assert_eq!((all.info(), all.image().expect("all").pixels), (image.info(), image.image().expect("all").pixels));
        }
    }

    #[test]
    fn what_is_not_there_is_said() {
        for wanted in ["0", "4", "GFP", "-1", ""] {
            let error = chosen(&image(), &[wanted]).expect_err("not there").to_string();
            assert!(error.contains("DAPI, 2, Actin"), "{error}");
        }
    }
}
