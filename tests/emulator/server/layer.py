"""The layer before moto: control endpoints, ledger, faults, pages, CBOR, and replies put right.

    GET  /_plumbline/health          {"ready": true, "built": bool}
    GET  /_plumbline/calls           the ledger; DELETE clears it
    GET  /_plumbline/faults          the rules in force; PUT replaces them, DELETE clears them (faults.py has the form)
    GET  /_plumbline/metrics         what PutMetricData was given, as it came; DELETE clears it
    POST /_plumbline/build           empties the emulator and builds the compliant account; answers with its ids
    POST /_plumbline/build-outputs   adds topics, queues and a state bucket for the product's own output
    POST /_plumbline/queue/NAME      takes every message out of the queue behind the topic `alerts` or `digest`
    GET  /_plumbline/objects         the state bucket's objects: key -> text (null where it is no text)
    PUT  /_plumbline/objects/KEY     writes one of them
    PUT  /_plumbline/principal       makes a user with exactly this policy, and checks every call from now on; answers
                                     with its keys; DELETE ends the checking
    GET  /_plumbline/ids             the ids of the built account
    GET  /_plumbline/breaks          every named break with what it changes
    POST /_plumbline/break/NAME      makes the break; answers with what it changes
    POST /_plumbline/mend/NAME       undoes it, where it can be undone
    POST /moto-api/reset, /reset-auth, /seed   moto's own

Calls made by the control endpoints themselves are neither counted nor spoilt.
"""

from __future__ import annotations

import io
import json
import re
import sys
import threading
import traceback
from typing import Any

from . import errors, faults, paging
from .http import Reply, Request
from .identify import Call, identify

XML_ERROR = re.compile(rb"<Code>([^<]*)</Code>\s*<Message>([^<]*)</Message>")
NOT_MOTO = "expect", "connection"


