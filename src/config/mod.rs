//! The project file, `ninefold.yaml`: its shape, and what it says once the
//! defaults are filled in. Options of lints and targets stay nodes.

mod decode;
mod gate;
mod kubernetes;
mod shape;
mod types;

pub use decode::{check_window, decode};
pub use gate::{Use, check_feature, check_template, too_old};
pub use kubernetes::is_object_name;
pub use shape::{ANNOTATIONS, LABEL, LABELS, SEVERITY_NAME, SHAPE, TARGET_OPTIONS, WINDOW};
pub use types::{Config, Label, Names, Prometheus, Runbooks, Severity, Version, Window};

/// The name of the project file.
pub const FILE: &str = "ninefold.yaml";

/// The lists of codes of this room.
pub static CODES: &[&[&crate::base::Code]] = &[decode::CODES, gate::CODES];
