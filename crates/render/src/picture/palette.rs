//! Colours.
//!
//! Heat is viridis (S. van der Walt and N. Smith, matplotlib 1.5, CC0), from its nine equally spaced
//! control points. The sides are the orange and blue of the set by M. Okabe and K. Ito ("Color Universal
//! Design", 2008), which readers with any colour vision tell apart; a band of leverage is a shade of its
//! side, stronger for higher leverage. Colour is never the only carrier: position, arrow and word say the
//! same.

use liqlens_query::document::SideName;

use super::Theme;
use crate::scene::Rgb;

const VIRIDIS: [Rgb; 9] = [
    Rgb(0x44, 0x01, 0x54),
    Rgb(0x47, 0x2d, 0x7b),
    Rgb(0x3b, 0x52, 0x8b),
    Rgb(0x2c, 0x72, 0x8e),
    Rgb(0x21, 0x90, 0x8c),
    Rgb(0x27, 0xad, 0x81),
    Rgb(0x5d, 0xc8, 0x63),
    Rgb(0xaa, 0xdc, 0x32),
    Rgb(0xfd, 0xe7, 0x25),
];

/// Viridis at 0 (darkest) to 1.
pub(crate) fn viridis(share: f64) -> Rgb {
    let at = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) * 8.0 };
    // A step function of small range: no table index is ever computed from an unchecked float.
    let lower = (0..8_u8).rev().find(|step| f64::from(*step) <= at).unwrap_or(0);
    let (from, to) = (VIRIDIS[usize::from(lower)], VIRIDIS[usize::from(lower) + 1]);
    mix(from, to, at - f64::from(lower))
}

/// The colour a share of the way between two, in sRGB.
pub(crate) fn mix(from: Rgb, to: Rgb, share: f64) -> Rgb {
    let channel = |from: u8, to: u8| {
        let value = f64::from(from) + (f64::from(to) - f64::from(from)) * share.clamp(0.0, 1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between two bytes
        let byte = value.round() as u8;
        byte
    };
    Rgb(channel(from.0, to.0), channel(from.1, to.1), channel(from.2, to.2))
}

/// The colours of one theme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Palette {
    pub(crate) background: Rgb,
    /// Plot area, a shade off the background.
    pub(crate) panel: Rgb,
    pub(crate) ink: Rgb,
    pub(crate) muted: Rgb,
    pub(crate) grid: Rgb,
    pub(crate) axis: Rgb,
    /// Ground and lines of missing data.
    pub(crate) missing: (Rgb, Rgb),
    /// Shades of longs and shorts, lowest leverage first.
    long: [Rgb; 5],
    short: [Rgb; 5],
    /// Lines and words of a side.
    long_line: Rgb,
    short_line: Rgb,
}

impl Palette {
    pub(crate) const fn of(theme: Theme) -> Self {
        match theme {
            Theme::Light => LIGHT,
            Theme::Dark => DARK,
        }
    }

    /// Fill of a band; bands are spread over the five shades, so that the last is always the strongest.
    pub(crate) fn band(&self, side: SideName, band: usize, bands: usize) -> Rgb {
        let shades = match side {
            SideName::Long => &self.long,
            SideName::Short => &self.short,
        };
        let last = shades.len() - 1;
        let place = match bands {
            0 | 1 => 3,
            _ => (band.min(bands - 1) * last + (bands - 1) / 2) / (bands - 1),
        };
        shades[place.min(last)]
    }

    /// Lines and words of a side.
    pub(crate) const fn side(&self, side: SideName) -> Rgb {
        match side {
            SideName::Long => self.long_line,
            SideName::Short => self.short_line,
        }
    }
}

const LIGHT: Palette = Palette {
    background: Rgb(0xff, 0xff, 0xff),
    panel: Rgb(0xf7, 0xf8, 0xfa),
    ink: Rgb(0x17, 0x1d, 0x26),
    muted: Rgb(0x5a, 0x66, 0x75),
    grid: Rgb(0xe3, 0xe7, 0xec),
    axis: Rgb(0xb4, 0xbd, 0xc8),
    missing: (Rgb(0xe4, 0xe7, 0xeb), Rgb(0xa3, 0xac, 0xb8)),
    long: [
        Rgb(0xf9, 0xdc, 0xa8),
        Rgb(0xf3, 0xbf, 0x62),
        Rgb(0xe6, 0x9f, 0x00),
        Rgb(0xd5, 0x76, 0x00),
        Rgb(0xb0, 0x4a, 0x00),
    ],
    short: [
        Rgb(0xbd, 0xdd, 0xf3),
        Rgb(0x88, 0xc6, 0xec),
        Rgb(0x56, 0xb4, 0xe9),
        Rgb(0x1f, 0x86, 0xc6),
        Rgb(0x00, 0x5a, 0x94),
    ],
    long_line: Rgb(0xa8, 0x47, 0x00),
    short_line: Rgb(0x00, 0x62, 0x9e),
};

