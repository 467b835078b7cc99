#![allow(clippy::unwrap_used)]
use resvg::usvg::roxmltree::Document;

use super::{
    Caption, Figure, Limit, PlotError, Style, breakdown, histogram, ladder, lines, sankey, stacked,
    tornado,
};
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

/// The extremes of what a caller may pass: a drawing or a typed error, never a panic or a NaN.
#[test]
#[allow(clippy::inconsistent_struct_constructor)] // Shorthand fields read best in the order they are made.
fn extreme_numbers_give_a_drawing_or_an_error() {
    let style = Style::default();
    let sound = |result: Result<Figure, PlotError>| {
        if let Ok(figure) = result {
            assert!(
                !figure.svg().contains("NaN") && !figure.svg().contains(">inf"),
                "{}",
                figure.svg()
            );
            Document::parse(figure.svg()).unwrap();
        }
    };
    let extremes = [
        0.0,
        -0.0,
        1e-320,
        1e-12,
        1.0,
        1e15,
        1e300,
        f64::MAX,
        -1e-320,
        -1.0,
        f64::MIN,
    ];
    for a in extremes {
        for b in extremes {
            let limits = vec![Limit {
                label: "limit".into(),
                value: b,
            }];
            let points = vec![(a, Some(b)), (b, Some(a))];
            for spacing in [super::Spacing::Linear, super::Spacing::Logarithmic] {
                let series = vec![lines::Series {
                    name: "s".into(),
                    points: points.clone(),
                }];
                let limits = limits.clone();
                sound(lines::draw(
                    &lines::Data {
                        series,
                        limits,
                        spacing,
                        ..lines::Data::default()
                    },
                    &style,
                ));
                let one = histogram::Distribution {
                    values: vec![a, b],
                    limits: limits_of(a),
                    ..Default::default()
                };
                let data = histogram::Data {
                    distributions: vec![one],
                    spacing,
                    ..histogram::Data::default()
                };
                sound(histogram::draw(&data, &style));
            }
            let nodes = ["a", "b", "c"]
                .map(|label| sankey::Node {
                    label: label.into(),
                    column: None,
                })
                .to_vec();
            let link = |to, value| sankey::Link {
                from: 0,
                to,
                value,
                carrier: Carrier::Air,
            };
            let links = vec![link(1, a), link(2, b)];
            sound(sankey::draw(
                &sankey::Data {
                    nodes,
                    links,
                    ..sankey::Data::default()
                },
                &style,
            ));
            let series = vec![ladder::Series {
                name: "s".into(),
                values: vec![Some(a), Some(b)],
            }];
            let stations = vec!["x".into(), "y".into()];
            sound(ladder::draw(
                &ladder::Data {
                    series,
                    stations,
                    ..ladder::Data::default()
                },
                &style,
            ));
            let layers = vec![stacked::Layer {
                values: vec![a, b],
                ..stacked::Layer::default()
            }];
            let columns = vec!["x".into(), "y".into()];
            sound(stacked::draw(
                &stacked::Data {
                    layers,
                    columns,
                    ..stacked::Data::default()
                },
                &style,
            ));
            let inputs = vec![tornado::Input {
                low: a,
                high: b,
                ..tornado::Input::default()
            }];
            sound(tornado::draw(
                &tornado::Data {
                    base: a,
                    inputs,
                    ..tornado::Data::default()
                },
                &style,
            ));
            let uses = vec![breakdown::Use {
                label: "u".into(),
                power: a,
                carrier: Carrier::Loss,
            }];
            sound(breakdown::draw(
                &breakdown::Data {
                    base: b,
                    uses,
                    ..breakdown::Data::default()
                },
                &style,
            ));
        }
    }
}

fn limits_of(value: f64) -> Vec<Limit> {
    vec![Limit {
        label: "limit".into(),
        value,
    }]
}
