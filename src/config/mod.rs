//! The project file, `ninefold.yaml`: its shape, and what it says once the
//! defaults are filled in. Options of lints and targets stay nodes.

mod decode;
mod kubernetes;
mod shape;
mod types;

pub use decode::{CODES, check_window, decode};
pub use kubernetes::is_object_name;
pub use shape::{ANNOTATIONS, LABEL, LABELS, SEVERITY_NAME, SHAPE, TARGET_OPTIONS, WINDOW};
pub use types::{Config, Label, Names, Prometheus, Runbooks, Severity, Version, Window};

/// The name of the project file.
pub const FILE: &str = "ninefold.yaml";
