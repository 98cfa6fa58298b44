//! Colours that tell objects apart.

/// A bright colour for an object; objects of consecutive numbers get very different ones.
///
/// Hues follow the golden angle, which spreads any number of them evenly; three tones take turns.
/// 0 is black.
pub fn object_colour(label: u32) -> [u8; 3] {
    const GOLDEN_ANGLE: f64 = 0.381_966_011_250_105;
    const TONES: [(f64, f64); 3] = [(0.85, 1.0), (0.55, 1.0), (0.95, 0.8)];
    if label == 0 {
        return [0; 3];
    }
    let (saturation, brightness) = TONES[label as usize % TONES.len()];
    from_hue((f64::from(label) * GOLDEN_ANGLE).fract(), saturation, brightness)
}

/// HSV to RGB, all 0…1 but the result (Smith 1978).
fn from_hue(hue: f64, saturation: f64, brightness: f64) -> [u8; 3] {
    [5.0, 3.0, 1.0].map(|offset| {
        let place = (offset + 6.0 * hue) % 6.0;
        let dip = place.min(4.0 - place).clamp(0.0, 1.0);
        (255.0 * brightness * (1.0 - saturation * dip)).round() as u8
    })
}
