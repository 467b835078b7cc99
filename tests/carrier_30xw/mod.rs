//! Carrier 30XW-P 1012, water-cooled screw chiller of about 1 MW: the warmest public table that was found.
//!
//! EN 14511, as in the Modelica Buildings library
//! (`Buildings/Fluid/Chillers/ModularReversible/Data/TableData2D/EN14511/Carrier30XWP1012_1MW.mo`).

/// Entering condenser water, degC.
pub const CONDENSER: [f64; 5] = [25.0, 30.0, 35.0, 40.0, 45.0];

/// Leaving chilled water, degC; heat, W, and power, W, at each of [`CONDENSER`].
pub const ROWS: [(f64, [f64; 5], [f64; 5]); 5] = [
    (
        5.0,
        [1003e3, 968e3, 932e3, 894e3, 854e3],
        [158_954.0, 181_955.0, 208_036.0, 237_766.0, 271_111.0],
    ),
    (
        7.0,
        [1054e3, 1035e3, 995e3, 954e3, 911e3],
        [159_215.0, 182_218.0, 208_159.0, 237_905.0, 271_131.0],
    ),
    (
        10.0,
        [1102e3, 1120e3, 1096e3, 1050e3, 1002e3],
        [159_479.0, 182_708.0, 208_762.0, 238_095.0, 271_545.0],
    ),
    (
        15.0,
        [1181e3, 1199e3, 1226e3, 1227e3, 1170e3],
        [160_462.0, 183_333.0, 209_573.0, 239_648.0, 272_727.0],
    ),
    (
        18.0,
        [1227e3, 1244e3, 1275e3, 1311e3, 1278e3],
        [161_024.0, 183_752.0, 210_396.0, 240_550.0, 274_249.0],
    ),
];
