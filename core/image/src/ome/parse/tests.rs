use fewlabel_contract::{Error, ErrorKind};
use proptest::prelude::*;

use super::*;
use crate::{Calibration, PixelType, Shape};

/// What Bio-Formats writes, shortened.
const BIO_FORMATS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="no"?><!-- a comment -->
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" Creator="OME Bio-Formats 7.3.0"
     UUID="urn:uuid:45C8BF18-6aa2-478c-9080-e0b0d3eb1f70">
  <Instrument ID="Instrument:0"><Objective ID="Objective:0:0" NominalMagnification="63.0"/></Instrument>
  <Image ID="Image:0" Name="kidney &amp; &quot;glomeruli&quot; &#956;">
    <AcquisitionDate>2016-01-22T12:00:00</AcquisitionDate>
    <Pixels BigEndian="false" DimensionOrder="XYCZT" ID="Pixels:0" Interleaved="false" PhysicalSizeX="0.325"
            PhysicalSizeXUnit="µm" PhysicalSizeY="325.0" PhysicalSizeYUnit="nm" PhysicalSizeZ="0.0015" PhysicalSizeZUnit="mm"
            SignificantBits="12" SizeC="2" SizeT="1" SizeX="512" SizeY="256" SizeZ="3" TimeIncrement="1.5"
            TimeIncrementUnit="min" Type="uint16">
      <Channel Color="-16776961" ID="Channel:0:0" Name="DAPI" SamplesPerPixel="1"><LightPath/></Channel>
      <Channel Color="16711935" ID="Channel:0:1" SamplesPerPixel="1"/>
      <TiffData FirstC="0" FirstT="0" FirstZ="0" IFD="0" PlaneCount="6">
        <UUID FileName="renamed since.ome.tif">
          urn:uuid:45c8bf18-6aa2-478c-9080-e0b0d3eb1f70
        </UUID>
      </TiffData>
      <Plane TheC="0" TheT="0" TheZ="0" DeltaT="0.1"/>
    </Pixels>
  </Image>
  <Image ID="Image:1" Name=""><Pixels ID="Pixels:1" DimensionOrder="XYZTC" Type="bit" SizeX="4" SizeY="4" SizeZ="1" SizeC="3"
     SizeT="1" PhysicalSizeX="1" PhysicalSizeXUnit="pixel" PhysicalSizeZ="2"><Channel ID="Channel:1:0" SamplesPerPixel="3"/>
     <TiffData/></Pixels></Image>
</OME>"#;

fn parse(text: &str) -> Result<Option<Ome>> {
    Ome::parse(text, &Limits::default())
}

fn images(text: &str) -> Vec<Series> {
    match parse(text).expect("read") {
        Some(Ome::Images(images)) => images,
        other => panic!("{other:?}"),
    }
}

/// A document with this in its only `Pixels`.
fn pixels(attributes: &str, content: &str) -> String {
    format!(
        "<OME><Image><Pixels DimensionOrder='XYCZT' Type='float' SizeX='2' SizeY='2' SizeZ='1' SizeC='1' SizeT='1' \
         {attributes}>{content}</Pixels></Image></OME>"
    )
}

fn refused(text: &str) -> Error {
    parse(text).expect_err(text)
}

#[test]
fn a_document_of_bio_formats() {
    let images = images(BIO_FORMATS);
    let [first, second] = &images[..] else { panic!("{images:?}") };
    assert_eq!(first.name.as_deref(), Some("kidney & \"glomeruli\" μ"));
    assert_eq!(first.shape, Shape { t: 1, z: 3, c: 2, y: 256, x: 512 });
    assert_eq!(first.pixel_type, Some(PixelType::U16));
    assert_eq!(
        first.calibration(),
        Calibration { x: Some(0.325), y: Some(0.325), z: Some(1.5), unit: Some("µm".into()), frame_interval: Some(90.0) }
    );
    assert_eq!(first.channel_names(), ["DAPI", ""]);
    let colours: Vec<_> = first.channels.iter().map(|channel| channel.colour).collect();
    assert_eq!(colours, [Some([255, 0, 0, 255]), Some([0, 255, 0, 255])]);
    // The UUID says that the pages are here, whatever the file is called now.
    assert_eq!(first.planes(6, "now.ome.tif").expect("pages"), [0, 1, 2, 3, 4, 5]);
    assert_eq!((second.name.as_deref(), second.pixel_type, second.channel_names().len()), (None, None, 0));
    assert_eq!((second.calibration().x, second.calibration().z), (None, Some(2.0)));
    assert_eq!(second.planes(6, "now.ome.tif").expect("pages"), [0]);
}

