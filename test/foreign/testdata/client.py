"""Drives panoramisk: actions come as JSON on stdin, one a line, what the library reports goes to
stdout, one fact a line. With an empty username the library only connects.

usage: client.py HOST PORT USERNAME SECRET
"""
import asyncio
import json
import sys

from panoramisk import Manager


def tell(fact, *messages):
    print(json.dumps({"fact": fact, "messages": [dict(m.items(), content=m.content) for m in messages]}), flush=True)


def answered(future):
    answer = future.result()
    tell("answer", *(answer if isinstance(answer, list) else [answer]))


async def actions():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        yield json.loads(line)


async def main(host, port, username, secret):
    login = {"username": username, "secret": secret} if username else {}
    manager = Manager(loop=asyncio.get_running_loop(), host=host, port=int(port), **login,
                      on_login=lambda _: tell("login"),
                      on_disconnect=lambda *_: tell("closed"))
    manager.register_event("*", lambda _, event: tell("event", event))
    await manager.connect()
    if login:
        answer = await manager.authenticated_future
        if not answer.success:
            tell("refused", answer)
    else:
        tell("connected")
    async for action in actions():
        manager.send_action(action).add_done_callback(answered)


asyncio.run(main(*sys.argv[1:]))
