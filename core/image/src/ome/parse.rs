//! OME-XML as it stands in a file.

use fewlabel_contract::{Error, ErrorKind, Result};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::attributes::Attributes;
use super::{Channel, OPERATION, Ome, SLICE_LABELS, Series, broken, elements, exceeded, unreadable};
use crate::Limits;

/// Bytes of a document.
const LONGEST: usize = 64 << 20;
/// Elements in elements.
const DEEPEST: usize = 64;
/// Elements of a document.
const MOST_ELEMENTS: usize = 1 << 22;

impl Ome {
    /// Reads an `ImageDescription`, or another file with OME-XML; `None` when it is something else.
    ///
    /// Elements and attributes that are not needed are stepped over. Entities are never expanded.
    ///
    /// # Errors
    /// `unreadable-image` for damaged XML, a missing or wrong value, or a document type definition; `unsupported` for several
    /// sets of pixels in one image; `limit-exceeded` for more text, depth, elements, images or blocks of planes than allowed.
    pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Option<Self>> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
        let mut reader = Reader::from_str(text);
        let Some((root, is_empty)) = root(&mut reader) else { return Ok(None) };
        if text.len() > LONGEST {
            return Err(exceeded("the OME-XML of this file is longer than allowed", LONGEST));
        }
        let mut parser = Parser::new(Attributes::of(&root)?.text("UUID"), limits);
        if is_empty {
            parser.close()?;
        }
        while !parser.stack.is_empty() {
            match reader.read_event().map_err(|e| broken(&e))? {
                Event::Start(tag) => parser.open(&tag)?,
                Event::Empty(tag) => {
                    parser.open(&tag)?;
                    parser.close()?;
                }
                Event::End(_) => parser.close()?,
                Event::Text(text) => parser.text(&text.xml10_content()),
                Event::CData(text) => parser.text(&text.xml10_content()),
                Event::GeneralRef(reference) => parser.reference(&reference)?,
                Event::DocType(_) => return Err(definition()),
                Event::Eof => return Err(unreadable("the OME-XML of this file is cut short").hint("export the image again")),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        parser.finish().map(Some)
    }
}

/// The outermost element, if it is that of OME-XML, and whether it is empty.
fn root<'t>(reader: &mut Reader<&'t [u8]>) -> Option<(BytesStart<'t>, bool)> {
    let found = loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => break (tag, false),
            Event::Empty(tag) => break (tag, true),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Text(text) if text.trim().is_empty() => {}
            // Definitions of entities, and text before the first element.
            _ => return None,
        }
    };
    (found.0.local_name().into_inner() == "OME").then_some(found)
}

/// Where in a document the parser is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Ome,
    Image,
    Pixels,
    TiffData,
    Uuid,
    Annotations,
    SliceLabels,
    Value,
    SliceLabel,
    /// In what is stepped over.
    Other,
}

struct Parser<'l> {
    limits: &'l Limits,
    /// Of the file itself.
    uuid: Option<String>,
    stack: Vec<Place>,
    elements: usize,
    blocks: usize,
    /// Of the element that is read, where it matters.
    text: String,
    file_name: Option<String>,
    label_of: Option<usize>,
    name: Option<String>,
    pixels: Option<Series>,
    /// Until 2008 channels stood beside the pixels.
    logical_channels: Vec<Channel>,
    images: Vec<Series>,
    slice_labels: Vec<(usize, String)>,
    metadata_file: Option<String>,
}

impl<'l> Parser<'l> {
    fn new(uuid: Option<&str>, limits: &'l Limits) -> Self {
        Self {
            limits,
            uuid: uuid.map(str::to_owned),
            stack: vec![Place::Ome],
            elements: 1,
            blocks: 0,
            text: String::new(),
            file_name: None,
            label_of: None,
            name: None,
            pixels: None,
            logical_channels: Vec::new(),
            images: Vec::new(),
            slice_labels: Vec::new(),
            metadata_file: None,
        }
    }