class Layer:
    """Handles every request of one emulator."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        from . import overlay

        overlay.install()
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.lock = threading.RLock()
        self.ledger: list[dict[str, Any]] = []
        self.metrics: list[dict[str, Any]] = []
        self.faults = faults.Faults()
        self.account: Any = None

    # -- requests ---------------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Reply:
        """The reply to a request; never raises."""
        try:
            if request.path.startswith("/_plumbline/"):
                return self._control(request)
            if request.path.startswith("/moto-api"):
                if request.path == "/moto-api/reset":
                    self._forget()
                # moto reads these bodies only when they are not taken for a form.
                request.headers["content-type"] = "text/plain"
                return self._moto(request)
            return self._aws(request)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return _plain(500, {"error": traceback.format_exc()})

    def _aws(self, request: Request) -> Reply:
        call = identify(request)
        if request.internal:
            return self._carry_out(call, request)
        entry = {
            "service": call.service,
            "operation": call.operation,
            "region": call.region,
            "write": call.write,
            "status": None,
            "params": call.params,
        }
        self.ledger.append(entry)
        if call.protocol == "cbor":
            call.params = self._cbor_params(request)
            entry["params"] = {k: v for k, v in call.params.items() if isinstance(v, str)}
        before = self.faults.take(call, faults.BEFORE)
        if before:
            reply = faults.instead(before[0], call, lambda: self._carry_out(call, request))
        else:
            reply = paging.out_of_range(call, request) or self._carry_out(call, request)
            for rule in self.faults.take(call, faults.AFTER):
                reply = faults.spoil(rule, call, reply)
        entry["status"] = None if reply.wire in ("hang", "reset") and reply.seconds is None else reply.status
        if reply.wire:
            entry["wire"] = reply.wire
        return reply

    def _carry_out(self, call: Call, request: Request) -> Reply:
        if call.protocol == "cbor":
            from . import metrics

            return metrics.carry_out(self, call, request)
        if (call.service, call.operation) == ("lambda", "Invoke"):
            # The function is the test's own: the event is taken, and stands in the ledger.
            return Reply(202 if call.params["InvocationType"] == "Event" else 500, [("Content-Length", "0")])
        if (call.service, call.operation, call.protocol) == ("cloudwatch", "PutMetricData", "json"):
            from . import metrics

            metrics.keep(self, call, json.loads(request.body or b"{}"))
        rule = None if request.internal else self.faults.paging
        return paging.answer(call, request, rule, lambda asked: self._right(call, self._moto(asked, call)))

    def _moto(self, request: Request, call: Call | None = None) -> Reply:
        """What moto answers."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": request.path.encode().decode("latin-1"),
            "QUERY_STRING": request.query,
            "RAW_URI": request.target,
            "REQUEST_URI": request.target,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "REMOTE_ADDR": "127.0.0.1",
        }
        preserved: dict[str, str] = {}
        for name, value in request.headers.items():
            if name in NOT_MOTO:
                continue
            key = name.upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            environ[key] = value
            if "_" in name:
                preserved[key] = request.names.get(name, name)
        environ["moto.preserved_header_names"] = preserved
        environ.setdefault("CONTENT_LENGTH", str(len(request.body)))
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started[:] = [status, headers]
            return lambda data: None

        with self.lock:
            try:
                chunks = self.moto(environ, start_response)
                body = b"".join(chunks)
                if hasattr(chunks, "close"):
                    chunks.close()
            except NotImplementedError:
                return errors.unknown_operation(call) if call else _plain(501, {"error": "not implemented"})
            except Exception:
                traceback.print_exc(file=sys.stderr)
                return errors.internal(call, "The emulator failed: see its stderr.") if call else _plain(500, {})
        status = int(started[0].split(" ", 1)[0])
        if status in (404, 501) and body.startswith(b"<!doctype html") and call:
            return errors.unknown_operation(call)
        return Reply(status, list(started[1]), body)

    def _right(self, call: Call, reply: Reply) -> Reply:
        """moto's errors in the service's own form."""
        if call.protocol == "json":
            if reply.status >= 400 and reply.body.lstrip().startswith(b"<"):
                code, message = _xml_error(reply.body)
                if code.startswith("AccessDenied"):
                    return errors.denied(call, message)
                code = {
                    "SignatureDoesNotMatch": "InvalidSignatureException",
                    "InvalidClientTokenId": "UnrecognizedClientException",
                }.get(code, code)
                return errors.error(call, code, message, 400)
            reply.headers = [(k, v) for k, v in reply.headers if k.lower() != "content-type"]
            reply.headers.append(("Content-Type", "application/x-amz-json-1.1"))
        elif reply.status == 403 and call.protocol in ("ec2", "s3control", "query"):
            code, message = _xml_error(reply.body)
            if code.startswith("AccessDenied") or (call.protocol == "s3control" and not code):
                return errors.denied(call, message or None)
        elif reply.status >= 400 and call.protocol == "s3control" and b"<ErrorResponse" not in reply.body:
            code, message = _xml_error(reply.body)
            if code:
                return errors.error(call, code, message, reply.status)
        return reply

    @staticmethod
    def _cbor_params(request: Request) -> dict[str, Any]:
        from . import metrics

        try:
            return metrics.decode(request)
        except Exception:
            return {}

    # -- control ----------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self.ledger.clear()
        self.metrics.clear()
        self.faults.clear()
        self.account = None

    def _control(self, request: Request) -> Reply:
        what = request.path.removeprefix("/_plumbline/").strip("/")
        method = request.method
        if what == "health":
            return _plain(200, {"ready": True, "built": self.account is not None})
        if what == "calls":
            if method == "DELETE":
                self.ledger.clear()
            return _plain(200, list(self.ledger))
        if what == "faults":
            if method == "PUT":
                wrong = self.faults.put(json.loads(request.body or b"[]"))
                if wrong:
                    return _plain(400, {"error": wrong})
            elif method == "DELETE":
                self.faults.clear()
            return _plain(200, self.faults.rules)
        if what == "metrics":
            if method == "DELETE":
                self.metrics.clear()
            return _plain(200, self.metrics)
        if what == "build" and method == "POST":
            with self.lock:
                return _plain(200, self.build())
        if what == "build-outputs" and method == "POST":
            from . import outputs

            with self.lock:
                return _plain(200, outputs.build(self.clients()))
        if what.startswith("queue/") and method == "POST":
            from . import outputs

            with self.lock:
                return _plain(200, outputs.drain(self.clients(), what.removeprefix("queue/")))
        if what == "objects" or what.startswith("objects/"):
            from . import outputs

            with self.lock:
                if method == "PUT":
                    outputs.put(self.clients(), what.removeprefix("objects/"), request.body)
                return _plain(200, outputs.objects(self.clients()))
        if what == "principal":
            from . import principal

            with self.lock:
                if method == "PUT":
                    return _plain(200, principal.grant(self, json.loads(request.body)))
                principal.lift()
                return _plain(200, {})
        if what == "ids":
            return _plain(200, self.account.ids if self.account else {})
        if what == "breaks" or what.startswith(("break/", "mend/")):
            from . import breaks

            if what == "breaks":
                return _plain(200, breaks.describe(self.account.ids if self.account else None))
            if self.account is None:
                return _plain(409, {"error": "no account is built: POST /_plumbline/build first"})
            verb, _, name = what.partition("/")
            if name not in breaks.BREAKS:
                return _plain(404, {"error": f"no break {name!r}"})
            with self.lock:
                if verb == "break":
                    return _plain(200, breaks.make(self, name))
                found = breaks.mend(self, name)
            return _plain(200, found) if found else _plain(409, {"error": f"{name} cannot be mended"})
        return _plain(404, {"error": f"no control endpoint {method} {request.path}"})

    def clients(self) -> Any:
        """boto3 clients whose requests go straight into this layer."""
        from .clients import Clients

        return Clients(self)

    def build(self) -> dict[str, Any]:
        """Empty the emulator and build the compliant account."""
        from . import account, state

        state.reset()
        self._forget()
        self.account = account.build(self)
        return self.account.ids


def _xml_error(body: bytes) -> tuple[str, str]:
    found = XML_ERROR.search(body)
    return (found.group(1).decode(), found.group(2).decode()) if found else ("", "")


def _plain(status: int, data: Any) -> Reply:
    return Reply(status, [("Content-Type", "application/json")], json.dumps(data, default=str).encode())
