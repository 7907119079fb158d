//! Writes every picture in every theme and size to a folder, to look at:
//! `cargo run -p liqlens-render --example gallery -- FOLDER`.

#[allow(missing_docs, dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
#[path = "../tests/it/sample.rs"]
mod sample;

use std::error::Error;
use std::path::PathBuf;

use liqlens_render::{Picture, Size, Theme, card_picture, heatmap_picture, map_picture};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    let (map, heatmap, brief) = (sample::map(), sample::heatmap(), sample::brief());
    let save = |name: String, picture: &Picture| -> Result<(), Box<dyn Error>> {
        std::fs::write(folder.join(format!("{name}.svg")), picture.svg())?;
        std::fs::write(folder.join(format!("{name}.png")), picture.to_png()?)?;
        Ok(())
    };
    for (theme, shade) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        for (size, pixels) in [(Size::Wide, 1600), (Size::Card, 1200)] {
            save(format!("map-{shade}-{pixels}"), &map_picture(&map, theme, size))?;
            save(format!("heatmap-{shade}-{pixels}"), &heatmap_picture(&heatmap, theme, size))?;
        }
        save(format!("card-{shade}"), &card_picture(&brief, theme))?;
    }
    Ok(())
}
