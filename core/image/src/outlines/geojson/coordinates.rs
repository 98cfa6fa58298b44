//! The nested arrays of a geometry.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

use super::super::Point;

/// Positions one after another, and where the lists and the lists of lists of them end.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Coordinates {
    /// How deep they lie: 1 for a single position, 2 for a list, 3 for a list of lists, 4 for a list of those.
    pub(super) depth: u8,
    pub(super) points: Vec<Point>,
    /// For each list (line or ring) how many positions end with it.
    pub(super) lists: Vec<usize>,
    /// For each list of lists (polygon) how many lists end with it.
    pub(super) polygons: Vec<usize>,
}

impl<'de> Deserialize<'de> for Coordinates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut all = Self::default();
        match (Part { all: &mut all, nesting: 0 }).deserialize(deserializer)? {
            Found::Number(_) => Err(D::Error::custom("coordinates are a number, not a list")),
            Found::List(depth) => Ok(Self { depth, ..all }),
        }
    }
}

/// What stands at a place in the arrays.
enum Found {
    Number(f64),
    /// An array, with the depth of the positions in it; 0 when there are none.
    List(u8),
}

struct Part<'a> {
    all: &'a mut Coordinates,
    nesting: u8,
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers in arrays")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Found, E> {
        Ok(Found::Number(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Found, E> {
        Ok(Found::Number(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Found, E> {
        Ok(Found::Number(value as f64))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Found, A::Error> {
        let Self { all, nesting } = self;
        if nesting >= 4 {
            return Err(A::Error::custom("coordinates are nested too deep"));
        }
        let (mut numbers, mut position) = (0, [0.0; 2]);
        let mut inner = 0;
        while let Some(found) = array.next_element_seed(Part { all: &mut *all, nesting: nesting + 1 })? {
            match found {
                Found::Number(value) if inner == 0 => {
                    // Third numbers are heights, which pixels do not have.
                    if let Some(place) = position.get_mut(numbers) {
                        *place = value;
                    }
                    numbers += 1;
                }
                Found::List(depth) if numbers == 0 && (inner == 0 || depth == 0 || inner == depth) => inner = inner.max(depth),
                _ => return Err(A::Error::custom("coordinates are nested unevenly")),
            }
        }
        match (numbers, inner) {
            (0, 0) => return Ok(Found::List(0)),
            (0, 1) => all.lists.push(all.points.len()),
            (0, 2) => all.polygons.push(all.lists.len()),
            (0, _) => {}
            (1, _) => return Err(A::Error::custom("a position has one number only")),
            _ => all.points.push(Point::new(position[0], position[1])),
        }
        Ok(Found::List(inner + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Coordinates, String> {
        serde_json::from_str(text).map_err(|e| e.to_string())
    }

    #[test]
    fn arrays_become_flat() {
        let one = parse("[1, 2.5]").expect("a position");
        assert_eq!((one.depth, one.points), (1, vec![Point::new(1.0, 2.5)]));
        let polygons = parse("[[[[0,0,9],[1,0]],[[2,0],[3,0]]],[],[[[4,-5]]]]").expect("polygons");
        assert_eq!((polygons.depth, polygons.points.len()), (4, 5));
        assert_eq!((polygons.lists, polygons.polygons), (vec![2, 4, 5], vec![2, 3]));
        assert_eq!(parse("[]").expect("nothing").depth, 0);
        assert_eq!(parse("[[],[[]]]").expect("nothing").depth, 0);
    }

    #[test]
    fn other_arrays_are_errors() {
        for (text, why) in [
            ("3", "not a list"),
            ("[1]", "one number"),
            ("[[1,2],3]", "unevenly"),
            ("[1,[2,3]]", "unevenly"),
            ("[[1,2],[[3,4]]]", "unevenly"),
            ("[[[[[1,2]]]]]", "too deep"),
            ("[\"a\"]", "numbers in arrays"),
            ("[1,null]", "numbers in arrays"),
            ("[1e999,2]", "out of range"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
