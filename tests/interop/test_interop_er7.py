"""Reading ER7: tolerant, lossless, never crashing; python-hl7 as a second opinion."""

from pathlib import Path

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.interop.er7 import DEFAULT, Encoding, Unreadable, escape, read, split_messages, unescape
from services.interop.er7.writer import Repeat, header, message, segment

FIVE = Encoding(truncation="#")
ODD = Encoding("*", ":", "!", "?", "%")


@pytest.mark.parametrize("encoding", [DEFAULT, FIVE, ODD])
@given(text=st.text())
def test_what_is_escaped_reads_back_as_it_was(encoding: Encoding, text: str) -> None:
    written = escape(text, encoding)
    assert unescape(written, encoding) == text
    assert not set(written) & set("\r\n" + encoding.field + encoding.component + encoding.repetition)


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(raw: bytes) -> None:
    for candidate in (raw, b"MSH|^~\\&|" + raw, b"MSH" + raw):
        for piece in split_messages(candidate):
            try:
                found = read(piece)
            except Unreadable:
                continue
            for one in found.segments:
                for number in range(len(one) + 2):
                    one.value(number), one.text(number), [part.value(2, 2) for part in one.repetitions(number)]
            assert found.type is not None and found.sender is not None


SEGMENT_NAMES = st.from_regex(r"[A-Z][A-Z0-9]{2}", fullmatch=True).filter(lambda n: n not in ("MSH", "BHS", "FHS"))


@given(st.lists(st.tuples(SEGMENT_NAMES, st.text(min_size=1)), max_size=5))
def test_what_is_written_reads_back(fields: list[tuple[str, str]]) -> None:
    raw = message(
        [header({3: "A", 9: ("ADT", "A01"), 18: "UNICODE UTF-8"}), *(segment(n, {2: ("x", v)}) for n, v in fields)]
    )
    found = read(raw)
    assert [(one.name, one.value(2, 2)) for one in found.segments[1:]] == [
        (n, v if v != '""' else "") for n, v in fields
    ]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (r"A\F\B\S\C\T\D\R\E\E\F", "A|B^C&D~E\\F"),
        (r"\H\bold\N\ text", "bold text"),
        (r"one\.br\two", "one\ntwo"),
        (r"\XC3BC\ber", "über"),
        (r"\XZZ\ stays, \Zlocal\ too", r"\XZZ\ stays, \Zlocal\ too"),
        (r"open \ end", r"open \ end"),
    ],
)
def test_escape_sequences(sent: str, meant: str) -> None:
    assert unescape(sent) == meant


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_any_line_end_separates_segments(end: str) -> None:
    found = read(end.join(["MSH|^~\\&|A|B|||2020||ADT^A01|1|P|2.3", "PID|1", "ZXY|mine"]).encode())
    assert [one.name for one in found.segments] == ["MSH", "PID", "ZXY"]


def test_any_encoding_characters_and_a_fifth_are_read() -> None:
    found = read(b"MSH*:!?%*APP:X*FAC*****ADT:A01*7*P*2.3\rPID*1**9:::A%B")
    assert found.type == "ADT^A01" and found.first("PID").value(3, 4, 2) == "B"
    assert read(b"MSH|^~\\&#|A|B").encoding.truncation == "#"


def test_a_bare_line_feed_in_free_text_does_not_split_the_segment() -> None:
    found = read(b"MSH|^~\\&|A\rNTE|1||first\nsecond line\rNTE|2")
    assert [one.name for one in found.segments] == ["MSH", "NTE", "NTE"]
    assert found.segments[1].text(3) == "first\nsecond line"


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("", "utf-8"),
        ("UNICODE UTF-8", "utf-8"),
        ("8859/1", "latin-1"),
        ("8859/15", "iso8859-15"),
        ("ISO IR87", "iso2022_jp"),
    ],
)
def test_character_sets(declared: str, codec: str) -> None:
    name = "山田" if codec == "iso2022_jp" else "Müller"
    raw = f"MSH|^~\\&|A|B|||||ADT^A01|1|P|2.3||||||{declared}\rPID|1||||{name}".encode(codec)
    assert read(raw).segments[1].value(5) == name


def test_untrue_character_set_falls_back_and_is_noted() -> None:
    raw = "MSH|^~\\&|A|B|||||ADT^A01|1|P|2.3||||||ASCII\rPID|1||||Müller".encode()
    assert read(raw, "utf-8").segments[1].value(5) == "Müller"
    other = raw.replace("ü".encode(), b"\xfc")
    assert read(other, "utf-8").segments[1].value(5) == "Müller" and read(other).notes


def test_byte_order_marks_are_passed_over() -> None:
    text = "MSH|^~\\&|A|B|||||ADT^A01|1|P|2.3\rPID|1||||Ü"
    for codec in ("utf-8-sig", "utf-16"):
        assert read(text.encode(codec)).segments[1].value(5) == "Ü"


def test_a_message_far_over_64_kib_is_read_whole() -> None:
    assert len(read(b"MSH|^~\\&|A\rOBX|1|ED|||" + b"x" * 3_000_000).segments[1].value(5)) == 3_000_000


def test_a_batch_gives_its_messages_without_the_envelope() -> None:
    data = b"FHS|^~\\&|A\rBHS|^~\\&|A\rMSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\rPID|2\rBTS|2\rFTS|1\r"
    assert [read(one).segments[0].value(3) for one in split_messages(data)] == ["A", "B"]
    assert all(b"BTS" not in one for one in split_messages(data))


def test_repetitions_and_delete_markers() -> None:
    found = read(b'MSH|^~\\&|A\rPID|1||1^^^X~2^^^Y|""')
    assert [one.value(4) for one in found.segments[1].repetitions(3)] == ["X", "Y"]
    assert found.segments[1].value(4) == "" and found.segments[1].repetitions(4) == []


def test_writing_repetitions_and_trailing_components() -> None:
    assert segment("PID", {3: Repeat([("1", None, None, "A"), ("2", "")]), 5: ""}) == "PID|||1^^^A~2"


def test_simhospital_splits_into_every_message_and_loses_no_byte(shared: Path) -> None:
    data = (shared / "hl7v2/simhospital/messages.out").read_bytes()
    pieces = list(split_messages(data))
    assert len(pieces) == 1013
    assert b"\n\n".join(pieces).rstrip() == data.rstrip()


def test_python_hl7_reads_the_same_in_the_public_messages(shared: Path) -> None:
    pieces = list(split_messages((shared / "hl7v2/simhospital/messages.out").read_bytes()))[::25]
    pieces += [path.read_bytes() for path in sorted((shared / "hl7v2/fhir-converter/input").glob("*.hl7"))]
    compared = 0
    for raw in pieces:
        ours = read(raw)
        text = raw.decode(ours.charset).replace("\r\n", "\r").replace("\n", "\r").strip("\ufeff\r")
        theirs = hl7.parse(text)
        assert [str(one[0]) for one in theirs] == [one.name for one in ours.segments]
        for mine, other in zip(ours.segments, theirs, strict=True):
            for number in range(3 if mine.name == "MSH" else 1, len(mine) + 1):
                assert str(other[number]) == mine.raw(number)
                compared += 1
    assert compared > 5000
