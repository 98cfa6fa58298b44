//! Outlines inside TIFFs: written by tifffile with roifile, and by ImageJ itself.

mod common;

use common::made;
use fewlabel_image::{LabelKind, Limits, Numbering, Outline, OutlineShape, Position, Shape, open_source, paint, read_outlines};

fn outlines(name: &str) -> Vec<Outline> {
    read_outlines(&made(name), &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn kind(name: &str) -> LabelKind {
    LabelKind::of(&made(name), &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn summary(name: &str) -> String {
    open_source(&made(name), &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}")).info().summary()
}

#[test]
fn an_overlay_holds_outlines_in_either_byte_order() {
    for name in ["overlay.tif", "overlay_big_endian.tif"] {
        let found = outlines(name);
        let told: Vec<_> = found.iter().map(|o| (o.name.as_deref(), o.group)).collect();
        assert_eq!(told, [(Some("square"), 1), (Some("triangle"), 2)], "{name}");
        let shape = Shape::plane(1, 29, 37);
        let labels = paint(&found, shape, (None, 0, 0), Numbering::Groups).expect("painted").labels;
        let count = |group: u32| labels.data.iter().filter(|&&value| value == group).count();
        assert_eq!((labels.at(3, 4), labels.at(12, 13), count(1)), (1, 1, 100), "{name}");
        assert!((60..=80).contains(&count(2)), "half of 12 x 12");
        assert_eq!(kind(name), LabelKind::Overlay(shape));
        assert!(summary(name).ends_with("no pixel size, 2 outlines in its overlay"), "{}", summary(name));
    }
    assert_eq!(
        open_source(&made("overlay_big_endian.tif"), &Limits::default()).expect("open").info().slice_labels,
        ["as outlined"]
    );
}

#[test]
fn a_selection_alone_is_an_outline_but_no_overlay() {
    let found = outlines("selection.tif");
    assert_eq!(found.iter().map(|o| o.name.as_deref()).collect::<Vec<_>>(), [Some("triangle")]);
    assert_eq!(kind("selection.tif"), LabelKind::Pixels);
    assert!(summary("selection.tif").ends_with("no pixel size"));
}

#[test]
fn imagejs_own_overlay_without_its_texts_and_bars() {
    let found = outlines("imagej_overlay.tif");
    let told: Vec<_> = found.iter().map(|o| (o.name.as_deref(), o.group, o.position)).collect();
    let there = Position { stack: 0, c: 0, z: 2, t: 1 };
    let everywhere = Position::default();
    assert_eq!(told, [(Some("everywhere"), 3, everywhere), (Some("there"), 0, there), (None, 0, everywhere)]);
    assert!(matches!(found[1].shape, OutlineShape::Oval { width: 8.0, height: 5.0, .. }));
    assert!(matches!(found[2].shape, OutlineShape::Line { .. }), "an arrow");
    assert_eq!(kind("imagej_overlay.tif"), LabelKind::Overlay(Shape { t: 2, z: 3, c: 2, y: 29, x: 37 }));
}

#[test]
fn other_files_hold_none() {
    for name in ["imagej.tif", "tiles_deflate.tif", "refused_cmyk.tif"] {
        assert_eq!(outlines(name), [], "{name}");
    }
    for name in ["imagej.tif", "grey8.png"] {
        assert_eq!(kind(name), LabelKind::Pixels, "{name}");
    }
    assert!(LabelKind::of(&made("refused_cmyk.tif"), &Limits::default()).is_err());
    for (name, expected) in [("none.roi", LabelKind::Outlines), ("a.GeoJSON", LabelKind::Outlines), ("a.npy", LabelKind::Pixels)]
    {
        assert_eq!(kind(name), expected, "a file that is not there is missed when it is read");
    }
}
