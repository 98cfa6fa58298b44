//! The text for people that lies in a package.

use fewlabel_contract::Find;

use super::{Citation, PackageMeta};
use crate::{Network, Normalisation, Scope};

/// How good a model is at finding.
const OF_LABELS: &str = "Segment labelled images that the model has not seen (`run.json` lists those it has) and compare:\n\n\
```\nfewlabel segment --model MODEL IMAGES --output PREDICTIONS\nfewlabel evaluate --predictions PREDICTIONS --labels LABELS\n```\n\n\
The decoder that turns the output maps into labels, and its thresholds, stand under `config.fewlabel` in `bioimageio.yaml`.\n";

/// How good a model is at telling kinds apart.
const OF_KINDS: &str = "Classify images whose kind is known and that the model has not seen (`run.json` lists those it has), and compare:\n\n\
```\nfewlabel classify --model MODEL IMAGES --output PREDICTIONS.csv\nfewlabel evaluate --find kinds --predictions PREDICTIONS.csv --labels LABELS\n```\n";

/// How good a model is as a start.
const OF_A_START: &str = "Train from it and from nothing on the same few labels, and compare what comes out on labelled images that neither has \
seen (`run.json` lists those that this model has):\n\n\
```\nfewlabel train --start MODEL --images IMAGES --labels LABELS --save WITH\n\
fewlabel train --start none --images IMAGES --labels LABELS --save WITHOUT\n```\n";

/// `README.md` of a package, in Markdown.
pub(super) fn text(meta: &PackageMeta, network: &Network, normalisation: &Normalisation) -> String {
    let what = match meta.find {
        Some(Find::Objects) => "finds separate objects, trained with Fewlabel from a few labels",
        Some(Find::Areas) => "finds areas, trained with Fewlabel from a few labels",
        Some(Find::Kinds) => "tells kinds of whole images apart, trained with Fewlabel from a few labels",
        None => "has learned with Fewlabel from images without labels. It finds nothing yet: it is a start for training",
    };
    let validation = match meta.find {
        Some(Find::Objects | Find::Areas) => OF_LABELS,
        Some(Find::Kinds) => OF_KINDS,
        None => OF_A_START,
    };
    let is_pooled = network.is_pooled();
    let network_is =
        if is_pooled { "The encoder of a U-Net, with a head on the means of its maps, that" } else { "A U-Net that" };
    let sizes = match is_pooled {
        true => format!(
            "{side} x {side} pixels. The whole image: its longer side is scaled to {side} pixels, it lies in the middle, the pixels of \
its edge fill the rest",
            side = meta.input_size.min
        ),
        false => format!("any height and width that are multiples of {}", network.stride()),
    };
    let padding = if is_pooled {
        ""
    } else {
        "- Tools that pad a whole image before they take percentiles get slightly other ones; run block by block (`bioimageio predict --blockwise`) they get the same.\n"
    };
    let output = if is_pooled { "probabilities of " } else { "" };
    let field = if is_pooled { "the whole image".to_owned() } else { format!("{} pixels", network.receptive_field()) };
    let channels = meta.channels.join(", ");
    let diameter = meta
        .object_diameter
        .map(|diameter| {
            format!(
                "- Objects it was trained on: about {diameter:.0} pixels in diameter. Scale images so that theirs are similar.\n"
            )
        })
        .unwrap_or_default();
    let classes: String = meta.classes.iter().map(|(value, name)| format!("- Label {value}: {name}.\n")).collect();
    let plane = meta
        .plane
        .map(|plane| format!("- Volumes are cut into {} planes; pixels of planes keep their shape.\n", plane.name()))
        .unwrap_or_default();
    let (low, high) = (normalisation.low, normalisation.high);
    let scope = match &normalisation.scope {
        Scope::Stack => format!(
            "each channel is scaled so that the percentiles {low} and {high} of the whole stack become 0 and 1; the zoo's tools do so plane by plane"
        ),
        Scope::Plane => format!("each channel of each plane is scaled so that its percentiles {low} and {high} become 0 and 1"),
        Scope::Dataset(_) => "each channel is scaled by values that were measured on the training images".to_owned(),
    };
    let data: String = meta.data.iter().map(|work| format!("- {}\n", cited(work))).collect();
    let data = if data.is_empty() { data } else { format!("# Data\n\n{data}\n") };
    format!(
        "# {name}\n\n{description}\n\n{network_is} {what}. \
Open it in Fewlabel, or run `weights.onnx` with the tools of bioimage.io.\n\n\
- Input: {channels}; {inputs} channel(s), {sizes}.\n\
- Output: {output}{outputs}.\n\
- Intensities: {scope}.\n\
{plane}{diameter}{classes}\
- Parameters: {parameters}. Receptive field: {field}.\n\
- `checkpoint.safetensors` holds the weights in 16 bit, each tensor in the type (F16 or BF16) that loses less; training goes on from them.\n\
{padding}\
- `run.json` is the record of the training: versions, request, images and labels seen, curves, scores.\n\n\
{data}# Validation\n\n{validation}",
        name = meta.name,
        description = meta.description,
        inputs = meta.channels.len(),
        outputs = meta.output_channels.join(", "),
        parameters = network.parameter_count(),
    )
}

fn cited(work: &Citation) -> String {
    let place = match (&work.doi, &work.url) {
        (Some(doi), _) => format!(" <https://doi.org/{doi}>"),
        (None, Some(url)) => format!(" <{url}>"),
        (None, None) => String::new(),
    };
    format!("{}{place}", work.text)
}
