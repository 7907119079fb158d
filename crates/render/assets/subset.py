"""Makes the two bundled fonts from Inter (Debian package fonts-inter, OTF) with fontTools.

    python3 subset.py /usr/share/fonts/opentype/inter .

Keeps Latin letters and the signs the pictures use, makes the tabular figures the default ones (the
renderer cannot ask for an OpenType feature), and renames the family, since this is a modified version.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Liqlens Sans"
RANGES = [(0x20, 0x7E), (0xA0, 0x17F)]
SIGNS = "ẞ–—‘’“”•…‹›€₮₿−×±≤≥≈≠∞→←↑↓▲▼△▽●○■□"


def tabular(font: TTFont) -> None:
    """Points figures and the signs beside them at their fixed-width forms."""
    gsub = font["GSUB"].table
    lookups = {
        index
        for record in gsub.FeatureList.FeatureRecord
        if record.FeatureTag == "tnum"
        for index in record.Feature.LookupListIndex
    }
    mapping = {}
    for index in sorted(lookups):
        for table in gsub.LookupList.Lookup[index].SubTable:
            mapping.update(getattr(table, "ExtSubTable", table).mapping)
    for table in font["cmap"].tables:
        for code, glyph in table.cmap.items():
            if chr(code) in "0123456789":
                table.cmap[code] = mapping.get(glyph, glyph)


def make(source: Path, target: Path, style: str) -> None:
    font = TTFont(source, recalcTimestamp=False)
    tabular(font)
    options = subset.Options()
    options.layout_features = ["kern", "mark", "ccmp"]
    options.notdef_outline = True
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    subsetter = subset.Subsetter(options)
    codes = [code for lo, hi in RANGES for code in range(lo, hi + 1)] + [ord(sign) for sign in SIGNS]
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    names = {1: f"{FAMILY} {style}" if style != "Regular" else FAMILY, 2: "Regular", 3: f"{FAMILY} {style}, from Inter",
             4: f"{FAMILY} {style}", 6: f"{FAMILY.replace(' ', '')}-{style}"}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
    if style != "Regular":
        font["name"].setName(FAMILY, 16, 3, 1, 0x409)
        font["name"].setName(style, 17, 3, 1, 0x409)
    font["CFF "].cff.fontNames = [names[6]]
    font.save(target)


if __name__ == "__main__":
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    for style in ("Regular", "SemiBold"):
        make(source / f"Inter-{style}.otf", target / f"LiqlensSans-{style}.otf", style)
