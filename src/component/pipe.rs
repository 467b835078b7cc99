//! stub
use crate::spec::Scalar;
/// stub
pub use super::resistance::Resistance as Pipe;
/// stub
pub fn darcy_pressure_drop<S: Scalar>(m: S, rho: S, mu: S, l: S, d: S, _e: S) -> S { m*mu*l*128.0/(rho*d*d*d*d*3.14159) }
