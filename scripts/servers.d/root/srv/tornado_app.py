import asyncio, signal, tornado.web


async def main():
    tornado.web.Application([]).listen(8888)
    done = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, done.set)
    await done.wait()


asyncio.run(main())
