//! Attributes of an element.

use fewlabel_contract::Result;
use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use super::{broken, exceeded, unreadable};

/// The busiest element of the schema has two dozen.
const MOST: usize = 256;

/// Largest whole number of the schema, an `xsd:int`.
const LARGEST: u32 = i32::MAX as u32;

/// The attributes of one element, with references replaced.
pub(super) struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// Those of `tag`.
    ///
    /// # Errors
    /// `unreadable-image` for one that is damaged or there twice, or that refers to an entity; `limit-exceeded` for too many.
    pub(super) fn of(tag: &BytesStart) -> Result<Self> {
        let mut found = Vec::new();
        for attribute in tag.attributes() {
            if found.len() == MOST {
                return Err(exceeded("an element of the OME-XML has too many attributes", MOST));
            }
            let attribute = attribute.map_err(|e| broken(&e.into()))?;
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|e| broken(&e))?;
            found.push((attribute.key.into_inner().to_owned(), value.into_owned()));
        }
        Ok(Self(found))
    }

    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(key, _)| key == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// A whole number from 0 on; `None` where there is none.
    ///
    /// # Errors
    /// `unreadable-image` for anything else.
    pub(super) fn whole(&self, name: &str) -> Result<Option<u32>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse() {
            Ok(number) if number <= LARGEST => Ok(Some(number)),
            _ => Err(unreadable("a number in the OME-XML is none, or too large")
                .with("attribute", name)
                .with("value", text.chars().take(40).collect::<String>())
                .with("largest allowed", LARGEST)),
        }
    }

    /// As [`whole`](Self::whole), for an extent: it must be there, and 1 or more.
    pub(super) fn extent(&self, name: &str) -> Result<usize> {
        match self.whole(name)? {
            Some(number) if number > 0 => Ok(number as usize),
            _ => Err(unreadable("an axis in the OME-XML has no length").with("attribute", name)),
        }
    }

    /// A number above 0; what is none counts as missing, for pixels can be read without it.
    pub(super) fn positive(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;

    use super::*;

    fn of(content: &str) -> Result<Attributes> {
        Attributes::of(&BytesStart::from_content(content, 1))
    }

    #[test]
    fn values_are_what_they_say() {
        let found = of("a Name='a &lt;b&gt; &#181;m' N=' +7 ' F='0.325' Empty='' Zero='0' Nan='NaN'").expect("attributes");
        assert_eq!(found.text("Name"), Some("a <b> µm"));
        assert_eq!((found.text("Empty"), found.text("missing")), (None, None));
        assert_eq!(found.whole("N").expect("a number"), Some(7));
        assert_eq!(found.whole("missing").expect("none"), None);
        assert_eq!(found.extent("N").expect("a number"), 7);
        assert_eq!(found.positive("F"), Some(0.325));
        for name in ["Zero", "Nan", "Name", "missing"] {
            assert_eq!(found.positive(name), None, "{name}");
        }
        assert!(found.extent("Zero").is_err() && found.extent("missing").is_err());
    }

    #[test]
    fn bad_ones_are_refused() {
        for content in ["a b='1' b='2'", "a b=1", "a b='&unknown;'", "a b='&#0;'", "a b"] {
            let error = of(content).err().expect("refused");
            assert_eq!(error.kind, ErrorKind::UnreadableImage, "{content}");
        }
        for value in ["2147483648", "-1", "1.5", "99999999999999999999", "x"] {
            assert!(of(&format!("a b='{value}'")).expect("attributes").whole("b").is_err(), "{value}");
        }
        let many: String = (0..300).map(|i| format!(" b{i}=''")).collect();
        assert!(of(&format!("a{many}")).is_err_and(|e| e.kind == ErrorKind::LimitExceeded));
    }
}
