//! The scale of an image of which nobody knows it, from what is found in it.
//!
//! A network that sees objects much smaller than those that it was trained on misses some and runs others together, but
//! most that it finds are as large as they are. Much larger ones it cuts to pieces of the size that it knows, which look as
//! if all were well. So the search begins with a look at which objects are rather too small, and goes to finer ones.

/// Objects that look up to so many times as large or as small as expected are well seen.
const CLOSE: f64 = 1.15;
/// Looks at an image, the first among them.
const MOST_LOOKS: usize = 4;
/// The first look is made for objects of so many times the typical diameter.
const COARSE: f64 = 2.0;
/// Beyond so many times the diameter of the first look an object is something else, or the whole image.
const LARGEST: f64 = 4.0;
/// Images shrink to no less than a sixteenth of their side after the first look.
const MOST_SHRUNK: f64 = 16.0;

/// Where a search stands.
#[derive(Clone, Debug)]
pub(crate) struct ScaleSearch {
    /// Diameter in pixels of the image that objects are now taken to have.
    now: f64,
    /// The one before.
    before: Option<f64>,
    looks: usize,
    smallest: f64,
    largest: f64,
}

impl ScaleSearch {
    /// `range` is what objects typically measured in the training images, the smallest and the largest; smaller ones are
    /// not looked for: fragments would send the search after them. `trained` is what they measure for the network.
    pub fn new(range: (f64, f64), trained: f64) -> Self {
        let now = (COARSE * (range.0 * range.1).sqrt()).max(range.1);
        let largest = (LARGEST * now).min(MOST_SHRUNK * trained).max(now);
        Self { now, before: None, looks: 1, smallest: range.0 / CLOSE, largest }
    }

    /// Diameter in pixels of the image to look with.
    pub fn diameter(&self) -> f64 {
        self.now
    }

    /// Whether the objects are about as large as in training images whose objects measured as much as `range` says.
    pub fn is_within(&self, range: (f64, f64)) -> bool {
        (range.0 / CLOSE..=range.1 * CLOSE).contains(&self.now)
    }

    /// Whether to look again after objects of the diameter `found` were found; `None` is nothing.
    pub fn goes_on(&mut self, found: Option<f64>) -> bool {
        let Some(found) = found.map(|d| d.clamp(self.smallest, self.largest)) else { return false };
        let ratio = found / self.now;
        if self.looks >= MOST_LOOKS || (1.0 / CLOSE..=CLOSE).contains(&ratio) {
            return false;
        }
        // Back and forth: in between, and no further.
        let turned = self.before.filter(|before| (before - self.now) * (found - self.now) > 0.0);
        self.looks = if turned.is_some() { MOST_LOOKS } else { self.looks + 1 };
        let next = turned.map_or(found, |before| (before * self.now).sqrt());
        self.before = Some(self.now);
        self.now = next;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The diameters of all looks at an image, `found` saying what a look with a diameter finds.
    fn looks(range: (f64, f64), found: impl Fn(f64) -> Option<f64>) -> Vec<f64> {
        let mut search = ScaleSearch::new(range, 24.0);
        let mut all = vec![search.diameter()];
        while search.goes_on(found(search.diameter())) {
            all.push(search.diameter());
        }
        all
    }

    #[test]
    fn the_first_look_is_coarse() {
        assert_eq!(looks((20.0, 20.0), |_| Some(40.0)), [40.0]);
        assert_eq!(looks((10.0, 90.0), |_| Some(80.0)), [90.0]);
        assert_eq!(looks((10.0, 40.0), |_| None), [40.0]);
    }

    #[test]
    fn objects_like_those_of_the_training_are_reached_though_they_ran_together() {
        // At half their size half as large again as they are.
        let all = looks((20.0, 20.0), |here| Some(20.0 * (1.0 + (here / 20.0 - 1.0).max(0.0) / 2.0)));
        assert_eq!(all, [40.0, 30.0, 25.0]);
    }

    #[test]
    fn larger_objects_are_approached_from_their_pieces() {
        let all = looks((20.0, 20.0), |here| Some((here * 90.0).sqrt()));
        assert!(all.len() == 3 && all[0] < all[1] && all[1] < all[2] && all[2] > 90.0 / 1.25, "{all:?}");
    }

    #[test]
    fn smaller_ones_are_looked_for_as_far_as_training_goes() {
        assert_eq!(looks((10.0, 40.0), |_| Some(12.0)), [40.0, 12.0]);
        let all = looks((10.0, 40.0), |_| Some(2.0));
        assert_eq!(all, [40.0, 10.0 / CLOSE]);
    }

    #[test]
    fn a_search_that_turns_ends_in_between() {
        // Too small at one scale, too large at the other.
        let all = looks((10.0, 40.0), |here| Some(if here > 30.0 { 20.0 } else { 60.0 }));
        assert_eq!(all.len(), 3);
        assert!((all[2] - (40.0_f64 * 20.0).sqrt()).abs() < 1e-9, "{all:?}");
    }

    #[test]
    fn no_search_goes_out_of_bounds() {
        assert_eq!(looks((20.0, 20.0), |here| Some(here * 100.0)), [40.0, 160.0]);
        assert_eq!(looks((90.0, 90.0), |here| Some(here * 100.0)), [180.0, 384.0]);
        assert_eq!(looks((200.0, 200.0), |here| Some(here * 100.0)), [400.0]);
    }

    #[test]
    fn what_is_within_the_training_is_known() {
        let search = ScaleSearch::new((20.0, 40.0), 24.0);
        assert!(!search.is_within((20.0, 40.0)), "{search:?}");
        assert!(search.is_within((20.0, 60.0)) && search.is_within((60.0, 60.0)));
    }
}
