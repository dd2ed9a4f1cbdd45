"""The hot path's reading and writing of frames, held to the websockets library's own."""

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from cryptex.node.frames import read_frame, read_messages, text_frame, text_frames

PAYLOADS = st.one_of(
    st.binary(max_size=300),
    st.text("az{}\"'", max_size=300).map(str.encode),
    st.just(b"x" * 126),
    st.just(b"y" * 70_000),
)
OPCODES = st.sampled_from([Opcode.TEXT, Opcode.BINARY, Opcode.CONT, Opcode.PING, Opcode.PONG, Opcode.CLOSE])


@given(payload=PAYLOADS, opcode=OPCODES, final=st.booleans(), masked=st.booleans(), before=st.binary(max_size=5))
def test_a_whole_frame_is_read_to_its_end(
    payload: bytes, opcode: Opcode, final: bool, masked: bool, before: bytes
) -> None:
    if opcode > Opcode.BINARY:  # control frames are short and whole
        payload, final = payload[:125], True
    frame = Frame(opcode, payload, final).serialize(mask=masked)
    end, message = read_frame(before + frame + b"after", len(before))
    assert end == len(before) + len(frame)
    plain = final and masked and (opcode is Opcode.BINARY or (opcode is Opcode.TEXT and payload.isascii()))
    assert message == (payload if plain else None)


@given(payload=PAYLOADS, cut=st.integers(0, 70_020))
def test_a_frame_that_has_not_arrived_whole_says_so(payload: bytes, cut: int) -> None:
    frame = Frame(Opcode.TEXT, payload).serialize(mask=True)
    part = frame[: cut % len(frame)]
    end, message = read_frame(part, 0)
    assert message is None
    assert end > len(part)
    header = 2 + (0 if len(payload) < 126 else 2 if len(payload) < 65_536 else 8)
    if len(part) >= header:
        assert end == len(frame)


@given(text=PAYLOADS)
def test_a_text_is_framed_as_the_library_does(text: bytes) -> None:
    assert text_frame(text) == Frame(Opcode.TEXT, text).serialize(mask=False)


@given(texts=st.lists(st.text("az{}", max_size=200).map(str.encode), max_size=5), rest=st.sampled_from([b"", b"\x81"]))
def test_messages_are_read_up_to_the_first_other_frame(texts: list[bytes], rest: bytes) -> None:
    plain = b"".join(Frame(Opcode.TEXT, text).serialize(mask=True) for text in texts)
    ping = Frame(Opcode.PING, b"").serialize(mask=True)
    for other in (rest, ping, Frame(Opcode.TEXT, b"x" * 201).serialize(mask=True)):
        assert read_messages(b"before" + plain + other, 6, 200) == (6 + len(plain), texts)


@given(texts=st.lists(PAYLOADS, max_size=4))
def test_texts_are_framed_one_by_one(texts: list[bytes]) -> None:
    assert text_frames(texts) == b"".join(map(text_frame, texts))
