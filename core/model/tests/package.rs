//! Writing and reading packages of this program.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod reference;
mod support;

use std::io::Read;

use fewlabel_contract::{ErrorKind, Find, VolumePlane};
use fewlabel_model::{Citation, Normalisation, Package, PackageMeta, PixelSize, Preprocessing, Scope, Step, write_onnx};
use half::f16;
use support::{entries, package, package_of_kinds, rewrite};

fn written(package: &Package) -> (tempfile::TempDir, std::path::PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Kerne größer 5 µm.zip");
    let sha256 = package.write(&path, false).unwrap();
    (folder, path, sha256)
}

#[test]
fn what_is_written_is_read_back() {
    let mut package = package();
    package.meta.description = "Kerne: \"HeLa\" # 1".into();
    package.meta.authors = vec!["Zoë O'Neill".into()];
    package.meta.license = Some("CC-BY-4.0".into());
    package.meta.classes = [(1, "nucleus".into()), (7, "yes".into())].into();
    package.meta.object_diameter = Some(23.5);
    package.meta.size_range = Some((1e-7, 1e20));
    package.meta.image_diameters = Some((12.5, 49.0));
    package.meta.pixel_size = Some(PixelSize { size: 0.325, unit: "micrometer".into() });
    let (_folder, path, _) = written(&package);
    let read = Package::read(&path).unwrap();

    assert_eq!(read.meta, package.meta);
    assert_eq!(PackageMeta::read(&path).unwrap(), package.meta);
    assert_eq!(read.onnx, package.onnx);
    assert_eq!(read.test, package.test);
    assert_eq!(read.run, package.run);
    assert_eq!(read.cover_png, package.cover_png);
    let (network, weights) = read.checkpoint().unwrap();
    assert_eq!(Some(network), package.meta.network.as_ref());
    for (name, tensor) in package.weights.as_ref().unwrap() {
        assert_eq!(weights[name].shape, tensor.shape);
        for (&read, &written) in weights[name].data.iter().zip(&tensor.data) {
            assert_eq!(read, f16::from_f32(written).to_f32(), "{name}");
        }
    }
}

