"""A foreign client (grpcio) against the server of test_foreign.c.

foreign.py CHECK TARGET CA_FILE PROTO_ROOT STUBS
Exits 0 when the check holds. Stubs are generated into STUBS with protoc.
"""
import importlib.util
import os
import subprocess
import sys
import time

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool

CHECK, TARGET, CA_FILE, PROTO_ROOT, STUBS = sys.argv[1:6]


def channel(**options):
    with open(CA_FILE, "rb") as file:
        credentials = grpc.ssl_channel_credentials(file.read())
    named = [("grpc." + key.replace("__", "."), value) for key, value in options.items()]
    return grpc.secure_channel(TARGET, credentials, options=named)


def raw(path, on, kind="unary_unary"):
    """A method of plain bytes."""
    return getattr(on, kind)(path, request_serializer=bytes, response_deserializer=bytes)


def status_of(call):
    try:
        call()
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def stub(path):
    """A generated module, loaded by its path: its package "grpc" would be that of grpcio."""
    generated = os.path.join(STUBS, path.replace(".proto", "_pb2.py"))
    os.makedirs(STUBS, exist_ok=True)
    subprocess.run(["protoc", "-I", PROTO_ROOT, "--python_out=" + STUBS, path], check=True)
    spec = importlib.util.spec_from_file_location(path.replace("/", "_")[:-6], generated)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bomb():
    """Nothing compressed is taken: neither a bomb nor a harmless message, unary or streamed."""
    with channel() as on:
        for payload in (b"\0" * 300_000_000, b"\0" * 1000):
            echo = raw("/imi.test.Probe/Echo", on)
            code = status_of(lambda: echo(payload, compression=grpc.Compression.Gzip, timeout=20))
            assert code != grpc.StatusCode.OK, code
            chat = raw("/imi.test.Probe/Chat", on, "stream_stream")
            code = status_of(
                lambda: list(chat(iter([payload]), compression=grpc.Compression.Gzip, timeout=20)))
            assert code != grpc.StatusCode.OK, code
        # Only the messages below may have reached a handler; the test counts them.
        assert raw("/imi.test.Probe/Echo", on)(b"plain", timeout=5) == b"plain"


def pings():
    """A client that pings all the time is told to go away."""
    with channel(keepalive_time_ms=20, keepalive_timeout_ms=5000,
                 keepalive_permit_without_calls=1, http2__max_pings_without_data=0,
                 http2__min_time_between_pings_ms=20,
                 http2__min_ping_interval_without_data_ms=20) as on:
        hold = raw("/imi.test.Probe/Hold", on)
        try:
            hold(b"", timeout=10)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error.code()
            assert "Too many pings" in error.details() or "ping" in error.details(), error.details()
            return
        raise AssertionError("the server bore with the pings")


def errors():
    """Codes, details and trailers as a foreign client sees them."""
    with channel() as on:
        fail = raw("/imi.test.Probe/Fail", on)
        try:
            fail(b"image_corrupt", timeout=5)
        except grpc.RpcError as error:
            trailers = dict(error.trailing_metadata())
            assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert error.details() == "detail of the failure"
            assert trailers["imi-status"] == "image_corrupt"
            assert len(trailers["imi-correlation-id"]) == 16
        try:
            fail(b"store_io", timeout=5)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.INTERNAL
            assert "detail" not in error.details()
        for path in ("/imi.test.Probe/Nothing", "/no.such.Service/Method", "/x"):
            for kind, argument in (("unary_unary", b""), ("unary_stream", b""),
                                   ("stream_unary", iter([b""])), ("stream_stream", iter([b""]))):
                method = raw(path, on, kind)
                code = status_of(lambda: (lambda r: list(r) if "_stream" in kind else r)(
                    method(argument, timeout=5)))
                assert code == grpc.StatusCode.UNIMPLEMENTED, (path, kind, code)


