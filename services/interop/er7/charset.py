"""Which character set a message is in: byte order mark, then MSH-18 (HL7 table 0211), then the hospital's fallback."""

import codecs

_BY_NAME = {
    "ASCII": "ascii",
    "UNICODE": "utf-16",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "UNICODE UTF-16": "utf-16",
    "UNICODE UTF-32": "utf-32",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    "CNS 11643-1992": "euc_tw",
    "ISO IR6": "ascii",
    "ISO IR14": "iso2022_jp",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
    "JAS2020": "iso2022_jp",
    "WINDOWS-1252": "cp1252",
}

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def codec_of(name: str) -> str | None:
    """Python's codec for a name from MSH-18, or none if it is not known here."""
    label = " ".join(name.upper().split())
    if label.startswith(("8859/", "ISO-8859-", "ISO 8859-", "ISO8859-")):
        number = label.replace("/", "-").rpartition("-")[2]
        label, known = f"iso8859-{number}", None
    else:
        known = _BY_NAME.get(label)
    try:
        return codecs.lookup(known or label).name
    except (LookupError, ValueError):
        return None


def marked(raw: bytes) -> tuple[str, bytes] | None:
    """The codec that a byte order mark names and the bytes after it."""
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return codec, raw[len(mark) :]
    return None


def decode(raw: bytes, declared: str, fallback: str) -> tuple[str, str]:
    """Text and the codec that was right for it. Latin-1, which fits any bytes, is the last resort."""
    stamped = marked(raw)
    if stamped is not None:
        try:
            return stamped[1].decode(stamped[0]), stamped[0]
        except UnicodeDecodeError:
            raw = stamped[1]
    elif raw[:64].count(0) > len(raw[:64]) // 3:
        declared = "utf-16-be" if raw[:1] == b"\0" else "utf-16-le"
    for codec in (codec_of(declared) if declared else None, codec_of(fallback)):
        if codec is None:
            continue
        try:
            return raw.decode(codec), codec
        except (UnicodeDecodeError, LookupError, TypeError):
            continue
    return raw.decode("latin-1"), "latin-1"