    fn open(&mut self, tag: &BytesStart) -> Result<()> {
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            return Err(exceeded("the OME-XML of this file has more elements than allowed", MOST_ELEMENTS));
        }
        if self.stack.len() == DEEPEST {
            return Err(exceeded("the OME-XML of this file is nested deeper than allowed", DEEPEST));
        }
        let place = match (self.stack.last(), tag.local_name().into_inner()) {
            (Some(Place::Ome), "BinaryOnly") => {
                let file = Attributes::of(tag)?.text("MetadataFile").map(str::to_owned);
                self.metadata_file =
                    Some(file.ok_or_else(|| unreadable("the OME-XML of this file does not say which file describes it"))?);
                Place::Other
            }
            (Some(Place::Ome), "Image") => {
                if self.images.len() == self.limits.pages {
                    return Err(exceeded("the OME-XML of this file has more images than allowed", self.limits.pages));
                }
                self.name = Attributes::of(tag)?.text("Name").map(str::to_owned);
                Place::Image
            }
            (Some(Place::Image), "Pixels") => {
                if self.pixels.is_some() {
                    return Err(Error::new(
                        ErrorKind::Unsupported,
                        OPERATION,
                        "an image of this file has several sets of pixels",
                    )
                    .hint("export the image again, with a newer version of OME"));
                }
                self.pixels = Some(elements::pixels(&Attributes::of(tag)?, self.name.take())?);
                Place::Pixels
            }
            (Some(Place::Image), "LogicalChannel") => {
                self.logical_channels.push(elements::channel(&Attributes::of(tag)?)?);
                Place::Other
            }
            (Some(Place::Pixels), "Channel") => {
                let channel = elements::channel(&Attributes::of(tag)?)?;
                if let Some(pixels) = &mut self.pixels {
                    pixels.channels.push(channel);
                }
                Place::Other
            }
            (Some(Place::Pixels), "TiffData") => {
                self.blocks += 1;
                if self.blocks > self.limits.pages {
                    return Err(exceeded("the OME-XML of this file names more pages than allowed", self.limits.pages));
                }
                let block = elements::tiff_data(&Attributes::of(tag)?)?;
                if let Some(pixels) = &mut self.pixels {
                    pixels.tiff_data.push(block);
                }
                Place::TiffData
            }
            (Some(Place::TiffData), "UUID") => {
                self.file_name = Attributes::of(tag)?.text("FileName").map(str::to_owned);
                self.text.clear();
                Place::Uuid
            }
            (Some(Place::Ome), "StructuredAnnotations") => Place::Annotations,
            (Some(Place::Annotations), "MapAnnotation") if Attributes::of(tag)?.text("Namespace") == Some(SLICE_LABELS) => {
                Place::SliceLabels
            }
            (Some(Place::SliceLabels), "Value") => Place::Value,
            (Some(Place::Value), "M") => {
                self.label_of = Attributes::of(tag)?.text("K").and_then(|key| key.parse().ok());
                self.text.clear();
                Place::SliceLabel
            }
            _ => Place::Other,
        };
        self.stack.push(place);
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        match self.stack.pop() {
            Some(Place::Image) => {
                let mut series = self.pixels.take().ok_or_else(|| unreadable("an image in the OME-XML has no pixels"))?;
                let beside = std::mem::take(&mut self.logical_channels);
                if series.channels.is_empty() {
                    series.channels = beside;
                }
                self.images.push(series);
            }
            Some(Place::Uuid) => {
                let uuid = self.text.trim();
                let own = self.uuid.as_deref().map(|own| own.eq_ignore_ascii_case(uuid));
                let name = self.file_name.take();
                // Without a name, and nothing to compare with, pages are those of the file itself.
                let unnamed = || own.is_some().then_some(uuid.to_owned()).filter(|uuid| !uuid.is_empty());
                let file = if own == Some(true) { None } else { name.or_else(unnamed) };
                if let Some(block) = self.pixels.as_mut().and_then(|pixels| pixels.tiff_data.last_mut()) {
                    block.file = file.map(String::into_boxed_str);
                }
            }
            Some(Place::SliceLabel) => {
                if let Some(plane) = self.label_of.take() {
                    self.slice_labels.push((plane, self.text.clone()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if matches!(self.stack.last(), Some(Place::Uuid | Place::SliceLabel)) {
            self.text.push_str(text);
        }
    }

    fn reference(&mut self, reference: &BytesRef) -> Result<()> {
        if let Some(letter) = reference.resolve_char_ref().map_err(|e| broken(&e))? {
            self.text(letter.encode_utf8(&mut [0; 4]));
            return Ok(());
        }
        let text = resolve_predefined_entity(reference).ok_or_else(definition)?;
        self.text(text);
        Ok(())
    }

    fn finish(mut self) -> Result<Ome> {
        if let Some(metadata_file) = self.metadata_file {
            return Ok(Ome::BinaryOnly { metadata_file });
        }
        match &mut self.images[..] {
            [] => return Err(unreadable("the OME-XML of this file has no image")),
            [one] if !self.slice_labels.is_empty() => {
                let planes = one.shape.t.saturating_mul(one.shape.z).saturating_mul(one.stored_channels()?);
                if planes <= self.limits.pages {
                    one.slice_labels = vec![String::new(); planes];
                    for (plane, label) in self.slice_labels {
                        if let Some(place) = one.slice_labels.get_mut(plane) {
                            *place = label;
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(Ome::Images(self.images))
    }
}

fn definition() -> Error {
    unreadable("the OME-XML of this file defines or uses entities, which are not read").hint("export the image again")
}

#[cfg(test)]
mod tests;
