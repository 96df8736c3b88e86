"""Counting what a command sent and received."""

import asyncio
import re
from dataclasses import replace

from cudo_sdk.hooks import ReplySeen, RequestSeen
from cudo_shell.exits import ExitCode
from cudo_shell.traffic import Traffic


def seen(method: str, path: str, operation: str) -> tuple[RequestSeen, ReplySeen]:
    request = RequestSeen(operation, method, path, attempt=1, request_bytes=10)
    return request, ReplySeen(operation, method, path, 1, 10, status=200, seconds=0.5, reply_bytes=100)


def told(traffic: Traffic, *events: object) -> int:
    """Tell of events as one call does, on a loop; return how many requests wait for an answer then."""

    async def call() -> int:
        hooks = traffic.hooks()
        for event in events:
            hook = hooks.on_request if isinstance(event, RequestSeen) else hooks.on_response
            assert hook is not None
            hook(event)  # type: ignore[arg-type]  # each hook gets its own kind
        return traffic.in_flight

    return asyncio.run(call())


def test_line_adds_up_all_requests():
    traffic = Traffic()
    told(traffic, *seen("GET", "/a", "GetA"), *seen("GET", "/b", "GetB"))
    assert traffic.line().startswith("2 requests, 20 B sent, 200 B received, 1.000 s on the wire, ")


def test_change_without_an_answer_is_known_until_the_next_command():
    traffic = Traffic()
    stop, stopped = seen("POST", "/vm/stop", "StopVM")
    told(traffic, *seen("GET", "/a", "GetA"), stop)
    assert traffic.has_unanswered_change
    told(traffic, stopped)
    assert not traffic.has_unanswered_change
    told(traffic, stop)
    traffic.reset()
    assert (traffic.has_unanswered_change, traffic.requests) == (False, 0)


def test_read_that_is_cut_off_changes_nothing():
    traffic = Traffic()
    told(traffic, seen("GET", "/a", "GetA")[0])
    assert not traffic.has_unanswered_change


def test_request_is_in_flight_until_its_answer_comes_or_its_call_is_over():
    traffic = Traffic()
    request, reply = seen("GET", "/a", "GetA")
    assert told(traffic, request) == 1
    assert traffic.in_flight == 0, "the call has ended without an answer"
    assert told(traffic, request, reply) == 0


def test_requests_of_several_calls_are_in_flight_together():
    traffic = Traffic()
    hook = traffic.hooks().on_request
    assert hook is not None

    async def ask() -> None:
        hook(seen("GET", "/a", "GetA")[0])
        await asyncio.sleep(0)

    async def count() -> int:
        tasks = [asyncio.create_task(ask()) for _ in range(3)]
        await asyncio.sleep(0)
        found = traffic.in_flight
        await asyncio.gather(*tasks)
        return found - traffic.in_flight

    assert asyncio.run(count()) == 3


def test_ids_of_the_requests_of_a_command_are_kept_in_their_order():
    traffic = Traffic()
    request, reply = seen("GET", "/a", "GetA")
    told(traffic, request, replace(reply, request_id="r-1"), reply, replace(reply, request_id="r-2"))
    ids = traffic.request_ids
    traffic.reset()
    assert (ids, traffic.request_ids) == (["r-1", "r-2"], [])


def test_ids_of_the_last_command_are_those_that_the_server_sent(run, connection):
    run("vm list")
    before = connection.traffic.request_ids
    assert run("vm get nobody").code == ExitCode.NOT_FOUND
    after = connection.traffic.request_ids
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in before + after)
    assert len({*before, *after}) == len(before) + len(after) > 1


def test_command_that_is_refused_has_no_ids_of_the_one_before(run, connection):
    run("vm list")
    assert run("vm list --columns nosuch").code == ExitCode.USAGE
    assert connection.traffic.request_ids == []