const DARK: Palette = Palette {
    background: Rgb(0x0e, 0x13, 0x1a),
    panel: Rgb(0x13, 0x19, 0x22),
    ink: Rgb(0xea, 0xee, 0xf3),
    muted: Rgb(0x9a, 0xa6, 0xb4),
    grid: Rgb(0x24, 0x2d, 0x39),
    axis: Rgb(0x45, 0x51, 0x60),
    missing: (Rgb(0x26, 0x2d, 0x37), Rgb(0x56, 0x61, 0x70)),
    long: [
        Rgb(0x66, 0x38, 0x0c),
        Rgb(0x94, 0x54, 0x0a),
        Rgb(0xc4, 0x78, 0x08),
        Rgb(0xf0, 0xa6, 0x1e),
        Rgb(0xff, 0xd5, 0x85),
    ],
    short: [
        Rgb(0x10, 0x3f, 0x66),
        Rgb(0x13, 0x5c, 0x94),
        Rgb(0x1f, 0x84, 0xc8),
        Rgb(0x56, 0xb4, 0xe9),
        Rgb(0xb4, 0xdf, 0xfa),
    ],
    long_line: Rgb(0xf7, 0xb0, 0x3c),
    short_line: Rgb(0x6c, 0xbf, 0xef),
};

#[cfg(test)]
mod tests {
    use super::*;

    /// G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation of
    /// Color Vision Deficiency", 2009: matrices of severity 1.0 for linear RGB (protan, deutan, tritan).
    const MACHADO: [[[f64; 3]; 3]; 3] = [
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ];
    const NORMAL: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    /// IEC 61966-2-1: linear sRGB to CIE XYZ (D65).
    const XYZ: [[f64; 3]; 3] = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]];

    fn linear(colour: Rgb) -> [f64; 3] {
        [colour.0, colour.1, colour.2].map(|byte| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn times(matrix: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| (row[0] * v[0] + row[1] * v[1] + row[2] * v[2]).clamp(0.0, 1.0))
    }

    /// CIE 1976 L*a*b*.
    fn lab(linear: [f64; 3]) -> [f64; 3] {
        let xyz = times(&XYZ, linear);
        let f = |value: f64, white: f64| {
            let t = value / white;
            if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 }
        };
        let (x, y, z) = (f(xyz[0], 0.950_47), f(xyz[1], 1.0), f(xyz[2], 1.088_83));
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn difference(a: Rgb, b: Rgb, matrix: &[[f64; 3]; 3]) -> f64 {
        let (a, b) = (lab(times(matrix, linear(a))), lab(times(matrix, linear(b))));
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let luminance = |colour| {
            let [r, g, b] = linear(colour);
            0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
        };
        let (a, b) = (luminance(a), luminance(b));
        a.max(b) / a.min(b)
    }

    #[test]
    fn lab_agrees_with_the_published_value_of_pure_red() {
        let [l, a, b] = lab(linear(Rgb(255, 0, 0)));
        assert!((l - 53.24).abs() < 0.1 && (a - 80.09).abs() < 0.1 && (b - 67.20).abs() < 0.1);
    }

    /// UX-N7.
    #[test]
    fn sides_stay_apart_for_every_colour_vision_in_both_themes() {
        for theme in [Theme::Light, Theme::Dark] {
            let palette = Palette::of(theme);
            for matrix in [NORMAL].iter().chain(&MACHADO) {
                for long in palette.long.iter().chain([&palette.long_line]) {
                    for short in palette.short.iter().chain([&palette.short_line]) {
                        let apart = difference(*long, *short, matrix);
                        assert!(apart >= 20.0, "{theme:?} {long} {short}: {apart:.1} {matrix:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn neighbouring_shades_differ_and_texts_are_readable() {
        for theme in [Theme::Light, Theme::Dark] {
            let palette = Palette::of(theme);
            for shades in [palette.long, palette.short] {
                for pair in shades.windows(2) {
                    assert!(
                        difference(pair[0], pair[1], &NORMAL) >= 10.0,
                        "{theme:?} {} {}",
                        pair[0],
                        pair[1]
                    );
                }
            }
            for text in [palette.ink, palette.muted, palette.long_line, palette.short_line] {
                // WCAG 2.2 AA for normal text.
                assert!(contrast(text, palette.background) >= 4.5, "{theme:?} {text}");
                assert!(contrast(text, palette.panel) >= 4.5, "{theme:?} {text}");
            }
        }
    }

    #[test]
    fn viridis_hits_its_control_points_and_only_brightens() {
        for (at, colour) in VIRIDIS.iter().enumerate() {
            assert_eq!(viridis(at as f64 / 8.0), *colour);
        }
        assert_eq!(viridis(f64::NAN), VIRIDIS[0]);
        let lightness: Vec<f64> =
            (0..=100).map(|at| lab(linear(viridis(f64::from(at) / 100.0)))[0]).collect();
        assert!(lightness.windows(2).all(|pair| pair[1] > pair[0] - 0.05), "{lightness:?}");
    }

    #[test]
    fn bands_use_the_whole_ramp() {
        let palette = Palette::of(Theme::Light);
        let shades: Vec<Rgb> = (0..5).map(|band| palette.band(SideName::Long, band, 5)).collect();
        assert_eq!(shades, palette.long);
        assert_eq!(palette.band(SideName::Short, 1, 2), palette.short[4]);
        assert_eq!(palette.band(SideName::Short, 9, 3), palette.short[4]);
    }
}
