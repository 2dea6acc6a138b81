"""Ways of a frame to the server: one call a frame or a stream of frames, to imid itself or through
imi-gateway, as pages in browsers send them.

A way's phone(world) makes a phone that reaches the server so. Its deliver(phone, capture_id, frames)
gives how many of the frames were taken, in order, and the stable name by which the first of the
others was refused; TAKEN if none was.
"""
import os
import queue
import sys

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../system"))
from gateway_fixture import SUBJECT, WebFailure, WebPhone
from imi_system import Phone, subject

TAKEN = "taken"
STREAM_FRAMES = SUBJECT + "StreamFrames"


def name_of(error):
    """Stable name of a failed call; what the gateway itself refuses has a status of HTTP only."""
    if isinstance(error, WebFailure):
        status, trailers = error.args
        return trailers.get("imi-status", f"http_{status}")
    return dict(error.trailing_metadata() or ()).get("imi-status", error.code().name)


def deliver_singly(phone, capture_id, frames):
    for taken, frame in enumerate(frames):
        try:
            phone.submit(frame, capture_id)
        except (grpc.RpcError, WebFailure) as error:
            return taken, name_of(error)
    return len(frames), TAKEN


def stream_request(capture_id, frame):
    return subject.StreamFramesRequest(capture_id=capture_id, frame=frame)


def deliver_streamed(phone, capture_id, frames):
    """One stream, whose every frame waits for the answer to the one before."""
    requests = queue.SimpleQueue()
    answers = phone.stub.StreamFrames(iter(requests.get, None), timeout=60,
                                      metadata=phone.metadata)
    try:
        for taken, frame in enumerate(frames):
            requests.put(stream_request(capture_id, frame))
            if next(answers, None) is None:
                return taken, "ended"
        return len(frames), TAKEN
    except grpc.RpcError as error:
        return taken, name_of(error)
    finally:
        requests.put(None)
        answers.cancel()


def deliver_in_one_body(phone, capture_id, frames):
    """All frames at once: of those before a refused one not all need be answered."""
    answer = phone.stub.gateway.call(
        STREAM_FRAMES,
        *(stream_request(capture_id, frame).SerializeToString() for frame in frames),
        headers=dict(phone.metadata))
    if answer.http != 200 or answer.code != 0:
        return len(answer.messages), name_of(WebFailure(answer.http, answer.trailers))
    return len(answer.messages), TAKEN


class Way:
    def __init__(self, name, phone, deliver):
        self.name, self.phone, self.deliver = name, phone, deliver


def phone_of_imid(world):
    return Phone(world.client)


def phone_of_gateway(world):
    return WebPhone(world.gateway)


WAYS = (
    Way("SubmitFrame", phone_of_imid, deliver_singly),
    Way("StreamFrames", phone_of_imid, deliver_streamed),
    Way("gRPC-Web SubmitFrame", phone_of_gateway, deliver_singly),
    Way("gRPC-Web StreamFrames", phone_of_gateway, deliver_in_one_body),
)