/// Whose data a model learned from stands beside the methods, in the description and for people. Nothing depends on it, so entries that
/// cannot be read refuse no model.
#[test]
fn data_that_wants_to_be_named_is_named() {
    let mut package = package();
    let of_doi = Citation { text: "Somebody, Nuclei".into(), doi: Some("10.1000/182".into()), url: None };
    let of_url = Citation { text: "Somebody else, Cells".into(), doi: None, url: Some("https://example.org/cells".into()) };
    package.meta.data = vec![of_doi, of_url];
    let (_folder, path, _) = written(&package);
    assert_eq!(PackageMeta::read(&path).unwrap().data, package.meta.data);
    let text = |name: &str| {
        let (_, bytes) = entries(&path).into_iter().find(|(entry, _)| entry == name).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    assert!(text("bioimageio.yaml").contains("10.1000/182") && text("bioimageio.yaml").contains("10.1016/j.neunet.2023.09.001"));
    assert!(text("README.md").contains("- Somebody else, Cells <https://example.org/cells>"));

    let strange = rewrite(&path, |name, bytes| match name {
        "bioimageio.yaml" => String::from_utf8(bytes).unwrap().replace("cite:", "cite: 3\nothers:").into_bytes(),
        _ => bytes,
    });
    assert_eq!(PackageMeta::read(&strange).unwrap().data, []);
}

/// Its images are of one size, its output is one pixel, its classes are those of the outputs.
#[test]
fn a_model_of_kinds_is_written_and_read_back() {
    let package = package_of_kinds();
    let (_folder, path, _) = written(&package);
    let read = Package::read(&path).unwrap();
    assert_eq!((&read.meta, &read.test), (&package.meta, &package.test));
    let entry = |name: &str| {
        let (_, bytes) = entries(&path).into_iter().find(|(entry, _)| entry == name).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let yaml: serde_json::Value = serde_saphyr::from_str(&entry("bioimageio.yaml")).unwrap();
    let sizes = |tensor: &str| [2, 3].map(|axis| yaml[tensor][0]["axes"][axis]["size"].clone());
    assert_eq!((sizes("inputs"), sizes("outputs")), ([8, 8].map(Into::into), [1, 1].map(Into::into)));
    assert_eq!(yaml["outputs"][0]["axes"][1]["channel_names"], serde_json::json!(["long, thin", "round", "µ"]));
    assert!(yaml["tags"].as_array().unwrap().contains(&"classification".into()));
    let readme = entry("README.md");
    for said in
        ["8 x 8 pixels", "tells kinds of whole images apart", "fewlabel classify", "probabilities of long, thin, round, µ"]
    {
        assert!(readme.contains(said), "{said}: {readme}");
    }
}

#[test]
fn kinds_that_do_not_fit_their_network_are_refused() {
    let refused = |change: &dyn Fn(&mut Package)| {
        let mut package = package_of_kinds();
        change(&mut package);
        let folder = tempfile::tempdir().unwrap();
        let error = package.write(&folder.path().join("m.zip"), false).unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadModel);
        error.to_string()
    };
    assert!(refused(&|p| p.meta.find = Some(Find::Areas)).contains("not what its network gives"));
    assert!(refused(&|p| p.meta.find = None).contains("has classes"));
    assert!(refused(&|p| drop(p.meta.classes.remove(&2))).contains("not those of the outputs"));
    assert!(refused(&|p| p.meta.output_channels.swap(0, 1)).contains("not those of the outputs"));
    assert!(refused(&|p| p.meta.input_size.step = 2).contains("one size"));
    assert!(refused(&|p| p.meta.input_size.min = 9).contains("one size"));
    assert!(refused(&|p| p.meta.halo = 8).contains("without a halo"));
    assert!(refused(&|p| p.meta.plane = Some(VolumePlane::Axial)).contains("cuts volumes"));
    assert!(refused(&|p| p.test = p.test.take().map(|(input, _)| (input.clone(), input))).contains("test tensors"));
    let mut package = package();
    package.meta.find = Some(Find::Kinds);
    let folder = tempfile::tempdir().unwrap();
    let error = package.write(&folder.path().join("m.zip"), false).unwrap_err();
    assert!(error.to_string().contains("not what its network gives"), "{error}");
    // What a stranger wrote into the description.
    let (_folder, path, _) = written(&package_of_kinds());
    let error = |from: &str, to: &str| {
        let changed = rewrite(&path, |name, bytes| match name {
            "bioimageio.yaml" => {
                let text = String::from_utf8(bytes).unwrap();
                assert!(text.contains(from), "{text}");
                text.replacen(from, to, 1).into_bytes()
            }
            _ => bytes,
        });
        Package::read(&changed).unwrap_err().to_string()
    };
    assert!(error("size: 1\n", "size: 2\n").contains("not one pixel"));
    assert!(error("find: kinds", "find: objects").contains("not what its network gives"));
    assert!(error("value: 3", "value: 4").contains("not those of the outputs"));
}

/// A model that has learned from unlabelled images only; the description says so by having no `find`.
#[test]
fn a_model_that_finds_nothing_yet_is_written_and_read_back() {
    let mut package = package();
    package.meta.find = None;
    package.meta.decoder = serde_json::Value::Null;
    let (_folder, path, _) = written(&package);
    let read = Package::read(&path).unwrap();
    assert_eq!(read.meta, package.meta);
    assert!(read.checkpoint().is_ok(), "training can go on from it");
    let file = |wanted: &str| {
        let (_, bytes) = entries(&path).into_iter().find(|(name, _)| name == wanted).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let yaml = file("bioimageio.yaml");
    assert!(!yaml.contains("find:") && yaml.contains("- pretraining\n"), "{yaml}");
    let readme = file("README.md");
    assert!(
        readme.contains("It finds nothing yet: it is a start for training.") && readme.contains("\n# Validation\n"),
        "{readme}"
    );

    let null = rewrite(&path, |name, bytes| match name {
        "bioimageio.yaml" => String::from_utf8(bytes).unwrap().replace("    halo: ", "    find: null\n    halo: ").into_bytes(),
        _ => bytes,
    });
    assert_ne!(std::fs::read(&null).unwrap(), std::fs::read(&path).unwrap());
    assert_eq!(PackageMeta::read(&null).unwrap(), package.meta);
}

/// A plane is remembered; without one nothing in the description tells that there could be any, so that older programs read it.
#[test]
fn the_plane_of_volumes_is_written_and_read_back() {
    let description = |path: &std::path::Path| {
        let (_, bytes) = entries(path).into_iter().find(|(name, _)| name == "bioimageio.yaml").unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let (_folder, path, _) = written(&package());
    let yaml = description(&path);
    assert!(yaml.contains("    format: 1\n") && !yaml.contains("plane"), "{yaml}");
    for plane in [VolumePlane::Axial, VolumePlane::Coronal, VolumePlane::Sagittal] {
        let mut package = package();
        package.meta.plane = Some(plane);
        let (_folder, path, _) = written(&package);
        let yaml = description(&path);
        assert!(yaml.contains("    format: 2\n") && yaml.contains(&format!("    plane: {}\n", plane.name())), "{yaml}");
        assert_eq!(Package::read(&path).unwrap().meta, package.meta);
        let (_, readme) = entries(&path).into_iter().find(|(name, _)| name == "README.md").unwrap();
        assert!(String::from_utf8(readme).unwrap().contains(plane.name()));
    }
}

#[test]
fn the_same_package_is_the_same_bytes_and_its_hash_is_told() {
    let package = package();
    let ((_a, first, sha256), (_b, second, again)) = (written(&package), written(&package));
    assert_eq!(sha256, again);
    let bytes = std::fs::read(&first).unwrap();
    assert_eq!(bytes, std::fs::read(second).unwrap());
    assert_eq!(sha256, support::sha256(&bytes));
    let names: Vec<String> = entries(&first).into_iter().map(|(name, _)| name).collect();
    let all = [
        "README.md",
        "bioimageio.yaml",
        "checkpoint.safetensors",
        "cover.png",
        "run.json",
        "test_input.npy",
        "test_output.npy",
        "weights.onnx",
    ];
    assert_eq!(names, all);
}

#[test]
fn an_existing_file_is_kept_unless_replacing_was_asked_for() {
    let package = package();
    let (folder, path, sha256) = written(&package);
    assert_eq!(package.write(&path, false).unwrap_err().kind, ErrorKind::InvalidRequest);
    assert_eq!(package.write(&path, true).unwrap(), sha256);
    assert_eq!(folder.path().read_dir().unwrap().count(), 1, "no temporary file stays behind");
}

#[test]
fn tensors_of_numpy_say_their_shape() {
    let (_folder, path, _) = written(&package());
    let (_, npy) = entries(&path).into_iter().find(|(name, _)| name == "test_input.npy").unwrap();
    assert_eq!(&npy[..8], b"\x93NUMPY\x01\x00");
    let header = std::str::from_utf8(&npy[10..128]).unwrap();
    assert!(header.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 8, 12), }"), "{header}");
    assert_eq!(npy.len(), 128 + 8 * 12 * 4);
}

#[test]
fn numbers_in_the_description_are_numbers_to_every_yaml_reader() {
    // YAML 1.1 takes a number with an exponent for text unless it has a dot and a sign: 1e-7.
    let mut package = package();
    package.meta.decoder = serde_json::json!({"seed": 1e-7, "large": 1e20, "whole": 3.0, "text": "1e-7"});
    package.meta.preprocessing =
        Preprocessing::Normalise(Normalisation { scope: Scope::Dataset(vec![(1e-7, 3e-5)]), ..Normalisation::default() });
    let (_folder, path, _) = written(&package);
    let yaml = entries(&path).into_iter().find(|(name, _)| name == "bioimageio.yaml").unwrap().1;
    let yaml = String::from_utf8(yaml).unwrap();
    let values = yaml.lines().filter_map(|line| line.rsplit(' ').next());
    let exponents = values.filter(|value| value.parse::<f64>().is_ok() && value.contains('e'));
    for value in exponents {
        assert!(value.contains('.') && (value.contains("e-") || value.contains("e+")), "{value} in\n{yaml}");
    }
    assert_eq!(Package::read(&path).unwrap().meta, package.meta);
}

/// The steps in the zoo's words do to a plane what this program does.
#[test]
fn the_zoo_steps_are_the_normalisation() {
    for scope in [Scope::Stack, Scope::Plane, Scope::Dataset(vec![(0.1, 0.7), (-1.0, 2.0)])] {
        let normalisation = Normalisation { scope, low: 3.0, high: 97.5 };
        let mut package = support::package_of(2);
        package.meta.preprocessing = Preprocessing::Normalise(normalisation.clone());
        let (_folder, path, _) = written(&package);
        let foreign =
            rewrite(&path, |name, bytes| if name == "bioimageio.yaml" { support::without_own_config(&bytes) } else { bytes });
        let read = Package::read(&foreign).unwrap();
        assert!(read.meta.foreign && read.weights.is_none());
        let Preprocessing::Steps(steps) = &read.meta.preprocessing else { panic!() };

        let plane = reference::random_maps(2, 20, 30, 4);
        let (mut ours, mut theirs) = (plane.clone(), plane.clone());
        let limits = normalisation.limits(|| [plane.clone()].into_iter()).unwrap();
        normalisation.apply(&mut ours, &limits);
        steps.iter().for_each(|step| step.apply(&mut theirs));
        for (a, b) in ours.data.iter().zip(&theirs.data) {
            assert!((a - b).abs() < 1e-6, "{a} {b} {steps:?}");
        }
    }
}

#[test]
fn a_checkpoint_keeps_what_16_bit_can() {
    let mut package = package();
    let weights = package.weights.as_mut().unwrap();
    // Too large for F16: this tensor is kept in BF16, the others are not.
    weights.get_mut("enc0.norm1.var").unwrap().data[0] = 1e6;
    let (_folder, path, _) = written(&package);
    let read = Package::read(&path).unwrap();
    let found = read.checkpoint().unwrap().1["enc0.norm1.var"].data[0];
    assert!((found - 1e6).abs() < 1e6 / 256.0, "{found}");
    let checkpoint = entries(&path).into_iter().find(|(name, _)| name == "checkpoint.safetensors").unwrap().1;
    let header = String::from_utf8_lossy(&checkpoint[8..2000]).into_owned();
    assert!(header.contains("BF16") && header.contains("\"F16\"") && header.contains("input_channels"), "{header}");
}

#[test]
fn parts_that_do_not_fit_together_are_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.zip");
    let refused = |change: &dyn Fn(&mut Package)| {
        let mut package = package();
        change(&mut package);
        let error = package.write(&path, false).unwrap_err();
        assert!(!path.exists() && folder.path().read_dir().unwrap().count() == 0);
        (error.kind, error.to_string())
    };
    let bad = |change: &dyn Fn(&mut Package)| {
        let (kind, text) = refused(change);
        assert_eq!(kind, ErrorKind::BadModel, "{text}");
        text
    };
    assert!(bad(&|p| p.meta.name = String::new()).contains("no readable name"));
    assert!(bad(&|p| p.meta.channels.push("second".into())).contains("channels are not those"));
    assert!(bad(&|p| p.meta.halo = 2).contains("halo is smaller"));
    assert!(bad(&|p| p.meta.object_diameter = Some(f64::NAN)).contains("a size is not"));
    assert!(bad(&|p| drop(p.meta.classes.insert(0, "nothing".into()))).contains("number 0"));
    assert!(bad(&|p| (p.meta.find, p.meta.classes) = (None, [(1, "cell".into())].into())).contains("finds nothing has classes"));
    assert!(bad(&|p| p.test.as_mut().unwrap().1.data[0] = f32::NAN).contains("not finite"));
    assert!(bad(&|p| p.test.as_mut().unwrap().1.channels = 1).contains("test tensors"));
    assert!(bad(&|p| drop(p.weights.as_mut().unwrap().remove("head.bias"))).contains("head.bias"));
    assert_eq!(refused(&|p| p.test = None).0, ErrorKind::Unsupported);
    assert_eq!(refused(&|p| p.weights = None).0, ErrorKind::Unsupported);
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    assert_eq!(package().write(&file.join("model.zip"), false).unwrap_err().kind, ErrorKind::Io);
}

/// The graph in the package is that of the unrounded weights.
#[test]
fn the_graph_stays_as_it_was_given() {
    let package = package();
    let (_folder, path, _) = written(&package);
    let network = package.meta.network.clone().unwrap();
    let onnx = write_onnx(&network, package.weights.as_ref().unwrap()).unwrap();
    assert_eq!(Package::read(&path).unwrap().onnx, onnx);
}

#[test]
fn the_readme_has_the_section_that_the_zoo_asks_for() {
    let (_folder, path, _) = written(&package());
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    zip.by_name("README.md").unwrap().read_to_string(&mut text).unwrap();
    assert!(text.starts_with("# random nuclei\n") && text.contains("\n# Validation\n"), "{text}");
}

#[test]
fn a_name_that_the_zoo_does_not_take_is_kept_for_us() {
    let mut package = package();
    package.meta.name = "µ/1".into();
    package.meta.find = Some(Find::Areas);
    let (_folder, path, _) = written(&package);
    assert_eq!(PackageMeta::read(&path).unwrap().name, "µ/1");
    let yaml = entries(&path).into_iter().find(|(name, _)| name == "bioimageio.yaml").unwrap().1;
    assert!(String::from_utf8(yaml).unwrap().contains("\nname: Fewlabel --1\n"));
}

#[test]
fn steps_that_are_known_are_all_read() {
    let steps = "
    - {id: ensure_dtype, kwargs: {dtype: float32}}
    - {id: zero_mean_unit_variance, kwargs: {axes: [y, x], eps: 0.001}}
    - {id: zero_mean_unit_variance}
    - {id: fixed_zero_mean_unit_variance, kwargs: {mean: [3], std: [2], axis: channel}}
    - {id: scale_range, kwargs: {axes: [channel, y, x], min_percentile: 5, max_percentile: 95.5}}
    - {id: scale_linear, kwargs: {gain: 2, offset: -1}}
    - {id: clip, kwargs: {min: 0}}
    - {id: sigmoid}
    - {id: binarize, kwargs: {threshold: 0.5}}";
    let (_folder, path) = support::foreign(steps, |yaml| yaml);
    let Preprocessing::Steps(read) = Package::read(&path).unwrap().meta.preprocessing else { panic!() };
    let all = fewlabel_model::PerChannel::All;
    assert_eq!(
        read,
        [
            Step::EnsureDtype { dtype: "float32".into() },
            Step::ZeroMeanUnitVariance { across_channels: false, eps: 0.001 },
            Step::ZeroMeanUnitVariance { across_channels: true, eps: 1e-6 },
            Step::FixedZeroMeanUnitVariance {
                mean: fewlabel_model::PerChannel::Each(vec![3.0]),
                std: fewlabel_model::PerChannel::Each(vec![2.0]),
            },
            Step::ScaleRange { across_channels: true, low: 5.0, high: 95.5, eps: 1e-6 },
            Step::ScaleLinear { gain: all(2.0), offset: all(-1.0) },
            Step::Clip { min: 0.0, max: f64::INFINITY },
            Step::Sigmoid,
            Step::Binarize { threshold: all(0.5) },
        ]
    );
}
