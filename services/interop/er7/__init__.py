"""ER7, the pipe-and-hat form of HL7 v2: read tolerantly, written strictly. Nothing here knows what a message means."""

from services.interop.er7.batch import split_messages
from services.interop.er7.encoding import DEFAULT, Encoding, escape, unescape
from services.interop.er7.message import Message, Segment
from services.interop.er7.reader import Unreadable, read

__all__ = ["DEFAULT", "Encoding", "Message", "Segment", "Unreadable", "escape", "read", "split_messages", "unescape"]
