//! What stands in a JPEG stream before its first scan.

use fewlabel_contract::Result;

use super::{cut_short, damaged, unread};

/// Start and end of an image, start of a scan (ITU T.81, table B.1).
const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
/// `APP0` to `APP15`, and comments.
const APPLICATIONS: std::ops::RangeInclusive<u8> = 0xe0..=0xef;
const COMMENT: u8 = 0xfe;
const APP0: u8 = 0xe0;
const APP14: u8 = 0xee;

/// The segments before the first scan of an image, or all of a stream that holds tables only.
pub(super) struct Head<'a> {
    /// Markers, and what their segments hold.
    segments: Vec<(u8, &'a [u8])>,
    /// The first scan from its marker on, and all that is behind it; empty where there is none.
    scan: &'a [u8],
}

/// What the frame header says (ITU T.81, B.2.2), and which program wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Frame {
    pub width: u16,
    pub height: u16,
    /// 1, 3 or 4.
    pub components: u8,
    /// Whether a JFIF file was written: its three components are luminance, blue and red difference (ITU T.871).
    pub is_jfif: bool,
    /// Whether three components are those, and not red, green and blue.
    pub is_ycbcr: bool,
}

impl<'a> Head<'a> {
    /// Walks over the segments (ITU T.81, B.1.1).
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut rest = match bytes {
            [0xff, START, rest @ ..] => rest,
            [] | [0xff] => return Err(cut_short()),
            _ => return Err(damaged()),
        };
        let mut segments = Vec::new();
        loop {
            // Before a marker there may be any number of 0xff.
            let [0xff, after @ ..] = rest else { return Err(if rest.is_empty() { cut_short() } else { damaged() }) };
            let (fill, after) = after.split_at(after.iter().position(|&byte| byte != 0xff).unwrap_or(after.len()));
            let (&code, after) = after.split_first().ok_or_else(cut_short)?;
            match code {
                SCAN => return Ok(Self { segments, scan: &rest[fill.len()..] }),
                END => return Ok(Self { segments, scan: &[] }),
                _ => {}
            }
            let (length, after) = after.split_first_chunk().ok_or_else(cut_short)?;
            let length = u16::from_be_bytes(*length).checked_sub(2).ok_or_else(damaged)?;
            let (segment, after) = after.split_at_checked(length.into()).ok_or_else(cut_short)?;
            segments.push((code, segment));
            rest = after;
        }
    }

    /// The frame header.
    ///
    /// # Errors
    /// `unreadable-image` for an image without one, without a scan, or without an end: the bytes of a scan never look like it.
    /// `unsupported` for kinds of JPEG that are not read.
    pub(super) fn frame(&self) -> Result<Frame> {
        let mut frame = None;
        for (code, segment) in &self.segments {
            match code {
                // Baseline, extended sequential, progressive. Of the same range, 0xc4 is a table.
                0xc0..=0xc2 => frame = Some(*segment),
                0xc3 | 0xc5..=0xcf => return Err(unread("JPEG images that are lossless or coded arithmetically are not read")),
                _ => {}
            }
        }
        let Some(&[precision, h0, h1, w0, w1, components, ref named @ ..]) = frame else { return Err(damaged()) };
        if self.scan.is_empty() {
            return Err(damaged());
        }
        if !self.scan.windows(2).any(|pair| pair == [0xff, END]) {
            return Err(cut_short());
        }
        if precision != 8 {
            return Err(unread("JPEG images of more than 8 bits are not read").with("bits", precision));
        }
        if !matches!(components, 1 | 3 | 4) {
            return Err(unread("JPEG images of one or three components are read").with("components", components));
        }
        let names: Vec<u8> = named.iter().step_by(3).copied().collect();
        let is_jfif = self.has(APP0, b"JFIF\0").is_some();
        let adobe = self.has(APP14, b"Adobe").and_then(|segment| segment.get(11));
        // As libjpeg decides (`jdapimin.c`, default_decompress_parms).
        let is_ycbcr = components == 3 && (is_jfif || adobe.map_or(names != *b"RGB", |transform| *transform != 0));
        let [width, height] = [[w0, w1], [h0, h1]].map(u16::from_be_bytes);
        Ok(Frame { width, height, components, is_jfif, is_ycbcr })
    }

    fn has(&self, code: u8, name: &[u8]) -> Option<&'a [u8]> {
        self.segments.iter().find(|(other, segment)| *other == code && segment.starts_with(name)).map(|(_, segment)| *segment)
    }

    /// The image with the tables of another stream in front of its own, and without what programs say about it.
    pub(super) fn with_tables(&self, tables: Option<&Head<'_>>) -> Vec<u8> {
        let mut bytes = vec![0xff, START];
        let shared = tables.map_or(&[][..], |tables| &tables.segments);
        for (code, segment) in shared.iter().chain(&self.segments) {
            if APPLICATIONS.contains(code) || *code == COMMENT {
                continue;
            }
            bytes.extend([0xff, *code]);
            // It came out of 16 bits.
            bytes.extend((segment.len() as u16 + 2).to_be_bytes());
            bytes.extend(*segment);
        }
        bytes.extend(self.scan);
        bytes
    }
}
