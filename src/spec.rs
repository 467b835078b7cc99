//! Field lists: what a table of the hall file or of the library may hold.
//!
//! One list serves the reader (allowed keys, dimension, range, default), the JSON schema, the
//! book and the components' own access to their parameters. The [`fields!`](crate::fields) macro
//! writes the list and, beside it, a struct with one member a field, generic over the scalar, so
//! that a component reads its parameters by name and never by column number.
//!
//! Every field takes one slot of the parameter vector θ, in the order of the list:
//! a number its SI value, a choice the index of its option, a flag 0 or 1, a table of points
//! the index of its curve. An optional number that was left out is NaN in θ and `None` on access;
//! no other slot may hold NaN.

use num_dual::DualNum;

use crate::units::Dimension;

/// Scalars that equations are written in: `f64`, or a dual number that carries derivatives.
pub trait Scalar: DualNum<Primitive = f64> + Copy {}
impl<T: DualNum<Primitive = f64> + Copy> Scalar for T {}

/// What values a key takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FieldKind {
    /// A quantity with a dimension, inclusive bounds in SI.
    Number {
        /// Physical dimension.
        dimension: Dimension,
        /// Smallest allowed value, SI.
        min: f64,
        /// Largest allowed value, SI.
        max: f64,
    },
    /// One of these words; θ holds the index.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// Points of a curve, two columns; θ holds the index of the curve among the part's tables.
    Points {
        /// Dimension of the abscissa.
        x: Dimension,
        /// Dimension of the ordinate.
        y: Dimension,
    },
}

/// What holds when the key is absent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DefaultValue {
    /// The key must be given.
    Required,
    /// The key may be left out and then has no value.
    Unset,
    /// A number (SI), the index of a choice, or 0 and 1 for a flag.
    Value(f64),
}

/// One key: its name, meaning, values and default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// Key as written in the file.
    pub key: &'static str,
    /// Meaning, in a sentence.
    pub doc: &'static str,
    /// Values it takes.
    pub kind: FieldKind,
    /// Value when absent.
    pub default: DefaultValue,
}

/// Position of a key in a field list.
pub fn position(fields: &[Field], key: &str) -> Option<usize> {
    fields.iter().position(|field| field.key == key)
}

/// Lists fields and declares the struct through which equations read them.
///
/// ```
/// loopwatt::fields! {
///     /// A pipe.
///     pub struct Pipe {
///         /// Straight length.
///         length: number(Length, 0.0, 1e5),
///         /// Wall roughness.
///         roughness: number(Length, 0.0, 1e-2) = 1.5e-6,
///         /// Rating, where known.
///         rating: optional(Pressure, 0.0, 1e8),
///         /// Laying.
///         laying: choice("indoor", "buried") = 0.0,
///         /// Whether it is lagged.
///         lagged: flag = 0.0,
///     }
/// }
/// let pipe = Pipe::<f64>::load(&[12.0, 1e-5, f64::NAN, 1.0, 0.0]);
/// assert_eq!(pipe.length, 12.0);
/// assert_eq!(pipe.rating, None);
/// assert_eq!(Pipe::<f64>::FIELDS[0].key, "length");
/// ```
#[macro_export]
macro_rules! fields {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $key:ident : $kind:ident $(( $($arg:tt)* ))? $(= $default:expr)?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        pub struct $name<S> {
            $( $(#[doc = $doc])+ pub $key: $crate::field_type!(S, $kind), )*
            _scalar: ::core::marker::PhantomData<S>,
        }

        // `derive` does not see through the macros that give the members' types.
        #[allow(clippy::expl_impl_clone_on_copy)]
        impl<S: Copy> Clone for $name<S> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<S: Copy> Copy for $name<S> {}
        impl<S: PartialEq> PartialEq for $name<S> {
            fn eq(&self, other: &Self) -> bool {
                true $(&& self.$key == other.$key)*
            }
        }
        impl<S: ::core::fmt::Debug> ::core::fmt::Debug for $name<S> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($key), &self.$key))*.finish_non_exhaustive()
            }
        }

        impl<S: $crate::spec::Scalar> $name<S> {
            /// The keys, in the order of their slots in θ.
            pub const FIELDS: &'static [$crate::spec::Field] = &[
                $( $crate::spec::Field {
                    key: stringify!($key),
                    doc: concat!($($doc),+),
                    kind: $crate::field_kind!($kind $(( $($arg)* ))?),
                    default: $crate::field_default!($kind $(, $default)?),
                }, )*
            ];

            /// Reads the parameters from θ, as constants.
            pub fn load(theta: &[f64]) -> Self {
                Self::load_with(theta, |_, value| S::from(value))
            }

            /// Reads the parameters from θ through `lift(slot, value)`, which may seed derivatives.
            #[allow(unused_mut, unused_variables, unused_assignments, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            pub fn load_with(theta: &[f64], mut lift: impl FnMut(usize, f64) -> S) -> Self {
                let mut slot = 0;
                $( let $key = { let i = slot; slot += 1; $crate::field_load!($kind, lift, i, theta[i]) }; )*
                Self { $($key,)* _scalar: ::core::marker::PhantomData }
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! field_type {
    ($s:ty, number) => { $s };
    ($s:ty, optional) => { Option<$s> };
    ($s:ty, choice) => { usize };
    ($s:ty, flag) => { bool };
    ($s:ty, points) => { usize };
    ($s:ty, optional_points) => { Option<usize> };
}

#[doc(hidden)]
#[macro_export]
macro_rules! field_kind {
    (number($dim:ident, $min:expr, $max:expr)) => {
        $crate::spec::FieldKind::Number { dimension: $crate::units::Dimension::$dim, min: $min, max: $max }
    };
    (optional($dim:ident, $min:expr, $max:expr)) => {
        $crate::spec::FieldKind::Number { dimension: $crate::units::Dimension::$dim, min: $min, max: $max }
    };
    (choice($($option:expr),*)) => { $crate::spec::FieldKind::Choice(&[$($option),*]) };
    (flag) => { $crate::spec::FieldKind::Flag };
    (points($x:ident, $y:ident)) => {
        $crate::spec::FieldKind::Points { x: $crate::units::Dimension::$x, y: $crate::units::Dimension::$y }
    };
    (optional_points($x:ident, $y:ident)) => {
        $crate::spec::FieldKind::Points { x: $crate::units::Dimension::$x, y: $crate::units::Dimension::$y }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! field_default {
    (optional) => {
        $crate::spec::DefaultValue::Unset
    };
    (optional_points) => {
        $crate::spec::DefaultValue::Unset
    };
    ($kind:ident) => {
        $crate::spec::DefaultValue::Required
    };
    ($kind:ident, $default:expr) => {
        $crate::spec::DefaultValue::Value($default)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! field_load {
    (number, $lift:ident, $i:expr, $value:expr) => {
        $lift($i, $value)
    };
    (optional, $lift:ident, $i:expr, $value:expr) => {
        if $value.is_nan() {
            None
        } else {
            Some($lift($i, $value))
        }
    };
    (choice, $lift:ident, $i:expr, $value:expr) => {
        $value as usize
    };
    (flag, $lift:ident, $i:expr, $value:expr) => {
        $value > 0.5
    };
    (points, $lift:ident, $i:expr, $value:expr) => {
        $value as usize
    };
    (optional_points, $lift:ident, $i:expr, $value:expr) => {
        if $value.is_nan() {
            None
        } else {
            Some($value as usize)
        }
    };
}
