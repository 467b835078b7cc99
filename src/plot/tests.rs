#![allow(clippy::unwrap_used)]
use resvg::usvg::roxmltree::Document;

use super::{Caption, Figure, PlotError, Style, breakdown};
use crate::plot::style::Carrier;

fn figure(style: &Style) -> Figure {
    let data = breakdown::Data {
        caption: Caption {
            title: "Where <b>PUE</b> & \"all\" comes from".into(),
            subtitle: "subtitle ".repeat(60),
            footnote: "Source: données d'essai".into(),
        },
        ratio: "PUE".into(),
        unit: "MW".into(),
        base_label: "IT".into(),
        base: 100.0,
        uses: vec![breakdown::Use {
            label: "Fans".into(),
            power: 4.0,
            carrier: Carrier::Air,
        }],
        legend: Default::default(),
    };
    breakdown::draw(&data, style).unwrap()
}

#[test]
fn the_svg_is_well_formed_and_as_wide_as_asked() {
    let style = Style {
        width: 700.0,
        ..Style::default()
    };
    let figure = figure(&style);
    let document = Document::parse(figure.svg()).unwrap();
    assert_eq!(document.root_element().attribute("width"), Some("700"));
    assert!(!figure.svg().contains("NaN") && !figure.svg().contains("inf"));
    let title = document
        .descendants()
        .find(|node| node.has_tag_name("title"))
        .unwrap();
    assert_eq!(title.text(), Some("Where <b>PUE</b> & \"all\" comes from"));
}

#[test]
fn the_png_has_the_scaled_size_of_the_svg_and_the_same_bytes_each_time() {
    let figure = figure(&Style::default());
    let png = figure.png(2.0).unwrap();
    assert_eq!(&png[1..4], b"PNG");
    // Width and height are big-endian in the header chunk, at bytes 16 and 20.
    assert_eq!(u32::from_be_bytes(png[16..20].try_into().unwrap()), 1920);
    assert_eq!(png, figure.png(2.0).unwrap());
}

#[test]
fn scales_that_make_no_picture_are_refused() {
    let figure = figure(&Style::default());
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e6] {
        assert!(
            matches!(
                figure.png(scale),
                Err(PlotError::Range {
                    what: "PNG scale",
                    ..
                })
            ),
            "{scale}"
        );
    }
}

#[test]
fn sizes_out_of_range_are_refused() {
    let caption = Caption::default();
    for style in [
        Style {
            width: 10.0,
            ..Style::default()
        },
        Style {
            width: f64::NAN,
            ..Style::default()
        },
        Style {
            text: 100.0,
            ..Style::default()
        },
        Style {
            height: Some(1.0),
            ..Style::default()
        },
    ] {
        assert!(
            super::sheet::Sheet::new(&caption, &style).is_err(),
            "{style:?}"
        );
    }
}
