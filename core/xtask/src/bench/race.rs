//! Blocks in turns, and what comes out of them.

use fewlabel_contract::Result;
use serde::Serialize;

use super::contestant::Contestant;

/// Blocks of everybody that are not counted: kernels are chosen and memory is taken.
const WARM_UP: usize = 1;

/// Somebody who takes part, with a name.
pub struct Entrant {
    /// What stands in tables.
    pub name: String,
    /// What is timed.
    pub contestant: Box<dyn Contestant>,
}

/// What was measured of an entrant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timed {
    /// Its name.
    pub name: String,
    /// Median of the blocks.
    pub median_seconds: f64,
    /// Seconds of each block, in the order in which they were done.
    pub seconds: Vec<f64>,
    /// Most memory that one of its processes held at once, in bytes.
    pub peak_bytes: Option<u64>,
}

/// How much longer one takes than another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// Who is above the line.
    pub of: String,
    /// Who is below.
    pub over: String,
    /// Median over the rounds of the ratio in a round: what slows both in a round does not count.
    pub median: f64,
    /// What it may be at most, where something is demanded.
    pub limit: Option<f64>,
}

/// A race: everybody does a block, round after round.
#[derive(Debug, Serialize)]
pub struct Race {
    /// What is timed, with its sizes.
    pub bench: String,
    /// Everybody who took part.
    pub results: Vec<Timed>,
    /// The comparisons that matter.
    pub ratios: Vec<Ratio>,
}

impl Race {
    /// Lets the entrants take turns: A B C, A B C … for `rounds` rounds after one that is not counted.
    ///
    /// # Errors
    /// What an entrant's program says.
    pub fn run(bench: String, mut entrants: Vec<Entrant>, rounds: usize) -> Result<Self> {
        println!("\n=== {bench}");
        let mut seconds = vec![Vec::new(); entrants.len()];
        for round in 0..rounds + WARM_UP {
            for (entrant, seconds) in entrants.iter_mut().zip(&mut seconds) {
                let took = entrant.contestant.sample()?;
                if round >= WARM_UP {
                    seconds.push(took);
                }
            }
        }
        let timed = entrants.into_iter().zip(seconds).map(|(entrant, seconds)| Timed {
            median_seconds: median(&seconds),
            peak_bytes: entrant.contestant.peak_bytes(),
            name: entrant.name,
            seconds,
        });
        Ok(Self { bench, results: timed.collect(), ratios: Vec::new() })
    }

    /// Adds a comparison of two entrants; nothing when one of them did not take part.
    #[must_use]
    pub fn compare(mut self, of: &str, over: &str, limit: Option<f64>) -> Self {
        let seconds = |name: &str| self.results.iter().find(|timed| timed.name == name).map(|timed| &timed.seconds);
        if let (Some(above), Some(below)) = (seconds(of), seconds(over)) {
            let ratios: Vec<f64> = above.iter().zip(below).map(|(above, below)| above / below).collect();
            self.ratios.push(Ratio { of: of.to_owned(), over: over.to_owned(), median: median(&ratios), limit });
        }
        self
    }

    /// The race as a table.
    pub fn table(&self) -> String {
        let wide = self.results.iter().map(|timed| timed.name.chars().count()).max().unwrap_or(0);
        let mut text = format!("{}\n  {:<wide$}  {:>9}  {:>9}  {:>8}\n", self.bench, "", "median s", "fastest", "peak MB");
        for timed in &self.results {
            let fastest = timed.seconds.iter().copied().fold(f64::INFINITY, f64::min);
            let peak = timed.peak_bytes.map_or_else(|| "-".to_owned(), |bytes| format!("{:.0}", bytes as f64 / 1e6));
            text += &format!("  {:<wide$}  {:>9.4}  {fastest:>9.4}  {peak:>8}\n", timed.name, timed.median_seconds);
        }
        for ratio in &self.ratios {
            let limit = ratio.limit.map(|limit| format!(" (at most {limit})")).unwrap_or_default();
            text += &format!("  {} / {}: {:.2}{limit}\n", ratio.of, ratio.over, ratio.median);
        }
        text
    }
}

/// The middle value, or the mean of the two in the middle; NaN without any.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n => (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    struct Scripted {
        name: &'static str,
        seconds: std::vec::IntoIter<f64>,
        order: Rc<RefCell<String>>,
    }

    impl Contestant for Scripted {
        fn sample(&mut self) -> Result<f64> {
            self.order.borrow_mut().push_str(self.name);
            Ok(self.seconds.next().expect("a block"))
        }

        fn peak_bytes(&self) -> Option<u64> {
            Some(2_000_000)
        }
    }

    #[test]
    fn turns_are_taken_and_the_first_round_does_not_count() {
        let order = Rc::new(RefCell::new(String::new()));
        let entrant = |name: &'static str, seconds: [f64; 4]| Entrant {
            name: name.to_owned(),
            contestant: Box::new(Scripted { name, seconds: Vec::from(seconds).into_iter(), order: Rc::clone(&order) }),
        };
        let entrants = vec![entrant("a", [90.0, 1.0, 4.0, 2.0]), entrant("b", [90.0, 2.0, 4.0, 4.0])];
        let race =
            Race::run("steps".to_owned(), entrants, 3).expect("a race").compare("a", "b", Some(1.05)).compare("a", "c", None);
        assert_eq!(*order.borrow(), "abababab");
        assert_eq!((race.results[0].median_seconds, race.results[1].median_seconds), (2.0, 4.0));
        // Round by round 0.5, 1, 0.5.
        assert_eq!(race.ratios, [Ratio { of: "a".into(), over: "b".into(), median: 0.5, limit: Some(1.05) }]);
        let table = race.table();
        assert!(table.contains("a / b: 0.50 (at most 1.05)") && table.contains("2.0000     1.0000         2"), "{table}");
    }

    #[test]
    fn medians() {
        assert_eq!((median(&[3.0, 1.0, 2.0]), median(&[1.0, 2.0])), (2.0, 1.5));
        assert!(median(&[]).is_nan());
    }
}
