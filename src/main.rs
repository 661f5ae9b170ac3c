//! Arguments in, exit code out.

use std::process::ExitCode;

/// A build makes millions of small texts: a third of its time with the allocator of
/// the C library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ninefold::cli::run()
}