#[test]
fn parts_of_a_set_of_files() {
    let part = |own: &str, uuid: &str| {
        let block = format!("<TiffData IFD='0'>{uuid}</TiffData>");
        images(&pixels("", &block).replace("<OME>", &format!("<OME {own}>")))[0].planes(1, "this.tif").map_err(|e| e.to_string())
    };
    assert_eq!(part("UUID='urn:uuid:1'", "<UUID>urn:<!-- -->uuid:1</UUID>"), Ok(vec![0]));
    assert_eq!(part("", "<UUID>urn:uuid:1</UUID>"), Ok(vec![0]));
    assert_eq!(part("", "<UUID FileName='this.tif'>urn:uuid:1</UUID>"), Ok(vec![0]));
    assert_eq!(part("UUID='urn:uuid:1'", "<UUID FileName='this.tif'>urn:uuid:2</UUID>"), Ok(vec![0]));
    assert!(part("", "<UUID FileName='b&amp;c.tif'>urn:uuid:1</UUID>").is_err_and(|e| e.contains("b&c.tif")));
    assert!(part("UUID='urn:uuid:1'", "<UUID>urn:&#117;uid:<![CDATA[2]]></UUID>").is_err_and(|e| e.contains("urn:uuid:2")));
}

#[test]
fn a_companion_file_is_named() {
    let text = "<ome:OME xmlns:ome='x'><ome:BinaryOnly MetadataFile='set.companion.ome' UUID='urn:uuid:1'/></ome:OME>\0";
    let found = parse(text).expect("read");
    assert_eq!(found, Some(Ome::BinaryOnly { metadata_file: "set.companion.ome".into() }));
    assert!(refused("<OME><BinaryOnly/></OME>").message.contains("which file describes it"));
}

#[test]
fn the_schema_of_2008_is_understood() {
    let text = "<OME><Image Name='old'><LogicalChannel Name='colours' SamplesPerPixel='3'/><Pixels DimensionOrder='XYZTC' \
                PixelType='Uint8' SizeX='2' SizeY='2' SizeZ='2' SizeC='3' SizeT='1'><TiffData IFD='0' NumPlanes='2'/></Pixels>\
                </Image></OME>";
    let image = &images(text)[0];
    assert_eq!((image.pixel_type, image.channels[0].samples), (Some(PixelType::U8), 3));
    assert_eq!(image.planes(2, "").expect("pages"), [0, 1]);
}

#[test]
fn other_descriptions_are_not_ome_xml() {
    for text in
        ["", "ImageJ=1.54p\nimages=3", "<", "<svg/>", "<a><OME/></a>", "{\"shape\": [1]}", "OME", "text <OME/>", "<?", "<OME"]
    {
        assert_eq!(parse(text).expect("not damaged"), None, "{text}");
    }
    // A document type is only seen where it stands before the first element.
    assert_eq!(parse("<!DOCTYPE OME [<!ENTITY a 'b'>]><OME/>").expect("not damaged"), None);
}