def health():
    pb = stub("grpc/health/v1/health.proto")
    with channel() as on:
        response = pb.HealthCheckResponse
        check = on.unary_unary("/grpc.health.v1.Health/Check",
                               request_serializer=pb.HealthCheckRequest.SerializeToString,
                               response_deserializer=response.FromString)
        watch = on.unary_stream("/grpc.health.v1.Health/Watch",
                                request_serializer=pb.HealthCheckRequest.SerializeToString,
                                response_deserializer=response.FromString)
        ask = lambda name: check(pb.HealthCheckRequest(service=name), timeout=5).status
        assert ask("") == response.SERVING
        assert ask("imi.test.Probe") == response.NOT_SERVING
        assert status_of(lambda: ask("no.such.Service")) == grpc.StatusCode.NOT_FOUND
        unknown = watch(pb.HealthCheckRequest(service="no.such.Service"), timeout=20)
        assert next(unknown).status == response.SERVICE_UNKNOWN
        unknown.cancel()
        # The probe turns SERVING when told through Echo, and the whole server drains on "drain".
        states = watch(pb.HealthCheckRequest(service="imi.test.Probe"), timeout=20)
        assert next(states).status == response.NOT_SERVING
        echo = raw("/imi.test.Control/Do", on)
        echo(b"serve", timeout=5)
        assert next(states).status == response.SERVING
        echo(b"serve", timeout=5)  # no change, no message
        echo(b"drain", timeout=5)
        assert next(states).status == response.NOT_SERVING
        assert status_of(lambda: next(states)) == grpc.StatusCode.UNAVAILABLE
        assert ask("") == response.NOT_SERVING
        echo(b"serve", timeout=5)  # too late
        assert ask("imi.test.Probe") == response.NOT_SERVING


def reflection():
    for version in ("v1", "v1alpha"):
        pb = stub("grpc/reflection/%s/reflection.proto" % version)
        with channel() as on:
            info = on.stream_stream(
                "/grpc.reflection.%s.ServerReflection/ServerReflectionInfo" % version,
                request_serializer=pb.ServerReflectionRequest.SerializeToString,
                response_deserializer=pb.ServerReflectionResponse.FromString)

            def ask(**question):
                request = pb.ServerReflectionRequest(host="here", **question)
                responses = list(info(iter([request]), timeout=10))
                assert len(responses) == 1 and responses[0].original_request == request
                assert responses[0].valid_host == "here"
                return responses[0]

            def files(**question):
                got = ask(**question).file_descriptor_response.file_descriptor_proto
                return [descriptor_pb2.FileDescriptorProto.FromString(one) for one in got]

            names = [s.name for s in ask(list_services="").list_services_response.service]
            assert names == ["imi.v1.SubjectService", "grpc.health.v1.Health",
                             "grpc.reflection.v1.ServerReflection",
                             "grpc.reflection.v1alpha.ServerReflection"], names
            subject = files(file_by_filename="imi/v1/subject.proto")
            assert subject[0].name == "imi/v1/subject.proto"
            assert "imi/v1/common.proto" in [file.name for file in subject]
            # What came back is complete: a pool builds the service from it.
            pool = descriptor_pool.DescriptorPool()
            for file in reversed(subject):
                pool.Add(file)
            service = pool.FindServiceByName("imi.v1.SubjectService")
            for symbol in ("imi.v1.SubjectService", "imi.v1." + service.methods[0].name + "Request",
                           "imi.v1.SubjectService." + service.methods[0].name):
                assert files(file_containing_symbol=symbol)[0].name == "imi/v1/subject.proto"
            assert files(file_containing_symbol="imi.v1.Decision")[0].name == "imi/v1/common.proto"
            nested = "grpc.health.v1.HealthCheckResponse.ServingStatus"
            assert files(file_containing_symbol=nested)[0].name == "grpc/health/v1/health.proto"
            for question in ({"file_by_filename": "nowhere.proto"},
                             {"file_containing_symbol": "imi.v1.Nothing"},
                             {"file_containing_symbol": "imi.v1"},
                             {"file_containing_symbol": ""},
                             {"all_extension_numbers_of_type": "imi.v1.Session"}):
                assert ask(**question).error_response.error_code == 5, question
            assert ask().error_response.error_code == 3
            # Many questions on one stream are answered in order.
            asked = [pb.ServerReflectionRequest(file_by_filename="f%d" % i) for i in range(50)]
            heard = list(info(iter(asked), timeout=10))
            assert [r.original_request.file_by_filename for r in heard] == [
                "f%d" % i for i in range(50)]


if __name__ == "__main__":
    started = time.monotonic()
    {"bomb": bomb, "pings": pings, "errors": errors, "health": health,
     "reflection": reflection}[CHECK]()
    print("foreign %s: good in %.1f s" % (CHECK, time.monotonic() - started))
