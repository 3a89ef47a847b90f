//! Keeps the unsealed record out of core dumps and away from debuggers of the same user.

#[cfg(unix)]
pub(crate) fn process() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // A system that refuses either leaves the program as usable as it was.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

#[cfg(not(unix))]
pub(crate) fn process() {}
