//! `chartkeep completions` and `chartkeep man`, both made from the definitions of the command line.

use std::io;

use crate::args::{Completions, Man};
use crate::failure::{Failure, Stop};
use crate::ui::{Ui, write_stdout};
use crate::usage::definitions;

pub(crate) fn completions(args: &Completions, ui: &Ui) -> Result<(), Stop> {
    refuse_json(ui)?;
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definitions(), "chartkeep", &mut script);
    write_stdout(&script)
}

pub(crate) fn man(args: &Man, ui: &Ui) -> Result<(), Stop> {
    refuse_json(ui)?;
    match &args.dir {
        Some(dir) => clap_mangen::generate_to(definitions(), dir)
            .map_err(|error: io::Error| Failure::io(dir, &error).into()),
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(definitions()).render(&mut page).map_err(|_| Failure::bug())?;
            write_stdout(&page)
        }
    }
}

/// What these commands print is not JSON.
fn refuse_json(ui: &Ui) -> Result<(), Stop> {
    if ui.json {
        return Err(Failure::usage("usage.conflict", "this command has no JSON", "--json").into());
    }
    Ok(())
}
