"""Mutual TLS both ways in a process whose threads are green, as one with commands is: `python interop_green.py FOLDER`.
Prints what a sender is answered who shows a certificate, and one who shows none."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from services.platform import green

green.patch()

from tests.interop.certificates import Authority  # noqa: E402  # after the process is patched
from tests.interop.gateway import gateway  # noqa: E402
from tests.interop.test_interop_tls import HERE, REFUSED, destination, listening_with_tls, told  # noqa: E402

folder = Path(sys.argv[1])
authority = Authority(folder, "ours")
shown = authority.issue("daybook")
mutual = {"tls_certificate": shown.certificate.name, "tls_private_key": shown.private_key.name}
with gateway(folder) as hospital, listening_with_tls(hospital, authority.issue(HERE), senders=authority) as listener:
    print(told(destination(folder, listener.address[1], tls_authority="ours.pem", **mutual)))
    try:
        told(destination(folder, listener.address[1], tls_authority="ours.pem"))
    except REFUSED:
        print("refused")
