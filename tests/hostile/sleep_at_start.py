"""Never ends its start-up."""

# points: 0
# status: timed out
# seconds: 1

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def start(app: FastAPI) -> AsyncIterator[None]:
    await asyncio.sleep(100_000)
    yield


app = FastAPI(lifespan=start)
