"""The loops of the gateway beside its followers: what takes messages in, and what sends them."""

import os
import socket
import ssl
from collections.abc import Iterator

from events.follow.lease import Leases
from services.interop.amqp import AmqpCarrier, AmqpIntake
from services.interop.application import Interop
from services.interop.mapping import Hospital
from services.interop.mllp.connection import Bounds
from services.interop.mllp.listener import Listener
from services.interop.sending import Carrier, MllpCarrier, Sender
from services.platform.definition import Loop, Runtime
from services.platform.settings import BadSetting, Settings


def background(runtime: Runtime, application: Interop) -> Iterator[Loop]:
    """The listener with its loops and what makes keys for what they hear; the queue in, where there is a broker; a
    sender for each hospital that is told anything. ``application.mllp_address`` says where the listener is."""
    settings = runtime.settings
    try:
        listener = Listener(
            application,
            settings.mllp_host,
            settings.mllp_port,
            bounds=Bounds(message_bytes=settings.mllp_max_message),
            tls=tls_of(settings),
        )
    except OSError as error:
        way_out = "set DAYBOOK_MLLP_PORT to a free port, or 0 for any"
        reason = f"cannot listen on {settings.mllp_port}: {error.strerror}"
        raise BadSetting("DAYBOOK_MLLP_PORT", reason, way_out) from None
    application.mllp_address = listener.address
    yield listener
    yield from listener.loops
    yield application.examiner.keys
    if settings.broker:
        yield AmqpIntake(application, settings.broker)
    for hospital in application.mappings.hospitals:
        carriers = _carriers(hospital, settings.broker)
        if carriers:
            yield Sender(
                hospital,
                carriers,
                reader=runtime.reader,
                vault=runtime.vault,
                clock=runtime.clock,
                handle=application.handle,
                leases=_leases(runtime, hospital),
            )


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """TLS of the listener where a certificate is set; mutual where an authority for the senders' certificates is."""
    if settings.mllp_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.mllp_certificate, settings.mllp_private_key)
        if settings.mllp_client_authority is not None:
            context.load_verify_locations(settings.mllp_client_authority)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        way_out = "give PEM files of the certificate, its private key and the senders' authority"
        raise BadSetting("DAYBOOK_MLLP_CERTIFICATE", f"cannot be used ({type(error).__name__})", way_out) from None
    return context


def _carriers(hospital: Hospital, broker_url: str | None) -> list[Carrier]:
    if hospital.send is None:
        return []
    carriers: list[Carrier] = []
    if hospital.send.mllp is not None:
        carriers.append(MllpCarrier(hospital.send))
    if hospital.send.amqp and broker_url:
        carriers.append(AmqpCarrier(hospital.name, broker_url))
    return carriers


def _leases(runtime: Runtime, hospital: Hospital) -> Leases | None:
    database = runtime.log.database
    if database.dialect == "sqlite":
        return None
    return Leases(database, f"{socket.gethostname()}:{os.getpid()}:{hospital.name}", ttl=runtime.settings.lease_seconds)