#[test]
fn bad_documents_are_refused() {
    let good = pixels("", "<TiffData/>");
    assert!(parse(&good).is_ok());
    for (text, message) in [
        ("<OME>".to_owned(), "cut short"),
        (good[..good.len() - 5].to_owned(), "cut short"),
        (good.replace("</Pixels>", "</Pixel>"), "damaged"),
        (good.replace("<TiffData/>", "<TiffData IFD='0' IFD='1'/>"), "damaged"),
        (good.replace("<TiffData/>", "<TiffData IFD='-1'/>"), "too large"),
        (good.replace("SizeX='2'", "SizeX='4294967296'"), "too large"),
        (good.replace("SizeX='2'", "SizeX='0'"), "no length"),
        (good.replace("SizeX='2'", ""), "no length"),
        (good.replace("XYCZT", "XYCCT"), "order of planes"),
        ("<OME/>".to_owned(), "no image"),
        ("<OME><Image/></OME>".to_owned(), "no pixels"),
        (good.replace("<TiffData/>", "<TiffData><UUID>&boom;</UUID></TiffData>"), "entities"),
        (good.replace("<TiffData/>", "&boom;"), "entities"),
        (good.replace("<TiffData/>", "<TiffData IFD='&boom;'/>"), "damaged"),
        (good.replace("<Image>", "<!DOCTYPE a [<!ENTITY boom 'b'>]><Image>"), "entities"),
    ] {
        let error = refused(&text);
        assert!(error.kind == ErrorKind::UnreadableImage && error.message.contains(message), "{text}: {error}");
    }
    let twice = good.replace("</Image>", "<Pixels DimensionOrder='XYCZT'/></Image>");
    assert_eq!(refused(&twice).kind, ErrorKind::Unsupported);
}

#[test]
fn limits_hold() {
    let deep = |depth: usize| pixels("", &format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth)));
    assert!(parse(&deep(DEEPEST - 3)).is_ok());
    assert!(refused(&deep(DEEPEST - 2)).message.contains("deeper"));
    assert!(refused(&pixels("", &"<a/>".repeat(MOST_ELEMENTS))).message.contains("elements"));
    assert!(refused(&pixels("", &" ".repeat(LONGEST))).message.contains("longer"));
    let few = Limits { pages: 2, ..Limits::default() };
    let error = Ome::parse(&pixels("", &"<TiffData/>".repeat(3)), &few).expect_err("refused");
    assert_eq!(error.kind, ErrorKind::LimitExceeded, "{error}");
    let error = Ome::parse(&format!("<OME>{}</OME>", pixels("", "").replace("OME", "a").repeat(3)), &few).expect_err("refused");
    assert_eq!(error.kind, ErrorKind::UnreadableImage, "images elsewhere do not count: {error}");
    let image = pixels("", "").replace("<OME>", "").replace("</OME>", "");
    let error = Ome::parse(&format!("<OME>{}</OME>", image.repeat(3)), &few).expect_err("refused");
    assert!(error.message.contains("more images"), "{error}");
}

#[test]
fn slice_labels_of_huge_images_are_left_out() {
    let labels = "<StructuredAnnotations><MapAnnotation Namespace='fewlabel/slice-labels'><Value><M K='0'>a</M><M K='9'>b</M>\
                  <M>c</M></Value></MapAnnotation></StructuredAnnotations></OME>";
    let text = pixels("", "").replace("</OME>", labels);
    assert_eq!(images(&text)[0].slice_labels, ["a"]);
    let huge = text.replace("SizeZ='1'", "SizeZ='2147483647'").replace("SizeT='1'", "SizeT='2147483647'");
    assert!(images(&huge)[0].slice_labels.is_empty());
    assert!(images(&text.replace("fewlabel/", "other/"))[0].slice_labels.is_empty());
}

proptest! {
    #[test]
    fn no_text_panics(text in "(<|>|OME|Image|Pixels|/|&|;|#|x|'|\"|=| |!--|-->|\\[CDATA\\[|\\]\\]>|\\?|µ){0,60}") {
        let _ = parse(&text);
        let _ = parse(&format!("<OME>{text}</OME>"));
    }

    #[test]
    fn no_damage_panics(at in 0..BIO_FORMATS.len(), length in 0_usize..40, with in ".{0,4}") {
        let cut = |at: usize| (0..=at).rev().find(|&at| BIO_FORMATS.is_char_boundary(at)).unwrap_or(0);
        let (from, to) = (cut(at), cut((at + length).min(BIO_FORMATS.len())));
        let text = format!("{}{with}{}", &BIO_FORMATS[..from], &BIO_FORMATS[to..]);
        if let Ok(Some(Ome::Images(images))) = parse(&text) {
            for image in images {
                let _ = image.planes(8, "this.tif");
                let _ = image.calibration();
            }
        }
    }
}
