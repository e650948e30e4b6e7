"""What a picture's file says of itself (GB 45438-2025): found where it stands, never trusted."""

import json
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.domain.pictures import AigcLabel, AigcMark
from app.inspection.images import InspectedImage, inspect_bytes

FIELDS = {
    "Label": "1",
    "ContentProducer": "001191110000",
    "ProduceID": "p-1",
    "ReservedCode1": "",
    "ContentPropagator": "某平台",
    "PropagateID": "q-1",
    "ReservedCode2": "",
}
VALUE = json.dumps(FIELDS, ensure_ascii=False)
ASCII = json.dumps(FIELDS)
MARK = AigcMark(AigcLabel.GENERATED, "001191110000", "p-1", "某平台", "q-1")
UNREADABLE = AigcMark(AigcLabel.UNREADABLE)
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"{}>{}</rdf:Description></rdf:RDF></x:xmpmeta>'
)
ELEMENT = XMP.format("", f"<TC260:AIGC>{VALUE}</TC260:AIGC>")
ATTRIBUTE = XMP.format(f' TC260:AIGC="{VALUE.replace(chr(34), "&quot;")}"', "")


def file(form: str, **options: object) -> bytes:
    made = BytesIO()
    Image.new("RGB", (30, 20), "teal").save(made, form, **options)
    return made.getvalue()


def chunk(key: str, text: str, *, packed: bool = False) -> bytes:
    info = PngInfo()
    info.add_itxt(key, text, zip=packed)
    return file("PNG", pnginfo=info)


def comment(value: bytes) -> bytes:
    """EXIF with this UserComment and nothing else."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = value
    return exif.tobytes()


def says(data: bytes) -> AigcMark | None:
    found = inspect_bytes(data)
    assert isinstance(found, InspectedImage)
    return found.aigc


@pytest.mark.parametrize(
    "data",
    [
        chunk("AIGC", VALUE),
        chunk("AIGC", VALUE, packed=True),
        chunk("Comment", f'{{"AIGC": {VALUE}}}'),
        chunk("XML:com.adobe.xmp", ELEMENT),
        file("JPEG", xmp=ELEMENT.encode()),
        file("WEBP", xmp=ELEMENT.encode()),
        file("JPEG", xmp=ATTRIBUTE.encode()),
        file("WEBP", xmp=ATTRIBUTE.encode()),
        file("JPEG", comment=f"AIGC={VALUE}".encode()),
        file("JPEG", comment=f"AIGC: {VALUE}".encode()),
    ],
)
def test_the_label_is_found_in_text_chunks_xmp_and_comments(data: bytes) -> None:
    assert says(data) == MARK


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    "value",
    [
        b"ASCII\0\0\0" + json.dumps({"AIGC": FIELDS}).encode(),
        b"ASCII\0\0\0" + json.dumps({"AIGC": ASCII}).encode(),
        b"UNICODE\0" + json.dumps({"AIGC": FIELDS}).encode("utf-16-le"),
        b"UNICODE\0" + json.dumps({"AIGC": FIELDS}).encode("utf-16-be"),
        b"\0" * 8 + f'{{"AIGC": {VALUE}}}'.encode(),
    ],
)
def test_the_label_is_found_in_exif_whatever_its_encoding(form: str, value: bytes) -> None:
    assert says(file(form, exif=comment(value))) == MARK


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ('{"Label": "2"}', AigcLabel.POSSIBLE),
        ('{"Label": 3}', AigcLabel.SUSPECTED),
        ('{"Label": "1", "ProduceID": ""}', AigcLabel.GENERATED),
        ('{"Label": "9"}', AigcLabel.UNREADABLE),
        ('{"Label": ["1"]}', AigcLabel.UNREADABLE),
        ('{"Label": "1", "ProduceID": {}}', AigcLabel.UNREADABLE),
        ("{}", AigcLabel.UNREADABLE),
        ("{broken", AigcLabel.UNREADABLE),
        ("yes", AigcLabel.UNREADABLE),
        ("", AigcLabel.UNREADABLE),
        ("[" * 5_000, AigcLabel.UNREADABLE),
        ('{"a":' * 5_000, AigcLabel.UNREADABLE),
        ('{"Label": "1", "ContentProducer": "' + "x" * 20_000 + '"}', AigcLabel.UNREADABLE),
    ],
)
def test_what_stands_under_the_key_is_one_of_three_or_unreadable(
    written: str, label: AigcLabel
) -> None:
    found = says(chunk("AIGC", written))
    assert found is not None
    assert found.label is label


@pytest.mark.parametrize(
    "data",
    [
        file("PNG"),
        file("JPEG", exif=comment(b"ASCII\0\0\0on a sunny day")),
        chunk("Description", "made with AIGC tools {x}"),
        chunk("Description", "AIGC: we love it"),
        chunk("Description", 'see AIGCX={"Label": "1"}'),
    ],
)
def test_a_file_that_only_speaks_of_it_says_nothing(data: bytes) -> None:
    assert says(data) is None


def test_the_strongest_of_several_labels_counts() -> None:
    info = PngInfo()
    info.add_itxt("Comment", '{"AIGC": 5}')
    info.add_itxt("AIGC", '{"Label": "3"}')
    info.add_itxt("XML:com.adobe.xmp", ELEMENT)
    assert says(file("PNG", pnginfo=info)) == MARK


def test_a_key_in_broken_exif_is_unreadable() -> None:
    broken = b'Exif\0\0garbage{"AIGC": {"Label'
    assert says(file("WEBP", exif=broken)) == UNREADABLE


def test_what_a_person_is_shown_is_short_and_can_be_seen() -> None:
    long = {"Label": "1", "ContentProducer": "生\u202e\n产" + "者" * 500}
    found = says(chunk("AIGC", json.dumps(long)))
    assert found is not None
    assert found.producer == "生产" + "者" * 196


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["AIGC", "Comment", "XML:com.adobe.xmp"]))
def test_no_metadata_makes_a_whole_picture_broken(text: str, key: str) -> None:
    plain = text.encode("utf-8", "ignore").decode().replace("\0", "")
    assert isinstance(inspect_bytes(chunk(key, plain)), InspectedImage)
    around = f"AIGC={plain}".encode()[:300]
    assert isinstance(inspect_bytes(file("JPEG", comment=around)), InspectedImage)
