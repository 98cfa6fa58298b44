//! How channels are called and shown: the `omero` of an image. It is for viewers, so what it lacks or has wrong is left out.

use serde_json::Value;

/// What an image says about a channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ZarrChannel {
    /// Its name.
    pub label: Option<String>,
    /// Red, green and blue.
    pub color: Option<[u8; 3]>,
    /// The values that are shown darkest and brightest.
    pub window: Option<(f64, f64)>,
}

/// The channels, or none where `omero` speaks of another number of them.
pub(super) fn channels(omero: Option<&Value>, number: usize) -> Vec<ZarrChannel> {
    let channels = omero.and_then(|omero| omero.get("channels")).and_then(Value::as_array);
    let channels = channels.filter(|channels| channels.len() == number);
    channels.into_iter().flatten().map(channel).collect()
}

fn channel(value: &Value) -> ZarrChannel {
    let label = value.get("label").and_then(Value::as_str).map(str::trim).filter(|label| !label.is_empty());
    let limit = |name: &str| value.get("window").and_then(|window| window.get(name)).and_then(Value::as_f64);
    ZarrChannel {
        label: label.map(str::to_owned),
        color: value.get("color").and_then(Value::as_str).and_then(color),
        window: limit("start").zip(limit("end")),
    }
}

/// Six digits of base 16.
fn color(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    let all = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let [_, colors @ ..] = u32::from_str_radix(digits, 16).ok().filter(|_| all)?.to_be_bytes();
    Some(colors)
}

/// The names of all channels; none where one has none.
pub(super) fn names(channels: &[ZarrChannel]) -> Vec<String> {
    channels.iter().map(|channel| channel.label.clone()).collect::<Option<_>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_colors_and_windows() {
        let omero = json!({"channels": [
            {"label": "DAPI", "color": "0000FF", "window": {"start": 10, "end": 200.5, "min": 0, "max": 255}},
            {"label": "GFP", "color": "#00ff00"},
        ]});
        let found = channels(Some(&omero), 2);
        let dapi = ZarrChannel { label: Some("DAPI".into()), color: Some([0, 0, 255]), window: Some((10.0, 200.5)) };
        assert_eq!(found[0], dapi);
        assert_eq!((found[1].color, found[1].window), (Some([0, 255, 0]), None));
        assert_eq!(names(&found), ["DAPI", "GFP"]);
        assert_eq!(channels(Some(&omero), 3), []);
        assert_eq!(channels(None, 1), []);
    }

    #[test]
    fn wrong_values_are_left_out() {
        for wrong in [json!({"label": 1, "color": 255, "window": []}), json!({"label": " ", "color": "+12345"}), json!(null)] {
            let found = channels(Some(&json!({"channels": [wrong]})), 1);
            assert_eq!(found, [ZarrChannel::default()]);
            assert_eq!(names(&found), [""; 0]);
        }
        assert_eq!(color("é0000"), None);
    }
}
