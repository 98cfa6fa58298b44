//! The page that shows what a demo did: pictures side by side, scores, learning curves. One file, nothing beside it.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fewlabel_contract::{Error, ImageScores, Result, TrainResult};
use fewlabel_image::{Limits, Plane, encode_png_rgb, open, open_labels};
use fewlabel_objects::draw_outlines;

use super::curves::svg;
use super::picture::Panel;
use super::record::Record;
use super::{Segmentation, scores};

/// What the page tells.
pub struct Story<'a> {
    /// Folder with `images` and `labels`.
    pub data: &'a Path,
    /// What came out of the training.
    pub trained: &'a TrainResult,
    /// The package that it wrote.
    pub model: &'a Path,
    /// What the model made of the other images.
    pub ours: &'a Segmentation,
    /// What Otsu's threshold made of them.
    pub baseline: &'a Segmentation,
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:76em;padding:0 1em;color:#1b1f24}\
h1{font-size:1.6em}table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .9em;text-align:right;border-bottom:1px solid #d8dee4}\
td:first-child,th:first-child{text-align:left}.row{display:grid;grid-template-columns:repeat(4,1fr);gap:.6em;margin:0 0 .4em}\
.row img{width:100%;display:block;background:#000}.head{position:sticky;top:0;background:#fff;font-weight:600;padding:.4em 0}\
p.name{margin:1.2em 0 .2em;font-size:.85em;color:#57606a;overflow-wrap:anywhere}svg{margin-right:1.5em}\
polyline{fill:none;stroke:#0969da;stroke-width:1.6}.grid{stroke:#d8dee4}.tick{font-size:11px;fill:#57606a}.title{font-size:13px;font-weight:600}";

/// The page as HTML.
///
/// # Errors
/// Those of reading the images, labels and the package.
pub fn page(story: &Story<'_>) -> Result<String> {
    let mut html = String::from("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Fewlabel demo</title>");
    html += &format!("<style>{STYLE}</style></head><body><h1>Fewlabel demo</h1>\n");
    let record = Record::of(story.model)?;
    html += &introduction(story.trained, &record);
    html += &score_table(story);
    html += "<h2>Learning</h2>\n<div>";
    for curve in record.curves() {
        html += &svg(&curve);
    }
    html += "</div>\n<h2>Images that the model had not seen</h2>\n";
    html += "<div class=\"row head\"><span>image</span><span>truth</span><span>ours</span><span>Otsu</span></div>\n";
    for scored in &story.ours.scores.images {
        html += &image_row(story, scored)?;
    }
    html += "</body></html>\n";
    Ok(html)
}

fn introduction(trained: &TrainResult, record: &Record) -> String {
    format!(
        "<p>Learned from {} objects in {} images, from scratch, in {:.0} s ({} steps). Each image below was segmented by that model; \
         Otsu is a threshold on the smoothed image, and needs no label.</p>\n<p>{}</p>\n",
        trained.labelled_objects,
        trained.labelled_images,
        trained.seconds,
        trained.steps,
        escaped(&record.methods)
    )
}

fn score_table(story: &Story<'_>) -> String {
    let mut html = format!("<table><tr><th>{} images</th><th>ours</th><th>Otsu</th></tr>\n", story.ours.scores.images.len());
    for row in scores::rows(&story.ours.scores, &story.baseline.scores) {
        html +=
            &format!("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", row.name, row.written(row.ours), row.written(row.baseline));
    }
    html + "</table>\n"
}

/// An image, its truth, what the model and what Otsu's threshold made of it, with outlines, each with its name.
///
/// # Errors
/// Those of reading the image and the labels.
pub fn panels(story: &Story<'_>, name: &str) -> Result<Vec<(&'static str, Panel)>> {
    let limits = Limits::default();
    let image = open(&story.data.join("images").join(format!("{name}.png")), &limits)?.plane(0, 0);
    let labels = |path: &Path| Ok::<_, Error>(open_labels(path, &limits)?.plane(0, 0));
    let predicted = |by: &Segmentation| labels(&by.labels.join(format!("{name}.labels.tif")));
    let planes = [
        ("image", Plane::filled(image.height, image.width, 0)),
        ("truth", labels(&story.data.join("labels").join(format!("{name}.png")))?),
        ("ours", predicted(story.ours)?),
        ("Otsu", predicted(story.baseline)?),
    ];
    Ok(planes.map(|(what, plane)| (what, draw_outlines(&image, &plane))).into())
}

fn image_row(story: &Story<'_>, scored: &ImageScores) -> Result<String> {
    let name = &scored.name;
    let ap50 = |images: &[ImageScores]| {
        let objects = images.iter().find(|other| other.name == *name).and_then(|other| other.objects.as_ref());
        objects.map_or_else(|| "-".to_owned(), |objects| format!("{:.2}", objects.ap50))
    };
    let (ours, otsu) = (ap50(&story.ours.scores.images), ap50(&story.baseline.scores.images));
    let mut html = format!("<p class=\"name\">{} &middot; AP50 ours {ours}, Otsu {otsu}</p>\n<div class=\"row\">", escaped(name));
    for (what, panel) in panels(story, name)? {
        let png = STANDARD.encode(encode_png_rgb(&panel)?);
        html += &format!("<img alt=\"{what}\" src=\"data:image/png;base64,{png}\">");
    }
    Ok(html + "</div>\n")
}

/// Text that may stand in HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_the_page() {
        assert_eq!(escaped("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
    }
}
