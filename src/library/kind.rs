//! Kinds of parts, and the fields that each takes.

use crate::component::{Kind, cold_plate, device, manifold, server};
use crate::spec::Field;

/// Kind of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// A GPU.
    Gpu,
    /// A host processor.
    Processor,
    /// A switch chip or another plated chip.
    Auxiliary,
    /// A cold plate.
    ColdPlate,
    /// A server.
    Server,
    /// A rack.
    Rack,
    /// A component of the plant or of the electrical tree.
    Component(Kind),
}

impl PartKind {
    /// Kinds of what racks are made of.
    pub const RACK_KINDS: [Self; 6] = [
        Self::Gpu,
        Self::Processor,
        Self::Auxiliary,
        Self::ColdPlate,
        Self::Server,
        Self::Rack,
    ];

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        Self::RACK_KINDS
            .into_iter()
            .chain(Kind::written().map(Self::Component))
    }

    /// The word in `kind = "..."`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gpu => "gpu",
            Self::Processor => "processor",
            Self::Auxiliary => "auxiliary",
            Self::ColdPlate => "cold_plate",
            Self::Server => "server",
            Self::Rack => "rack",
            Self::Component(kind) => kind.spec().kind,
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.name() == name)
    }

    /// Its numbers, choices and curves.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Gpu | Self::Processor | Self::Auxiliary => device::Parameters::<f64>::FIELDS,
            Self::ColdPlate => cold_plate::Parameters::<f64>::FIELDS,
            Self::Server => server::Parameters::<f64>::FIELDS,
            Self::Rack => manifold::Parameters::<f64>::FIELDS,
            Self::Component(kind) => kind.spec().fields,
        }
    }

    /// Keys beside the fields that say what it is built of.
    pub fn structure_keys(self) -> &'static [&'static str] {
        match self {
            Self::Server => &["gpu", "processor", "auxiliary"],
            Self::Rack => &["servers", "server"],
            _ => &[],
        }
    }
}
